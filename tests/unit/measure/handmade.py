"""A run written by hand: a pool of 1 000.00, notes A 800.00 and B 150.00, reserve 20.00, four monthly dates.

    period            1        2        3        4
    opening     1000.00   700.00   400.00   150.00
    interest      10.00     7.00     4.00     1.50
    scheduled    250.00   250.00   200.00   150.00
    prepayment    40.00    40.00    40.00     0.00
    default       10.00    10.00    10.00     0.00
    recovery       0.00     4.00     4.00     4.00

A takes all principal until it is repaid in period 3; B is left with 6.00 unpaid. Interest is 5 % and 6 % 30/360, paid
in full but for period 2, where B is 0.25 short until the next date. What is not paid out stays in the account.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.dates import DateType
from abssim.engine.state import StateLayout, block, state_layout
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField, Regime
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.step import StepField
from abssim.kind.trigger import TriggerField
from abssim.result import CheckOutcome, NoteTerms, PeriodDates, RunResult, StepTerms, TriggerTerms

Int64 = npt.NDArray[np.int64]

DATES = PeriodDates(
    cut_off=date(2024, 1, 1),
    closing=date(2024, 1, 20),
    payment=(date(2024, 2, 15), date(2024, 3, 15), date(2024, 4, 15), date(2024, 5, 15)),
    unadjusted=(date(2024, 2, 15), date(2024, 3, 15), date(2024, 4, 15), date(2024, 5, 15)),
    month=(1, 2, 3, 4),
    number=(1, 2, 3, 4),
    types=(DateType.PAYMENT,) * 4,
)
POOL = {
    PoolField.OPENING_BALANCE: (100_000, 70_000, 40_000, 15_000),
    PoolField.INTEREST: (1_000, 700, 400, 150),
    PoolField.SCHEDULED_PRINCIPAL: (25_000, 25_000, 20_000, 15_000),
    PoolField.PREPAYMENT: (4_000, 4_000, 4_000, 0),
    PoolField.DEFAULT: (1_000, 1_000, 1_000, 0),
    PoolField.RECOVERY: (0, 400, 400, 400),
    PoolField.CLOSING_BALANCE: (70_000, 40_000, 15_000, 0),
    PoolField.CURRENT_BALANCE: (66_500, 38_000, 14_250, 0),
    PoolField.DPD_1_30_BALANCE: (2_000, 1_200, 450, 0),
    PoolField.DPD_31_60_BALANCE: (1_000, 500, 200, 0),
    PoolField.DPD_61_90_BALANCE: (500, 300, 100, 0),
    PoolField.NON_PERFORMING_BALANCE: (1_000, 1_600, 2_200, 1_800),
}
NOTE_A = {
    NoteField.OPENING_BALANCE: (80_000, 51_000, 22_000, 0),
    NoteField.ACCRUED_INTEREST: (278, 213, 92, 0),
    NoteField.INTEREST_DUE: (278, 213, 92, 0),
    NoteField.INTEREST_PAID: (278, 213, 92, 0),
    NoteField.PRINCIPAL_PAID: (29_000, 29_000, 22_000, 0),
    NoteField.BALANCE: (51_000, 22_000, 0, 0),
}
NOTE_B = {
    NoteField.OPENING_BALANCE: (15_000, 15_000, 15_000, 13_000),
    NoteField.ACCRUED_INTEREST: (63, 75, 75, 65),
    NoteField.INTEREST_DUE: (63, 75, 100, 65),
    NoteField.INTEREST_PAID: (63, 50, 100, 65),
    NoteField.INTEREST_SHORTFALL: (0, 25, 0, 0),
    NoteField.PRINCIPAL_PAID: (0, 0, 2_000, 12_400),
    NoteField.BALANCE: (15_000, 15_000, 13_000, 600),
}
COLLECTED = (30_000, 30_100, 24_800, 15_550)
PAID = (29_341, 29_263, 24_192, 12_465)
NAMES: dict[str, tuple[str, ...]] = {
    "pool": ("loans",),
    "note": ("A", "B"),
    "account": ("collections", "reserve"),
    "ledger": (),
    "fee": ("servicing",),
    "holder": (),
    "step": ("amortization.note interest", "amortization.note principal", "enforcement.residual"),
    "trigger": ("bad_debt", "thin_pool"),
    "definition": (),
}


def handmade_result(scenario: str = "base", currency: str = "USD") -> RunResult:
    """The run of the module's docstring."""
    layout = state_layout({kind: len(names) for kind, names in NAMES.items()})
    trace = np.zeros((4, layout.size), np.int64)
    initial = np.zeros(layout.size, np.int64)
    _fill(block(trace, layout, "pool")[:, 0], POOL)
    cumulative = {field: np.cumsum(values) for field, values in POOL.items()}
    _fill(block(trace, layout, "cumulative")[:, 0], cumulative)
    _fill(block(trace, layout, "note")[:, 0], NOTE_A)
    _fill(block(trace, layout, "note")[:, 1], NOTE_B)
    _fill_accounts(block(trace, layout, "account"))
    _fill(block(trace, layout, "fee")[:, 0], {FeeField.ACCRUED: (83, 58, 33, 13), FeeField.DUE: (83, 58, 33, 13)})
    _fill_steps(trace, layout)
    clock = block(trace, layout, "clock")
    _fill(clock, {ClockField.PERIOD: (1, 2, 3, 4), ClockField.MONTHS: (1, 1, 1, 1), ClockField.MONTH: (1, 2, 3, 4)})
    clock[:, ClockField.REGIME] = Regime.AMORTIZATION
    _fill(
        block(trace, layout, "trigger")[:, 0], {TriggerField.ACTIVE: (0, 0, 1, 1), TriggerField.BREACHED: (0, 0, 1, 0)}
    )
    block(trace, layout, "trigger")[3, 1, TriggerField.BREACHED] = 1
    block(initial, layout, "pool")[0, PoolField.CLOSING_BALANCE] = 100_000
    block(initial, layout, "note")[:, NoteField.BALANCE] = (80_000, 15_000)
    block(initial, layout, "account")[1, AccountField.BALANCE] = 2_000
    return RunResult(
        deal_name="Handmade 2024-1",
        scenario_name=scenario,
        scenario_reason="worked by hand",
        currency=currency,
        fingerprint="0123456789abcdef" * 4,
        versions={"abssim": "0.1.0"},
        dates=DATES,
        names=NAMES,
        notes_terms=(_terms("A", 80_000, 0.05, "5.00 %"), _terms("B", 15_000, 0.06, "6.00 %")),
        steps_terms=_steps(),
        triggers_terms=(
            TriggerTerms("bad_debt", "pool.npl_to_issue_ratio > 0.02", ">", False, "early amortization"),
            TriggerTerms("thin_pool", "pool.balance < 100", "<", True, "read by step residual"),
        ),
        layout=layout,
        trace=trace,
        initial=initial,
        definitions=np.zeros((4, 0)),
        trigger_values=np.array(
            [
                [[0.0105, 0.02], [70_000.0, 10_000.0]],
                [[0.0168, 0.02], [40_000.0, 10_000.0]],
                [[0.0232, 0.02], [15_000.0, 10_000.0]],
                [[0.0189, 0.02], [0.0, 10_000.0]],
            ]
        ),
        checks=(CheckOutcome("cash", "cash in = cash out", 12, 0), CheckOutcome("notes", "balances roll", 8, 0)),
        supports={"reserve": ("A", "B")},
        tape_summary={"loans": 10, "obligors": 9, "balance": 100_000},
    )


