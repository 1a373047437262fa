"""What reaches the disk: whole files, exact money, no formulas."""

from __future__ import annotations

import csv
import dataclasses
import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from abssim.file import replacing
from abssim.guard import harmless
from abssim.report.document import run_document, runs_document
from abssim.report.explanation import payment_date_document, priority_document
from abssim.report.output import write_runs
from abssim.study.breakeven import BreakEven, Limit
from abssim.study.study import Study
from tests.unit.measure.handmade import handmade_result

SHEETS = ["Term sheet", "Notes", "Pool", "Accounts", "Ledgers", "Fees", "Holders", "Waterfall", "Triggers", "Checks"]
SHEETS += ["Scenarios"]


def studies(*scenarios: str) -> list[Study]:
    never, early = Limit(None, None, None, True, 30.0), Limit(0.5, 0.01, 0.67, True, 30.0)
    answers = (BreakEven("A", never, never), BreakEven("B", Limit(1.5, 0.03, 2.0, False, 30.0), early))
    runs = [handmade_result(scenario) for scenario in scenarios or ("base",)]
    return [Study(run, run, answers) for run in runs]


def test_csv_holds_every_cash_flow_to_the_cent(tmp_path: Path) -> None:
    write_runs(studies(), tmp_path / "flows.csv")
    with (tmp_path / "flows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    paid = [Decimal(r["amount"]) for r in rows if r["kind"] == "note" and r["field"] == "interest_paid"]
    assert sum(paid) == Decimal("8.61")
    assert {r["kind"] for r in rows} == {"pool", "note", "account", "fee", "step", "trigger"}
    assert {r["amount"] for r in rows if r["kind"] == "trigger" and r["name"] == "bad_debt"} <= {"0", "1"}
    assert [r["name"] for r in rows if r["kind"] == "step" and r["field"] == "due"][:1] == [
        "amortization.note interest"
    ]


def test_parquet_is_the_same_table(tmp_path: Path) -> None:
    write_runs(studies("base", "stress"), tmp_path / "flows.parquet")
    write_runs(studies("base", "stress"), tmp_path / "flows.csv")
    table = pq.read_table(tmp_path / "flows.parquet")
    with (tmp_path / "flows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert table.num_rows == len(rows)
    assert table.column("amount").to_pylist() == [float(row["amount"]) for row in rows]
    assert table.column("date")[0].as_py().isoformat() == rows[0]["date"]


def test_workbook_has_plain_sheets(tmp_path: Path) -> None:
    write_runs(studies("base", "stress"), tmp_path / "run.xlsx")
    book = openpyxl.load_workbook(tmp_path / "run.xlsx")
    assert book.sheetnames == SHEETS
    notes = book["Notes"]
    assert notes.freeze_panes == "E2"
    assert [cell.value for cell in notes[2]][:5] == ["base", 1, notes["C2"].value, "A", 800]
    assert notes["C2"].value.date().isoformat() == "2024-02-15"
    assert notes["E2"].number_format == "#,##0.00"
    assert {row[0].value for row in book["Scenarios"].iter_rows(min_row=2)} == {"base", "stress"}
    assert not any(cell.data_type == "f" for page in book for row in page.iter_rows() for cell in row)


def test_text_cannot_become_a_formula(tmp_path: Path) -> None:
    evil = [dataclasses.replace(study, run=handmade_result('=HYPERLINK("x")')) for study in studies()]
    write_runs(evil, tmp_path / "run.xlsx")
    write_runs(evil, tmp_path / "folder")
    page = openpyxl.load_workbook(tmp_path / "run.xlsx")["Scenarios"]
    assert (page["A2"].value, page["A2"].data_type) == ('=HYPERLINK("x")', "s")
    with (tmp_path / "folder" / "scenarios.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["scenario"] == '\'=HYPERLINK("x")'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_starts_of_formulas_are_escaped(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"
    assert harmless(f"a{start}") == f"a{start}"


def test_folder_has_a_file_for_each_sheet(tmp_path: Path) -> None:
    write_runs(studies(), tmp_path / "deep" / "folder")
    names = sorted(path.name for path in (tmp_path / "deep" / "folder").iterdir())
    sheets = [f"{name.lower().replace(' ', '_')}.csv" for name in SHEETS]
    assert names == sorted([*sheets, "cash_flows.csv", "_manifest.json"])


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_document_has_the_promised_parts() -> None:
    document = run_document(studies()[0])
    keys = ["deal", "scenario", "fingerprint", "notices", "call", "policies", "notes", "pool", "payments", "accounts"]
    keys += ["ledgers", "fees", "holders", "triggers", "checks"]
    assert list(document) == keys
    b = document["notes"][1]
    assert (b["note"], b["balance"], b["principal_loss"], b["first_loss_multiple"]) == ("B", 150.0, 6.0, 1.5)
    assert b["share_of_pool_pct"] == 15.0
    assert document["deal"]["pool"] == {"loans": 10, "obligors": 9, "balance": 1000.0}
    assert document["pool"][0]["cdr_pct"] == pytest.approx(11.3615, abs=1e-4)
    assert document["pool"][3]["cpr_pct"] is None
    assert document["triggers"][2]["cushion"] == pytest.approx(-0.0032)
    assert document["triggers"][4]["threshold"] == 100.0
    assert document["checks"][0]["result"] == "passed"
    json.dumps(document, allow_nan=False)


def test_several_scenarios_are_a_list() -> None:
    document = runs_document(studies("base", "stress"))
    assert [run["scenario"]["name"] for run in document["runs"]] == ["base", "stress"]


def test_amounts_follow_the_currency() -> None:
    run = handmade_result(currency="JPY")
    assert run_document(Study(run, run))["notes"][0]["balance"] == 80_000


def test_payment_date_names_the_origin_of_cash() -> None:
    document = payment_date_document(handmade_result(), 1)
    assert document["steps"][0] == {
        "step": "note interest",
        "rule": "pay_due",
        "due": 2.88,
        "paid": 2.63,
        "shortfall": 0.25,
        "from": {"collections": 2.63},
    }
    assert [step["step"] for step in document["steps"]] == ["note interest", "note principal"]
    assert list(priority_document(handmade_result())) == ["amortization", "enforcement"]
