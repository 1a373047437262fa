"""Templates: whole, in the order of their messages, every field with somebody who knows it; as the lists have them."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from abssim import compile_deal
from abssim.deal.disclosure import Parties, Party
from abssim.disclosure.investor import cash_rows, report_row, trigger_rows
from abssim.disclosure.loan_source import SOURCES
from abssim.disclosure.spell import _SPELLINGS
from abssim.disclosure.trustee import Trustee
from abssim.study.project import run
from abssim.template.field import Field, Template, is_no_data, no_data_date
from abssim.template.load import load_template, template_names

NAMES = template_names()
REPORT = {"cut_off", "currency", "period_end"}
DEAL = {"identifier", "name", "value"}
LISTS = {
    "eu-annex5": "annex05_auto_AUTL",
    "eu-annex6": "annex06_consumer_CMRL",
    "eu-annex12": "annex12_investor_report_IVSS_IVSR_IVSF",
}


def known(field: Field) -> bool:
    """Every code is computed, taken from the deal or a column of the tape, or named as not applicable by default."""
    kind, _, rest = field.source.partition(".")
    if kind == "party":
        role, _, what = rest.partition(".")
        return role in Parties.model_fields and what in Party.model_fields
    if field.computed:
        return field.source in computed()
    return rest in {"loan": SOURCES.keys(), "report": REPORT, "deal": DEAL}[kind]


@cache
def computed() -> set[str]:
    """Sources that a revolving deal with triggers has on its first payment date."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = compile_deal("jd-baitiao-2015-1")
        result = run(compiled)
    rows = [report_row(compiled.deal, result, 0)]
    rows += [*trigger_rows(compiled.deal, result, 0), *cash_rows(compiled.deal, result, 0)]
    trustee = Trustee(compiled.deal, result, 1)
    rows += [trustee.once(), *(row for table in trustee.tables().values() for row in table)]
    return {source for row in rows for source in row.values}


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_a_source_and_a_spelling(name: str) -> None:
    fields = load_template(name).fields
    assert [field.code for field in fields if not known(field)] == []
    assert {field.format for field in fields} <= _SPELLINGS.keys()
    assert all(bool(field.choices) == (field.format == "LIST") for field in fields)
    assert all(field.default in ("", *field.no_data) and bool(field.default) == bool(field.no_data) for field in fields)


@pytest.mark.parametrize("name", NAMES)
def test_codes_and_places_are_there_once_and_what_stands_once_comes_first(name: str) -> None:
    template = load_template(name)
    assert len({field.code for field in template.fields}) == len(template.fields)
    assert len({field.order for field in template.fields}) == len(template.fields)
    inside = [
        bool(template.sections[field.section])
        for field in template.in_order
        if field.path[: len(template.sections[field.section])] == template.sections[field.section]
    ]
    assert inside == sorted(inside)
    assert template.legal_basis and template.version and template.title


def rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


@pytest.mark.parametrize("name", LISTS)
def test_is_the_regulators_list(name: str, reference: Callable[[str], Path]) -> None:
    """Every code with its name, format, choices, place and no-data codes; none beyond them."""
    listed = {row["code"]: row for row in rows(reference(f"../disclosure/esma/{LISTS[name]}.csv"))}
    order = {row["code"]: int(row["seq"]) for row in rows(reference("../disclosure/esma/schema_order.csv"))}
    fields = {field.code: field for field in load_template(name).fields}
    assert fields.keys() == listed.keys()
    for code, row in listed.items():
        field = fields[code]
        assert field.name == row["name"] and field.order == order[code]
        assert set(field.choices) == set(filter(None, row["list_values"].split("|")))
        assert "/".join(field.path).endswith(row["xml_path"])
        assert ("ND1" in field.no_data, "ND5" in field.no_data) == (row["nd1_nd4"] == "YES", row["nd5"] == "YES")
        assert field.repeats == ("unbounded" in row["xml_card"])


def test_exhibit_102_is_the_list(reference: Callable[[str], Path]) -> None:
    listed = list(rows(reference("../disclosure/sec/autoloan_schedule_al_ex102.csv")))
    fields = load_template("us-ex102").fields
    assert [field.code for field in fields] == [row["xml_element"] for row in listed]
    assert {field.code for field in fields if field.repeats} == {r["xml_element"] for r in listed if "n" in r["occurs"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ND1", True), ("ND4", False), ("ND4-2026-12-31", True), ("ND6", False), ("NDFT", False), ("nd5", False)],
)
def test_no_data_codes(text: str, expected: bool) -> None:
    assert is_no_data(text) is expected


def test_day_of_a_no_data_code() -> None:
    assert (no_data_date("ND4-2026-12-31"), no_data_date("ND5")) == ("2026-12-31", "")


def test_a_template_nobody_has() -> None:
    with pytest.raises(KeyError):
        load_template("../us-ex102")


def test_sections() -> None:
    template: Template = load_template("eu-annex6")
    assert [len(template.of(section)) for section in template.sections] == [2, 67]
    assert template.record("loan")[-1] == "UndrlygXpsrRcrd" and template.loan_level
