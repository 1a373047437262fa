"""A start in mid-life from a servicer's figures, worked by hand, and what a purchase may not outlive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abssim.collateral.source import load_assets
from abssim.deal.load import load_deal
from abssim.errors import CompileError
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.load import parse_scenario

CASES = Path(__file__).resolve().parents[2] / "cases"


@pytest.fixture(scope="module")
def result() -> RunResult:
    deal = load_deal(CASES / "mid-life.yaml")
    assert deal.document is not None
    return run(compile_deal(deal), parse_scenario(deal.document.part("scenario")))


def test_dates_go_on_from_the_eighteenth(result: RunResult) -> None:
    assert result.dates.number == (18, 19)
    assert [day.isoformat() for day in result.dates.unadjusted] == ["2026-07-15", "2026-08-15"]


def test_first_date(result: RunResult) -> None:
    """Cash 8,000 + 300 + 100 + 40,000 + 10,000 + 2,000 + 3,000 - 600 = 62,800.00. Fee 1,000,000 x 1 % / 12 + 500
    unpaid = 1,333.33; A 700,000 x 6 % / 12 + 1,000 unpaid = 4,500.00; B 200,000 at the cap of 5 % / 12 = 833.33. Notes
    of 900,000 go down to 930,000 - 50,000: 20,000.00. The seller has the rest, 36,133.34."""
    assert result.fee_flow[0, 0, FeeField.PAID] == 1_333_33
    assert result.note_flow[0, :, NoteField.INTEREST_PAID].tolist() == [4_500_00, 833_33]
    assert result.note_flow[0, :, NoteField.PRINCIPAL_PAID].tolist() == [20_000_00, 0]
    assert result.holder_paid[0].tolist() == [36_133_34]


def test_second_date(result: RunResult) -> None:
    """Pool 942,000 - 30,000 = 912,000, also the adjusted one. Fee 785.00; A 680,000 x 6 % / 12 = 3,400.00; B at the
    floor of 1 % (0.25 + 0.5 is below it) 166.67. Principal 880,000 - 862,000 = 18,000.00; rest 37,000 - 22,351.67."""
    assert result.fee_flow[1, 0, FeeField.PAID] == 785_00
    assert result.note_flow[1, :, NoteField.INTEREST_PAID].tolist() == [3_400_00, 166_67]
    assert result.note_flow[1, :, NoteField.PRINCIPAL_PAID].tolist() == [18_000_00, 0]
    assert result.holder_paid[1].tolist() == [14_648_33]


def test_pool_goes_on_from_its_past(result: RunResult) -> None:
    """Non-performing 10,000 + 5,000 - 3,000 - 4,000; net loss (50,000 - 20,000 + 5,000 - 3,000) / 2,000,000 = 1.6 %."""
    flow, cumulative = result.pool_flow[0, 0], result.pool_cumulative[0, 0]
    assert flow[PoolField.NON_PERFORMING_BALANCE] == 8_000_00
    assert flow[PoolField.CURRENT_BALANCE] == (942_000 - 31_000) * 100
    assert result.trigger_values[0, 0].tolist() == pytest.approx([0.016, 0.02])
    sums = {
        "DEFAULT": 55_000,
        "RECOVERY": 23_000,
        "LOSS": 19_000,
        "SCHEDULED_PRINCIPAL": 740_000,
        "PREPAYMENT": 260_000,
    }
    assert {name: cumulative[PoolField[name]] // 100 for name in sums} == sums


def test_loans_that_outlive_the_legal_final_are_not_bought(tmp_path: Path) -> None:
    """Bought on the third date at the latest, three months from the cut-off; the legal final is 23 months after it."""
    text = (CASES / "observables.yaml").read_text()
    bought = "replenishment: {replines: [{balance: 100_000, rate_pct: 12, remaining_term: 6}]}"
    for margin, terms in ((4, [16]), (3, [16, 17])):
        two = bought.replace("6}]", "16}, {balance: 100_000, rate_pct: 12, remaining_term: 17}]")
        file = tmp_path / f"{margin}.yaml"
        file.write_text(text.replace(bought, f"{two}\n  last_term_before_legal_final: {margin}"))
        replenishment = load_assets(load_deal(file), None, "fail").replenishment
        assert replenishment is not None
        assert np.sort(replenishment.collateral.tape.remaining_term).tolist() == terms
    file.write_text(text.replace(bought, f"{bought}\n  last_term_before_legal_final: 19"))
    with pytest.raises(CompileError, match="E403"):
        load_assets(load_deal(file), None, "fail")
