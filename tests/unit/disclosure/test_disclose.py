"""Loan-level reports of a small deal: as worked by hand, complete or refused with every gap, and read back the same."""

from __future__ import annotations

import csv
import gzip
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from ruamel.yaml import YAML

from abssim.deal.deal import Deal
from abssim.deal.load import deal_of
from abssim.disclosure import facts
from abssim.disclosure.disclose import Disclosed, disclose
from abssim.disclosure.listing import listed
from abssim.document import Document
from abssim.errors import DealError, DisclosureError
from abssim.tape import read_tape
from abssim.template.load import load_template

CASE = Path(__file__).resolve().parents[2] / "cases" / "disclosure"
IDENTIFIER = "0000ABSSIMDEMO000032N202601"
SPACES = {"e": "urn:esma:xsd:DRAFT1auth.099.001.04", "s": "http://www.sec.gov/edgar/document/absee/autoloan/assetdata"}


def deal(**blocks: Any) -> Deal:
    """The case, with blocks replaced; nothing takes one out."""
    data = {**YAML(typ="safe", pure=True).load((CASE / "deal.yaml").read_text(encoding="utf-8")), **blocks}
    data = {key: value for key, value in data.items() if value is not None}
    return deal_of(Document(CASE / "deal.yaml", data, {(): 1}, DealError, "E1"))


def made(document: Deal, template: str, folder: Path, **options: Any) -> Disclosed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return disclose(document, template, folder / "report", **options)


