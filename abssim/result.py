"""What a run leaves behind: frozen arrays with names, from which everything else is read.

Letters: `T` payment dates, `K` pools, `N` notes, `A` accounts, `S` steps, `G` triggers, `D` definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.amount import exact
from abssim.dates import PeriodDates
from abssim.engine.layout import PathStatus
from abssim.engine.state import StateLayout, block
from abssim.kind.base import Kind, Unit
from abssim.kind.holder import HolderField
from abssim.kind.note import NoteField
from abssim.kind.table import KINDS
from abssim.money import minor_digits
from abssim.public import Shown, public
from abssim.word import counted

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NoteTerms:
    """What a table needs to know of a note beside its cash flows. Amounts in minor units."""

    name: str
    initial_balance: int
    kind: str
    """fixed, floating, step-up, interest-only, accrual, residual."""
    coupon: str
    """The coupon in words: `5.10 %`, `sofr30 + 0.40 %`."""
    day_count: str
    legal_final: date
    coupon_rates: Float64
    """(T,) decimal a year."""
    year_fractions: Float64
    """(T,) of each accrual period."""
    index_rates: Float64 | None = None
    """(T,) of a floating note's index, decimal a year; None where there is no index."""
    accrual_periods: tuple[tuple[date, date], ...] = ()
    """First day and end of each accrual period, from the dated date and to some days before the payment date where
    payments are delayed; T of them, or none where they are not known."""


class Late(NamedTuple):
    """What of a note is open at its legal final, and what is paid of it later. Minor units."""

    row: int
    """Last payment date that is not after the legal final."""
    balance: int
    paid: int
    """Principal, and the residual cash of a residual note."""

    def words(self, terms: NoteTerms, currency: str) -> str:
        """Both in a sentence, for a note that is paid later."""
        money = exact(currency)
        return (
            f"{terms.name} is not repaid by its legal final, {terms.legal_final}: {money.text(self.balance)} are open "
            f"then and are its principal loss, although {money.text(self.paid)} are paid later and count as paid, for "
            "WAL, window, yield and duration too"
        )


@dataclass(frozen=True, slots=True)
class TriggerTerms:
    """A trigger in words."""

    name: str
    condition: str
    comparison: str
    """One of < <= > >= when the condition compares, else empty."""
    is_amount: bool
    """The observed value is money (minor units), not a ratio."""
    effect: str
    """The regime it asks for, the end of purchases; or who reads it, if anybody does."""
    at_end: bool = False
    """It is judged after the waterfall has paid, and takes effect on the next date."""


@dataclass(frozen=True, slots=True)
class StepTerms:
    """A step of a waterfall: where it stands and its words."""

    name: str
    regime: str
    rule: str
    description: str
    when: str = ""
    """Its condition; empty where it always pays."""


