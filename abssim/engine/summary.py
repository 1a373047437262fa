"""What is kept of one path of a simulation: a row for each note, one for the pool, and series for fan charts.

The figures are those of `abssim.measure` on the same path in full detail; tests compare the two.
"""

from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.trigger import TriggerField


class SummaryTerms(NamedTuple):
    """What a summary needs to know beside the path."""

    years: np.ndarray
    """(T,) years from the start of the run to each payment date."""
    on_time: np.ndarray
    """(N,) last row whose date is not after the note's legal final."""
    reached: np.ndarray
    """(N,) first row whose date has reached the note's legal final, T if none has."""
    residual: np.ndarray
    """(N,) 1 for a residual note, whose loss is less the residual cash it has received."""
    initial: np.ndarray
    """(2,) initial balances, minor units: of the pool, of the first note."""


class Outcome(NamedTuple):
    """What is kept of `P` paths."""

    note: np.ndarray
    """(P, N, NoteSummary) int64."""
    life: np.ndarray
    """(P, N) weighted average life in years, NaN where nothing is repaid or the note is not settled."""
    cash: np.ndarray
    """(P, N, T) minor units paid to each note on each date, everything together."""
    pool: np.ndarray
    """(P, PoolSummary) int64."""
    fan: np.ndarray
    """(P, Fan, T) float32."""
    trigger: np.ndarray
    """(P, G) row of the date on which each trigger first was active, -1 if it never was."""
    policy: np.ndarray
    """(P, Q) first month from the cut-off in which each policy is in effect, -1 if it never is."""
    status: np.ndarray
    """(P, 4) PathStatus, date, step, and the check that failed (Audit)."""
    negative: np.ndarray
    """(P, C) how often each amount that cannot be negative was, and was taken as 0."""


@borrowing
def last_cash(lay, trace):
    """Last date on which an account received or paid anything, or assets were left; 0 if there is none."""
    for t in range(trace.shape[0] - 1, 0, -1):
        for a in range(lay.accounts):
            account = trace[t, lay.account + a]
            if account[AccountField.COLLECTED] != 0 or account[AccountField.INCOME] != 0:
                return t
            if account[AccountField.PAID_IN] != 0 or account[AccountField.PAID_OUT] != 0:
                return t
            if account[AccountField.POSTED] != 0:
                return t
        for i in range(lay.pools):
            pool = trace[t, lay.pool + i]
            if pool[PoolField.CLOSING_BALANCE] != 0 or pool[PoolField.NON_PERFORMING_BALANCE] != 0:
                return t
    return 0


@borrowing
def _returned(years, trace, row, last, cash):
    """Principal of a note, in its row of the state.

    Fills `cash` `(T,)` with all it is paid by date; returns the principal, the last date on which some was paid (-1:
    never) and the sum of years x amount.
    """
    back, final, weighted = 0, -1, 0.0
    for t in range(trace.shape[0]):
        note = trace[t, row]
        amount = note[NoteField.PRINCIPAL_PAID]
        cash[t] = amount + note[NoteField.INTEREST_PAID] + note[NoteField.PREMIUM_PAID] + note[NoteField.RESIDUAL_PAID]
        if amount != 0 and t <= last:
            final = t
            back += amount
            weighted += years[t] * float(amount)
    return back, final, weighted


@borrowing
def _flows(trace, row, last, out):
    """Sums and shortfalls of a note up to date `last`; `row` is its place in the state."""
    for t in range(last + 1):
        note = trace[t, row]
        out[NoteSummary.INTEREST_PAID] += note[NoteField.INTEREST_PAID]
        out[NoteSummary.PRINCIPAL_PAID] += note[NoteField.PRINCIPAL_PAID]
        out[NoteSummary.RESIDUAL_PAID] += note[NoteField.RESIDUAL_PAID]
        short = note[NoteField.INTEREST_SHORTFALL]
        out[NoteSummary.LARGEST_SHORTFALL] = max(out[NoteSummary.LARGEST_SHORTFALL], short)