def cells(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("file", ["eu-annex6.csv", "eu-annex6.xml", "us-ex102.xml"])
def test_golden(file: str, tmp_path: Path) -> None:
    made(deal(), file.partition(".")[0], tmp_path)
    assert (tmp_path / "report" / file).read_bytes() == (CASE / "golden" / file).read_bytes()


def test_by_hand(tmp_path: Path) -> None:
    """L-1: 1,000.50 at 6.5 % over 36 months pays 30.66; L-2 repays 600.25 / 24 and 0.6 % of 600.25: 25.01 + 3.60;
    L-3 pays interest alone: 500 x 8 % / 12; L-4 300 / 6 without interest."""
    made(deal(), "eu-annex6", tmp_path)
    rows = cells(tmp_path / "report" / "eu-annex6.csv")
    assert [row["CMRL36"] for row in rows] == ["30.66", "28.61", "3.33", "50.00"]
    assert [row["CMRL32"] for row in rows] == ["FRXX", "FIXE", "BLLT", "FRXX"]
    assert [row["CMRL34"] for row in rows] == ["MNTH", "MNTH", "OTHR", "MNTH"]
    assert [row["CMRL22"] for row in rows] == ["2029-01-31", "2028-01-31", "2028-01-31", "2026-07-31"]
    assert [row["CMRL55"] for row in rows] == ["PERF", "ARRE", "PERF", "DFLT"]
    assert [row["CMRL53"] for row in rows] == ["0.00", "120.50", "0.00", "120.50"]
    assert [row["CMRL7"] for row in rows] == ["2026-02-10"] * 4
    assert [row["CMRL25"] for row in rows] == ["NCAR", "OTHR", "ND3", "TRVL"]
    assert {row["CMRL65"] for row in rows} == {"EXAMPLE LENDING LTD"}


def test_elements_stand_as_the_sample_message_has_them(reference: Callable[[str], Path], tmp_path: Path) -> None:
    """Elements in the order of the smallest message that the regulator's schema takes; a no-data code for a value."""
    sample = ElementTree.parse(reference("../disclosure/esma/sample_auth099_consumer_min.xml")).getroot()
    made(deal(), "eu-annex6", tmp_path)
    report = ElementTree.parse(tmp_path / "report" / "eu-annex6.xml").getroot()

    def outline(element: ElementTree.Element) -> Any:
        children = [outline(child) for child in element if not isinstance(child.tag, type(ElementTree.Comment))]
        leaf = all(not below for _, below in children)
        return element.tag, [] if leaf else [child for child in children if child]

    record = ".//e:UndrlygXpsrRcrd"
    first, expected = report.find(record, SPACES), sample.find(record, SPACES)
    assert first is not None and expected is not None
    names = [[each.tag for each in node.iter() if len(each)] for node in (first, expected)]
    without = [[tag for tag in tags if not re.search(r"\}(NoDataOptn|NoData4|Val)$", tag)] for tags in names]
    assert without[0] == without[1]
    assert outline(report)[0] == outline(sample)[0]


def test_exhibit_102_by_another_reader(tmp_path: Path) -> None:
    """Python's own reader of XML finds the figures of the tape, and only elements of the schedule, in its order."""
    made(deal(), "us-ex102", tmp_path)
    assets = ElementTree.parse(tmp_path / "report" / "us-ex102.xml").getroot().findall("s:assets", SPACES)
    assert [asset.findtext("s:reportingPeriodActualEndBalanceAmount", "", SPACES) for asset in assets] == [
        *("1000.50", "600.25", "500.00", "300.00")
    ]
    order = [field.code for field in load_template("us-ex102").fields]
    for asset in assets:
        places = [order.index(element.tag.rpartition("}")[2]) for element in asset]
        assert places == sorted(places)


@pytest.mark.parametrize("template", ["eu-annex6", "us-ex102"])
def test_read_back(template: str, tmp_path: Path) -> None:
    """The tape of the report is the deal's tape."""
    made(deal(), template, tmp_path)
    tape = read_tape(CASE / "loans.csv", cut_off=deal().dates.cut_off).tape
    back = read_tape(tmp_path / "report" / f"{template}.xml").tape
    for name in ("balance", "original_balance", "rate", "remaining_term", "days_past_due", "loan_id"):
        assert np.array_equal(tape.column(name), back.column(name)), name


def test_world_omni_there_and_back(reference: Callable[[str], Path], tmp_path: Path) -> None:
    """A real tape to XML and back: all of its 63 elements, on every loan."""
    file, codes = reference("world-omni-2020-a/world_omni.csv"), [f.code for f in load_template("us-ex102").fields]
    done = made(deal(), "us-ex102", tmp_path, tape=file)
    tape, back = (read_tape(each, keep=codes).tape for each in (file, tmp_path / "report" / "us-ex102.xml"))
    assert len(back) == 7_572
    empty = 0
    for name in [name for name in tape.extra if name.partition(".")[0] in codes]:
        own = tape.column(name)
        if name not in back.extra:
            empty += 1
            assert (own == "").all() if own.dtype.kind == "U" else np.isnan(own).all(), name
        else:
            assert np.array_equal(own, back.column(name), equal_nan=own.dtype.kind == "f"), name
    assert empty == 9 and (tape.balance == back.balance).all() and (tape.rate == back.rate).all()
    assert done.findings[0].omitted["originalInterestOnlyTermNumber"] == 7_572


def test_views_hold_what_the_message_holds(tmp_path: Path) -> None:
    made(deal(), "eu-annex6", tmp_path, forms=["xml.gz", "csv", "xlsx"])
    rows = cells(tmp_path / "report" / "eu-annex6.csv")
    sheet = openpyxl.load_workbook(tmp_path / "report" / "eu-annex6.xlsx")["loan"]
    found = [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert found[0] == list(rows[0]) and found[1][:2] == ["Unique Identifier", "Data Cut-Off Date"]
    assert [row[found[0].index("CMRL28")] for row in found[2:]] == [1000.5, 600.25, 500, 300]
    with gzip.open(tmp_path / "report" / "eu-annex6.xml.gz") as stream:
        assert stream.read() == (CASE / "golden" / "eu-annex6.xml").read_bytes()


def test_no_data_codes_are_told_and_what_says_nothing(tmp_path: Path) -> None:
    block = {
        "identifier": "0000ABSSIMDEMO000032N202601",
        "values": {"CMRL53": 1, "CMRL28": 5},
        "no_data": {"CMRL28": "ND5"},
    }
    notes = made(deal(disclosure=block), "eu-annex6", tmp_path).notes
    assert "disclosure.values.CMRL28 has no effect: every row has a value of its own" in notes
    assert "disclosure.no_data.CMRL28 has no effect: every row has a value" in notes
    assert any(note.startswith("eu-annex6: ND1 stands in") and "CMRL12" in note for note in notes)


def test_every_gap_at_once_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError) as caught:
        made(deal(parties=None, disclosure={"values": {"CMRL11": 12020}}), "eu-annex6", tmp_path)
    told = {(problem.code, problem.path) for problem in caught.value.problems}
    assert told == {
        *(("E801", code) for code in ("CMRL1", "CMRL53", "CMRL65", "CMRL66", "CMRL67")),
        ("E802", "CMRL11"),
    }
    assert "2 rows, the first is loan L-2" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"values": {"CMRL999": 1}}, "E803"),
        ({"no_data": {"CMRL28": "ND1"}}, "E804"),
        ({"no_data": {"CMRL65": "ND5"}}, "E804"),
        ({"values": {"CMRL53": "ND5"}}, "E802"),
        ({"values": {"CMRL12": "EMPLOYED"}}, "E802"),
        ({"values": {"CMRL51": ["2026-01-31", "soon"]}}, "E802"),
    ],
)
def test_facts_that_no_template_takes(block: dict[str, Any], code: str, tmp_path: Path) -> None:
    whole = {"identifier": IDENTIFIER, **block}
    with pytest.raises(DisclosureError) as caught:
        made(deal(disclosure=whole), "eu-annex6", tmp_path)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_figure_of_the_run_cannot_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    template = load_template("eu-annex6")
    field = replace(template.fields[-1], source="run.overcollateralisation_pct")
    monkeypatch.setattr(facts, "load_template", lambda name: replace(template, fields=(field,)))
    with pytest.raises(DisclosureError) as caught:
        facts.Facts(deal(disclosure={"values": {"CMRL69": "X"}}))
    assert caught.value.code == "E805"