@dataclass(frozen=True, slots=True)
class SeriesTerms:
    """A series of a master trust: its classes, and what its tables are made of."""

    name: str
    classes: dict[str, tuple[str, ...]]
    """Notes by class, senior first."""
    required_subordination: dict[str, float]
    """Of the class, its seniors and this subordination together, decimal, by class that requires some."""
    held_by_transferor: bool
    """The transferor subordinates what is required and no junior class makes up for."""
    unit: int
    """Required subordination is rounded up to a multiple of this, minor units; 0: not rounded."""
    accumulations: dict[str, tuple[str, ...]]
    """Notes by what accumulates together."""
    description: tuple[str, ...]
    """Its terms in sentences."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """One conservation check: `worst` is the largest difference in minor units, and must be zero."""

    name: str
    meaning: str
    count: int
    """How many equalities were tested."""
    worst: int
    where: str = ""

    @property
    def passed(self) -> bool:
        """True if every equality held."""
        return self.worst == 0


@dataclass(frozen=True, repr=False)
class Origin(Shown):
    """What every result says of where it comes from, and what its dates, notes and triggers are."""

    deal_name: str
    scenario_name: str
    scenario_reason: str
    currency: str
    fingerprint: str
    """sha256 of the canonical deal, tape and scenario."""
    versions: dict[str, str]
    dates: PeriodDates
    names: Mapping[str, tuple[str, ...]]
    """Of the rows of each block of results, by kind; and of `definition` and `call`."""
    notes_terms: tuple[NoteTerms, ...]
    triggers_terms: tuple[TriggerTerms, ...]
    settings: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    """Values that were set by path in the deal and the scenario."""
    notices: tuple[str, ...] = field(default=(), kw_only=True)
    """What was noticed on the tapes, what in the deal and the scenario had no effect, what came out negative and was
    taken as 0; a line each."""

    def __repr__(self) -> str:
        what, dates = type(self).__name__, counted(len(self.dates.payment), "payment date")
        told = f", {counted(len(self.notices), 'notice')}" if self.notices else ""
        return f"<{what} of {self.deal_name!r} under {self.scenario_name!r}: {dates}, {self.fingerprint[:16]}{told}>"

    @property
    def notes(self) -> pd.DataFrame:
        """One row per note, `abssim.note_frame`: life, yield, window, loss; of a simulation losses, VaR and expected
        shortfall with their errors."""
        frame: pd.DataFrame = public("note_frame")(self)
        return frame

    def plot(self) -> Figure:
        """A page of charts, `abssim.plot`; AbssimError E020 where matplotlib is not installed."""
        page: Figure = public("plot")(self)
        return page


@dataclass(frozen=True, repr=False)
class RunResult(Origin):
    """One path of a deal under a scenario, in full detail."""

    steps_terms: tuple[StepTerms, ...]
    layout: StateLayout
    trace: Int64
    """(T, X) state at the end of each date; see `abssim.engine.state`."""
    initial: Int64
    """(X,) state at closing (or at the mid-life start)."""
    definitions: Float64
    """(T, D) values of the named definitions; amounts in minor units."""
    trigger_values: Float64
    """(T, G, 2) observed value and threshold."""
    definition_dimensions: tuple[str, ...] = ()
    """Of each definition: an amount, a number, or a flag."""
    status: PathStatus = PathStatus.OK
    held_to_maturity: bool = False
    """The deal has calls and none was allowed."""
    policies: dict[str, int] = field(default_factory=dict)
    """First month from the cut-off in which each policy is in effect, -1 if it never is."""
    checks: tuple[CheckOutcome, ...] = ()
    tape_summary: dict[str, float] = field(default_factory=dict)
    """What the pool was made of: loans, obligors, balance, average terms (`abssim.collateral.summary`)."""
    supports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Notes behind which the cash of each account stands, by account."""
    unreported: frozenset[str] = frozenset()
    """Fields of the pool that its servicer's reports do not give: they count as 0, and are not known to be."""
    series_terms: tuple[SeriesTerms, ...] = ()
    """Series of a master trust."""
    excess_funding: str = ""
    """Account whose cash counts as receivables of a trust with series."""
    required_transferor: float | None = None
    """Least transferor amount, decimal of the pool, where the deal asks for one."""

    @property
    def periods(self) -> int:
        """T: payment dates up to the last one on which anything happened."""
        return int(self.trace.shape[0])

    def late(self, note: int) -> Late:
        """What of the note at a position is open at its legal final, and what is paid of it later."""
        terms, flow = self.notes_terms[note], self.note_flow[:, note]
        row = max(0, sum(day <= terms.legal_final for day in self.dates.unadjusted) - 1)
        paid = int(flow[row + 1 :, NoteField.PRINCIPAL_PAID].sum())
        paid += int(flow[row + 1 :, NoteField.RESIDUAL_PAID].sum()) if terms.kind == "residual" else 0
        return Late(row, int(flow[row, NoteField.BALANCE]), paid)

    def flow(self, kind: str) -> Int64:
        """(T, rows, fields) of a kind of `abssim.kind.table`, or `cumulative` (pools), `draw` (steps by account)."""
        return block(self.trace, self.layout, kind)

    @property
    def pool_flow(self) -> Int64:
        """(T, K, PoolField); row 0 is the sum when there are several pools."""
        return self.flow("pool")

    @property
    def pool_cumulative(self) -> Int64:
        """(T, K, PoolField) running sums of the flows since closing."""
        return self.flow("cumulative")

    @property
    def note_flow(self) -> Int64:
        """(T, N, NoteField)"""
        return self.flow("note")

    @property
    def account_flow(self) -> Int64:
        """(T, A, AccountField)"""
        return self.flow("account")

    @property
    def ledger_flow(self) -> Int64:
        """(T, D, LedgerField)"""
        return self.flow("ledger")

    @property
    def fee_flow(self) -> Int64:
        """(T, E, FeeField)"""
        return self.flow("fee")

    @property
    def step_flow(self) -> Int64:
        """(T, S, StepField)"""
        return self.flow("step")

    @property
    def draw_flow(self) -> Int64:
        """(T, S, A) what each step took from each account (from each of `sources`)."""
        return self.flow("draw")

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of all that steps can pay out of."""
        return tuple(name for kind in KINDS.values() if kind.drawable for name in self.names[kind.name])

    @property
    def trigger_flow(self) -> Int64:
        """(T, G, TriggerField)"""
        return self.flow("trigger")

    @property
    def holder_paid(self) -> Int64:
        """(T, H) cash paid to residual holders that are not notes."""
        return self.flow("holder")[..., HolderField.PAID]

    @property
    def clock(self) -> Int64:
        """(T, ClockField)"""
        return block(self.trace, self.layout, "clock")

    @property
    def cashflows(self) -> pd.DataFrame:
        """Tidy frame, one row per date x item: date, period, kind, name, field, amount (currency units)."""
        import pandas as pd

        parts = [self._tidy(kind) for kind in KINDS.values()]
        return pd.concat([part for part in parts if len(part)], ignore_index=True)

    def _tidy(self, kind: Kind) -> pd.DataFrame:
        import pandas as pd

        levels = [range(self.periods), self.names[kind.name], list(kind.words())]
        index = pd.MultiIndex.from_product(levels, names=["t", "name", "field"])
        money = 10.0 ** minor_digits(self.currency)
        scale = np.array([money if field.unit is Unit.AMOUNT else 1.0 for field in kind.fields.values()])
        amounts = (self.flow(kind.name) / scale).reshape(-1)
        frame = pd.DataFrame({"amount": amounts}, index=index).reset_index()
        frame.insert(0, "kind", kind.name)
        frame.insert(0, "period", np.asarray(self.dates.number)[frame["t"].to_numpy()])
        frame.insert(0, "date", [self.dates.payment[t] for t in frame["t"]])
        return frame.drop(columns="t")


@dataclass(frozen=True, repr=False)
class Simulation(Origin):
    """Many paths of a deal under a scenario: a summary of each. Rows stand for paths `0 .. P - 1`."""

    seed: int
    sampling: str
    """How factor paths were drawn: random, antithetic, stratified, sobol."""
    importance: float
    """Standard deviations by which every second path's first factor was lower; 0 without importance sampling."""
    weight: Float64
    """(P,) of each path in every mean: 1 without importance sampling, about 1 on average with it."""
    replicate: Int64
    """(P,) independent experiment a path belongs to: errors come from the means of these."""
    vintage_loans: int
    """Loans in the sample that stands for what a revolving period buys in a month."""
    years: Float64
    """(T,) years from the start of the run to each payment date."""
    initial_pool_balance: int
    opening_balances: Int64
    """(N,) balance of each note at the start of the run (of an IO its notional on the first date): minor units."""
    note: Int64
    """(P, N, NoteSummary)"""
    life: Float64
    """(P, N) weighted average life in years, NaN where nothing is repaid or the note is not settled."""
    cash: Int64
    """(P, N, T) minor units paid to each note on each date, everything together."""
    pool: Int64
    """(P, PoolSummary)"""
    fan: npt.NDArray[np.float32]
    """(P, Fan, T) series for fan charts."""
    trigger: Int64
    """(P, G) row of the date on which each trigger first was active, -1 if it never was."""
    policy: Int64
    """(P, Q) first month from the cut-off in which each policy is in effect, -1 if it never is."""
    policies: tuple[str, ...] = ()
    """Names of the policies."""
    tape_summary: dict[str, float] = field(default_factory=dict)
    held_to_maturity: bool = False
    """The deal has calls and none was allowed."""

    @property
    def paths(self) -> int:
        """P: number of paths."""
        return int(self.pool.shape[0])

    @property
    def periods(self) -> int:
        """T: payment dates to the end of the longest path."""
        return len(self.dates.payment)
