"""The EU's investor report: the identities of its figures, the ledger of cash, rates against hand calculations."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from abssim import compile_deal
from abssim.disclosure.disclose import disclose
from abssim.disclosure.figures import SETTLED, Figures
from abssim.disclosure.ledger import ledger, residual
from abssim.errors import AbssimError, DisclosureError
from abssim.kind.account import AccountField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField as P
from abssim.result import RunResult
from abssim.study.project import run
from abssim.template.load import load_template

CASE = Path(__file__).resolve().parents[2] / "cases" / "disclosure"
SPACE = {"e": "urn:esma:xsd:DRAFT1auth.098.001.04"}
DEALS = ["template", "jd-baitiao-2015-1", "sdart-2024-1", "carmax-2025-2", "jd-baitiao-abn-2018-1", str(CASE)]


@cache
def ran(name: str) -> tuple[Any, RunResult]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = compile_deal(name)
        return compiled.deal, run(compiled)


@pytest.mark.parametrize("name", DEALS)
def test_the_ledger_closes_on_every_date(name: str) -> None:
    """Amount + balance before = balance, inflows first, nothing left; the notes' principal is the steps' principal."""
    deal, result = ran(name)
    for t in range(result.periods):
        items, left = ledger(deal, result, t), 0
        for item, balance in items:
            assert left + item.amount == balance >= 0
            left = balance
        assert left == 0
        signs = [item.amount < 0 for item, _ in items if item.amount]
        assert signs == sorted(signs)
        assert len({item.id for item, _ in items}) == len(items)
        income = result.account_flow[t, :, [AccountField.COLLECTED]].sum()
        assert sum(item.amount for item, _ in items if item.id.startswith("IN-")) == income
        assert 0 <= residual(deal, result, t) <= -sum(item.amount for item, _ in items if item.amount < 0)


@pytest.mark.parametrize("name", DEALS)
def test_pool_and_notes_roll(name: str) -> None:
    """Opening - scheduled - prepaid - charged off - repurchased - dilution + purchases = closing, to the cent."""
    _, result = ran(name)
    for t in range(result.periods):
        figures = Figures(result, t)
        pool = figures.pool
        gone = (P.SCHEDULED_PRINCIPAL, P.PREPAYMENT, *SETTLED, P.REPURCHASE, P.DILUTION, P.SOLD_BALANCE)
        came = (P.PURCHASE, P.CAPITALIZED_INTEREST)
        assert figures.opening - sum(pool[f] for f in gone) + sum(pool[f] for f in came) == figures.closing
        assert pool[P.CLOSING_BALANCE] + pool[P.NON_PERFORMING_BALANCE] == figures.closing
        late = figures.arrears()
        owed = pool[P.DPD_1_30_BALANCE] + pool[P.DPD_31_60_BALANCE] + pool[P.DPD_61_90_BALANCE]
        assert sum(late.values()) == owed + pool[P.NON_PERFORMING_BALANCE] and min(late.values()) >= 0
        paid = (
            result.note_flow[t, :, NoteField.PRINCIPAL_PAID].sum() + result.note_flow[t, :, NoteField.WRITE_DOWN].sum()
        )
        before = (
            result.note_flow[t, :, NoteField.OPENING_BALANCE].sum()
            + result.note_flow[t, :, NoteField.CAPITALIZED].sum()
        )
        assert figures.notes == before - paid


def test_rates_by_the_regimes_own_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 % a quarter is 11.47 % a year and not 12 %; 1 % a month 11.36 %."""
    figures = Figures(ran("template")[1], 0)
    assert round(figures.annual(1, 100), 2) == 11.36
    clock = figures.result.clock.copy()
    clock[0, 2] = 3
    monkeypatch.setattr(RunResult, "clock", property(lambda self: clock))
    assert round(figures.annual(3, 100), 2) == 11.47
    assert figures.annual(3, 0) == 0.0


def test_prepayments_over_the_whole_pool_and_defaults_over_what_performs() -> None:
    _, result = ran("template")
    figures = Figures(result, 5)
    pool, values = figures.pool, figures.values()
    p, d = pool[P.PREPAYMENT] / figures.opening, pool[P.DEFAULT] / pool[P.OPENING_BALANCE]
    assert figures.opening > pool[P.OPENING_BALANCE]
    assert float(values["run.cpr_pct"]) == pytest.approx(100 * (1 - (1 - p) ** 12), abs=1e-8)
    assert float(values["run.cdr_pct"]) == pytest.approx(100 * (1 - (1 - d) ** 12), abs=1e-8)
    assert float(values["run.cdr_pct"]) == pytest.approx(2.5, abs=0.01)
    assert float(values["run.overcollateralisation_pct"]) == pytest.approx(
        100 * pool[P.CLOSING_BALANCE] / figures.notes
    )


def report(folder: Path, period: int = 3, **options: Any) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disclose(CASE, "eu-annex12", folder / "report", period=period, **options)
    return folder / "report"


def test_golden(tmp_path: Path) -> None:
    """Of the third payment date."""
    assert (report(tmp_path) / "eu-annex12.xml").read_bytes() == (CASE / "golden" / "eu-annex12.xml").read_bytes()