def test_template_that_does_not_exist(tmp_path: Path) -> None:
    for name in ("eu-annex66", "../eu-annex6", "/etc/passwd"):
        with pytest.raises(DisclosureError) as caught:
            made(deal(), name, tmp_path)
        assert caught.value.code == "E800" and list(tmp_path.iterdir()) == []


def test_pools_without_loans(tmp_path: Path) -> None:
    replines = {"loans": {"replines": [{"balance": 2_400, "rate_pct": 6, "remaining_term": 24, "age": 0}]}}
    with pytest.raises(DisclosureError) as caught:
        made(deal(pools=replines), "eu-annex6", tmp_path)
    assert caught.value.code == "E806"


def test_several_pools_have_files_of_their_own(tmp_path: Path) -> None:
    pools = {"one": {"tape": "loans.csv"}, "two": {"tape": "loans.csv"}}
    done = made(deal(pools=pools), "us-ex102", tmp_path, forms=["xml"])
    assert done.files == ("_manifest.json", "us-ex102-one.xml", "us-ex102-two.xml")
    assert [found.omitted["obligorCreditScore"] for found in done.findings] == [4, 4]


def test_ids_that_differ_by_small_letters(tmp_path: Path) -> None:
    file = tmp_path / "loans.csv"
    file.write_text((CASE / "loans.csv").read_text(encoding="utf-8").replace("L-2,", "l-1,"), encoding="utf-8")
    with pytest.raises(DisclosureError) as caught:
        made(deal(), "eu-annex6", tmp_path, tape=file)
    assert caught.value.code == "E810"


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "@SUM(A1)",
    "+1",
    "-1+2",
    "<script>alert(1)</script>",
    "&lt;!DOCTYPE",
    "]]>",
    '"><x y="',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts(text: str, tmp_path: Path) -> None:
    """Escaped in XML, no formula in CSV and Excel."""
    parties = {"originator": {"name": text, "lei": "0000ABSSIMDEMO000032", "country": "IE"}}
    made(deal(parties=parties), "us-ex102", tmp_path, forms=["xml", "csv", "xlsx"])
    folder = tmp_path / "report"
    asset = ElementTree.parse(folder / "us-ex102.xml").getroot().find("s:assets", SPACES)
    assert asset is not None and asset.findtext("s:originatorName", "", SPACES) == text
    shown = f"'{text}" if text[0] in "=+-@" else text
    assert cells(folder / "us-ex102.csv")[0]["originatorName"] == shown
    sheet = openpyxl.load_workbook(folder / "us-ex102.xlsx")["loan"]
    found = next(cell for row in sheet.iter_rows() for cell in row if cell.value == shown)
    assert found.data_type == "s"