def _terms(name: str, balance: int, rate: float, coupon: str) -> NoteTerms:
    fractions = np.array([25 / 360, 1 / 12, 1 / 12, 1 / 12])
    return NoteTerms(name, balance, "fixed", coupon, "30/360", date(2025, 1, 15), np.full(4, rate), fractions)


def _steps() -> tuple[StepTerms, ...]:
    words = "pay from collections, then reserve:"
    return (
        StepTerms("note interest", "amortization", "pay_due", f"{words} interest on A, then B"),
        StepTerms("note principal", "amortization", "pay_down_to", f"{words} A, then B, to zero"),
        StepTerms("residual", "enforcement", "pay_remainder", "the rest of collections to B"),
    )


def _fill_accounts(flow: Int64) -> None:
    balance = np.cumsum(np.subtract(COLLECTED, PAID))
    _fill(
        flow[:, 0],
        {
            AccountField.OPENING_BALANCE: (0, *balance[:-1]),
            AccountField.COLLECTED: COLLECTED,
            AccountField.PAID_OUT: PAID,
            AccountField.BALANCE: balance,
        },
    )
    _fill(flow[:, 1], dict.fromkeys((AccountField.OPENING_BALANCE, AccountField.BALANCE), (2_000,) * 4))
    flow[:, 1, AccountField.TARGET] = 2_000


def _fill_steps(trace: Int64, layout: StateLayout) -> None:
    steps, draws = block(trace, layout, "step"), block(trace, layout, "draw")
    due, paid = (341, 288, 192, 65), (341, 263, 192, 65)
    _fill(steps[:, 0], {StepField.DUE: due, StepField.PAID: paid, StepField.SHORTFALL: np.subtract(due, paid)})
    principal = (29_000, 29_000, 24_000, 12_400)
    _fill(steps[:, 1], {StepField.DUE: principal, StepField.PAID: principal})
    draws[:, 0, 0], draws[:, 1, 0] = paid, principal


def _fill(rows: Int64, columns: dict) -> None:  # type: ignore[type-arg]
    for field, values in columns.items():
        rows[:, field] = values