def test_message_by_another_reader(tmp_path: Path) -> None:
    """Outflows are amounts with a sign after them; what stands after the last item is nothing."""
    root = ElementTree.parse(report(tmp_path) / "eu-annex12.xml").getroot()
    flows = root.findall(".//e:CshFlow", SPACE)
    amounts = [flow.find("e:AmtPdDurgPrd", SPACE) for flow in flows]
    signs = [[child.tag.rpartition("}")[2] for child in amount] for amount in amounts if amount is not None]
    assert signs[0] == ["Amt"] and signs[1] == ["Amt", "Sgn"]
    assert flows[-1].findtext("e:AvlblFndPst/e:Amt", "", SPACE) == "0.00"
    people = [person.text for person in root.findall(".//e:CtctPrsn", SPACE)]
    assert people == ["ANN EXAMPLE", "BOB EXAMPLE"]
    assert root.findtext(".//e:CutOffDt", "", SPACE) == "2026-04-30"


def test_elements_stand_as_the_sample_message_has_them(reference: Callable[[str], Path], tmp_path: Path) -> None:
    sample = ElementTree.parse(reference("../disclosure/esma/sample_auth098_min.xml")).getroot()
    own = ElementTree.parse(report(tmp_path) / "eu-annex12.xml").getroot()
    for part in ("UndrlygXpsrDtls", "PmtAndColltn", "RskAndPrfrmnc", "RskRtntn", "CshFlow"):
        names = []
        for root in (own, sample):
            found = root.find(f".//e:InvstrRpt/e:{part}", SPACE)
            assert found is not None
            names.append([child.tag for child in found])
        assert names[0] == names[1]


def test_triggers_are_rows(tmp_path: Path) -> None:
    """Ratios in percentage points; a trigger that changes the waterfall says so."""
    from abssim.disclosure.investor import trigger_rows

    deal, result = ran("jd-baitiao-2015-1")
    rows = [row.values for row in trigger_rows(deal, result, 3)]
    assert len(rows) == len(deal.triggers)
    for row, (name, trigger) in zip(rows, deal.triggers.items(), strict=True):
        assert row["test.id"] == name and row["test.frequency_days"] in ("30", "60", "90", "120")
        regimes = ("amortization", "early_amortization", "enforcement")
        assert row["test.consequence"] == ("CHPP" if trigger.effect in regimes else "OTHR")
    assert any(float(row["test.threshold"]) == 5 for row in rows if row["test.threshold"])


@pytest.mark.parametrize(
    ("template", "options", "code"),
    [
        ("eu-annex12", {}, "E007"),
        ("eu-annex12", {"period": 0}, "E808"),
        ("eu-annex12", {"period": 999}, "E808"),
        ("eu-annex12", {"as_of": date(2026, 4, 26)}, "E808"),
        ("eu-annex12", {"as_of": date(2036, 4, 26)}, "E808"),
        ("eu-annex12", {"as_of": date(2026, 4, 25), "period": 3}, "E007"),
        ("eu-annex6", {"period": 2}, "E807"),
        ("eu-annex6", {"as_of": date(2026, 2, 28)}, "E807"),
        ("eu-annex6", {"scenario": "base"}, "E007"),
    ],
)
def test_dates_that_no_report_is_of(template: str, options: dict[str, Any], code: str, tmp_path: Path) -> None:
    with warnings.catch_warnings(), pytest.raises(AbssimError) as caught:
        warnings.simplefilter("ignore")
        disclose(CASE, template, tmp_path / "report", **options)
    assert caught.value.code == code and not (tmp_path / "report").exists()


def test_a_date_by_its_day_and_how_figures_are_made(tmp_path: Path) -> None:
    """The third payment date by its day is the same report, and what could be made otherwise is told."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        disclose(CASE, "eu-annex12", tmp_path / "report", as_of=ran(str(CASE))[1].dates.payment[2])
    assert (tmp_path / "report" / "eu-annex12.xml").read_bytes() == (CASE / "golden" / "eu-annex12.xml").read_bytes()
    assert any("100 x (1 - (1 - p)^n)" in str(each.message) for each in told)


def test_items_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    deal, result = ran("template")
    monkeypatch.setattr("abssim.disclosure.ledger._WITHOUT_CASH", ("book", "carry", "pay_due"))
    with pytest.raises(DisclosureError) as caught:
        ledger(deal, result, 0)
    assert caught.value.code == "E812"


def test_views(tmp_path: Path) -> None:
    """A table for what stands once, one for tests, one for cash; the balance rolls in the file too."""
    folder = report(tmp_path, forms=["csv"])
    with (folder / "eu-annex12-cash_flow.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    left = 0.0
    for row in rows:
        left += float(row["IVSF5"])
        assert left == pytest.approx(float(row["IVSF6"]), abs=1e-9)
    assert {row["IVSF1"] for row in rows} == {"0000ABSSIMDEMO000032N202601"}
    with (folder / "eu-annex12-report.csv").open(encoding="utf-8-sig", newline="") as stream:
        values = {row["code"]: row["value"] for row in csv.DictReader(stream)}
    assert set(values) == {field.code for field in load_template("eu-annex12").of("report")}
    arrears = [float(values[f"IVSS{number}"]) for number in range(38, 45)]
    assert all(0 <= each <= 100 for each in arrears)