def test_control_letters_are_refused(tmp_path: Path) -> None:
    parties = {"originator": {"name": "A\tB\x01", "lei": "0000ABSSIMDEMO000032", "country": "IE"}}
    with pytest.raises(DisclosureError) as caught:
        made(deal(parties=parties), "us-ex102", tmp_path)
    assert caught.value.code == "E802"


def test_the_folder_is_replaced_only_where_it_is_abssims(tmp_path: Path) -> None:
    made(deal(), "us-ex102", tmp_path)
    made(deal(), "us-ex102", tmp_path, forms=["csv"])
    files = json.loads((tmp_path / "report" / "_manifest.json").read_text(encoding="utf-8"))["files"]
    assert list(files) == ["us-ex102.csv"]
    (tmp_path / "report" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Exception, match="E024"):
        made(deal(), "us-ex102", tmp_path)


def test_stopped_on_the_way(tmp_path: Path) -> None:
    """Nothing stands under the folder's name, nor beside it."""

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(deal(), "us-ex102", tmp_path, progress=stop)
    assert list(tmp_path.iterdir()) == []


def schema(folder: Path, kind: str) -> Path:
    """A schema that knows loans with a balance of a kind, and nothing else."""
    file = folder / "own.xsd"
    file.write_text(
        f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{SPACES["s"]}"
  elementFormDefault="qualified"><xs:element name="assetData"><xs:complexType><xs:sequence>
  <xs:element name="assets" maxOccurs="unbounded"><xs:complexType><xs:sequence>
  <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded" namespace="{kind}"/>
  </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>""",
        encoding="utf-8",
    )
    return file


def test_against_a_schema_of_ones_own(tmp_path: Path) -> None:
    made(deal(), "us-ex102", tmp_path, schema=schema(tmp_path, "##targetNamespace"), forms=["xml", "xml.gz"])
    with pytest.raises(DisclosureError) as caught:
        made(deal(), "us-ex102", tmp_path, schema=schema(tmp_path, "##other"))
    assert caught.value.code == "E814" and caught.value.problems[0].where == "us-ex102.xml"
    with pytest.raises(DisclosureError) as caught:
        made(deal(), "us-ex102", tmp_path, schema=CASE / "loans.csv")
    assert caught.value.code == "E813"


def test_what_is_missing_is_listed() -> None:
    lacks = {template.name: [field.code for field, _ in missing] for template, missing in listed(deal(parties=None))}
    assert lacks["eu-annex6"] == ["CMRL65", "CMRL66", "CMRL67"] and lacks["us-ex102"] == []


def test_a_sheet_that_is_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("abssim.disclosure.view._SHEET_ROWS", 4)
    with pytest.raises(DisclosureError) as caught:
        made(deal(), "us-ex102", tmp_path, forms=["xlsx"])
    assert caught.value.code == "E809"