@borrowing
def _loss(terms, trace, n, row, settled):
    """Balance late and principal lost at the legal final date: `settled` is the last row to look at, < 0 if unknown."""
    until = min(terms.on_time[n], abs(settled) - 1)
    note, received = trace[until, row], 0
    if terms.residual[n] == 1:
        for t in range(until + 1):
            received += trace[t, row, NoteField.RESIDUAL_PAID]
    late = note[NoteField.BALANCE] if settled > 0 else 0
    return max(0, late - received), max(0, note[NoteField.CUMULATIVE_WRITE_DOWN] + late - received)


@borrowing
def summarize_note(lay, terms, trace, n, last, out, cash):
    """Fill `out` `(NoteSummary,)` and `cash` `(T,)` of note `n`; returns its weighted average life in years."""
    row = lay.note + n
    out[:] = 0
    _flows(trace, row, last, out)
    back, final, weighted = _returned(terms.years, trace, row, last, cash)
    balance = trace[last, row, NoteField.BALANCE]
    settled = balance == 0 or trace[last, lay.pool, PoolField.CLOSING_BALANCE] == 0 or last >= terms.reached[n]
    late, lost = _loss(terms, trace, n, row, last + 1 if settled else -last - 1)
    out[NoteSummary.PRINCIPAL_LOSS] = lost
    out[NoteSummary.LATE_BALANCE] = late
    out[NoteSummary.FINAL_SHORTFALL] = trace[last, row, NoteField.INTEREST_SHORTFALL]
    out[NoteSummary.REPAID] = final if balance == 0 else -1
    out[NoteSummary.SETTLED] = 1 if settled else 0
    return weighted / float(back) if settled and back > 0 else np.nan


@borrowing
def summarize_pool(lay, trace, last, out):
    """Fill `out` `(PoolSummary,)` with the pool's cumulative figures."""
    total = trace[last, lay.cumulative]
    out[PoolSummary.DEFAULT] = total[PoolField.DEFAULT]
    out[PoolSummary.RECOVERY] = total[PoolField.RECOVERY]
    out[PoolSummary.LOSS] = total[PoolField.LOSS]
    out[PoolSummary.PREPAYMENT] = total[PoolField.PREPAYMENT]
    out[PoolSummary.PURCHASE] = total[PoolField.PURCHASE]
    out[PoolSummary.LAST] = last
    out[PoolSummary.CALLED] = -1
    for t in range(trace.shape[0] - 1, -1, -1):
        if trace[t, lay.clock, ClockField.CALLED] == 1:
            out[PoolSummary.CALLED] = t


@borrowing
def fill_fan(lay, terms, trace, fan):
    """Fill `fan` `(Fan, T)`."""
    pool_balance, note_balance = max(1, terms.initial[0]), max(1, terms.initial[1])
    for t in range(trace.shape[0]):
        pool, total = trace[t, lay.pool], trace[t, lay.cumulative]
        closing = pool[PoolField.CLOSING_BALANCE]
        late = pool[PoolField.DPD_31_60_BALANCE] + pool[PoolField.DPD_61_90_BALANCE]
        fan[Fan.NET_LOSS_RATIO, t] = float(total[PoolField.DEFAULT] - total[PoolField.RECOVERY]) / float(pool_balance)
        fan[Fan.POOL_FACTOR, t] = float(closing) / float(pool_balance)
        fan[Fan.DPD_30_PLUS_RATIO, t] = float(late) / float(max(1, closing))
        fan[Fan.DEFAULT_RATIO, t] = float(total[PoolField.DEFAULT]) / float(pool_balance)
        fan[Fan.SENIOR_FACTOR, t] = float(trace[t, lay.note, NoteField.BALANCE]) / float(note_balance)


@borrowing
def first_active(lay, trace, out):
    """Fill `out` `(G,)` with the first date on which each trigger was active, -1 for never."""
    for g in range(lay.triggers):
        out[g] = -1
        for t in range(trace.shape[0] - 1, -1, -1):
            if trace[t, lay.trigger + g, TriggerField.ACTIVE] == 1:
                out[g] = t
