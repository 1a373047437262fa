"""What is kept of the paths of a simulation: a row for each note, one for the pool, and series for fan charts.

The figures are those of `abssim.measure` on the same path in full detail; tests compare the two. The machine remembers
of each date what they need, `record` `(T, Q, W)`: a `NoteRecord` for each note, a `PoolRecord`, then whether each
trigger is active.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from abssim.engine._jit import borrowing, kernel, separate
from abssim.engine.layout import Fan, NoteSummary, PoolSummary


class NoteRecord(IntEnum):
    """What is remembered of a note: fields of its row."""

    PRINCIPAL_PAID = 0
    INTEREST_PAID = 1
    PREMIUM_PAID = 2
    RESIDUAL_PAID = 3
    INTEREST_SHORTFALL = 4
    BALANCE = 5
    CUMULATIVE_WRITE_DOWN = 6


class PoolRecord(IntEnum):
    """What is remembered of the pools together."""

    CASH = 0
    """1 where an account received or paid anything, or assets are left."""
    CALLED = 1
    CLOSING_BALANCE = 2
    DPD_31_60_BALANCE = 3
    DPD_61_90_BALANCE = 4
    DEFAULT = 5
    """Since the cut-off, as all that follow."""
    RECOVERY = 6
    LOSS = 7
    PREPAYMENT = 8
    PURCHASE = 9


_NOTE, _POOL, _SUMS = len(NoteRecord), len(PoolRecord), len(NoteSummary)


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
    """(P, 4) PathStatus, date, step, and the check that failed (`abssim.program.lower.audit.CHECKS`), 0 for none."""
    negative: np.ndarray
    """(P, C) how often each amount that cannot be negative was, and was taken as 0."""


@borrowing
def _last_cash(record, q, last):
    """Fill `last` `(W,)` with the last date that has a 1 in row `q`; 0 if there is none."""
    last[:] = 0
    for t in range(record.shape[0]):
        for w in range(len(last)):
            last[w] = t if record[t, q, w] != 0 else last[w]


@borrowing
def _first_date(record, q, found):
    """Fill `found` `(W,)` with the first date that has a 1 in row `q`; -1 if there is none."""
    found[:] = -1
    for t in range(record.shape[0] - 1, -1, -1):
        for w in range(len(found)):
            found[w] = t if record[t, q, w] == 1 else found[w]


class Sums(NamedTuple):
    """Scratch of a note while it is summed up, a lane a path."""

    note: np.ndarray
    """(NoteSummary, W) int64"""
    weighted: np.ndarray
    """(W,) sum of years x principal."""
    cash: np.ndarray
    """(W,) paid on a date."""
    last: np.ndarray
    """(W,) last date with cash or assets."""
    first: np.ndarray
    """(W,) first date that something was so."""


@kernel
def make_sums(width):
    """Room for so many paths."""
    whole = np.zeros((_SUMS + 3, width), np.int64)
    return Sums(whole[3:], np.zeros(width), whole[0], whole[1], whole[2])


@borrowing
def _add_date(sums, record, t, q, years):
    """Add what a note was paid on a date, if that is not after the last one."""
    total, row = sums.note, record[t]
    for w in range(len(sums.last)):
        inside = 1 if t <= sums.last[w] else 0
        principal, interest = row[q + NoteRecord.PRINCIPAL_PAID, w], row[q + NoteRecord.INTEREST_PAID, w]
        residual = row[q + NoteRecord.RESIDUAL_PAID, w]
        sums.cash[w] = principal + interest + row[q + NoteRecord.PREMIUM_PAID, w] + residual
        total[NoteSummary.PRINCIPAL_PAID, w] += inside * principal
        total[NoteSummary.INTEREST_PAID, w] += inside * interest
        total[NoteSummary.RESIDUAL_PAID, w] += inside * residual
        short = inside * row[q + NoteRecord.INTEREST_SHORTFALL, w]
        total[NoteSummary.LARGEST_SHORTFALL, w] = max(total[NoteSummary.LARGEST_SHORTFALL, w], short)
        sums.weighted[w] += years * float(inside * principal)
        total[NoteSummary.REPAID, w] = t if inside * principal != 0 else total[NoteSummary.REPAID, w]


@borrowing
def _late(terms, record, n, w, until):
    """Balance of a note that has not come back by a date: of a residual note less the residual cash it received."""
    late = record[until, _NOTE * n + NoteRecord.BALANCE, w]
    if terms.residual[n] == 1:
        for t in range(until + 1):
            late -= record[t, _NOTE * n + NoteRecord.RESIDUAL_PAID, w]
    return late


@borrowing
def _judge_note(terms, record, n, notes, sums, w):
    """What the life of a note came to on a path; returns its weighted average life in years."""
    q, last, out = _NOTE * n, sums.last[w], sums.note
    balance, assets = (
        record[last, q + NoteRecord.BALANCE, w],
        record[last, _NOTE * notes + PoolRecord.CLOSING_BALANCE, w],
    )
    settled = balance == 0 or assets == 0 or last >= terms.reached[n]
    until = min(terms.on_time[n], last)
    late = _late(terms, record, n, w, until)
    if not settled:
        late -= record[until, q + NoteRecord.BALANCE, w]
    written = record[until, q + NoteRecord.CUMULATIVE_WRITE_DOWN, w]
    out[NoteSummary.PRINCIPAL_LOSS, w] = max(0, written + late)
    out[NoteSummary.LATE_BALANCE, w] = max(0, late)
    out[NoteSummary.FINAL_SHORTFALL, w] = record[last, q + NoteRecord.INTEREST_SHORTFALL, w]
    out[NoteSummary.REPAID, w] = out[NoteSummary.REPAID, w] if balance == 0 else -1
    out[NoteSummary.SETTLED, w] = 1 if settled else 0
    back = out[NoteSummary.PRINCIPAL_PAID, w]
    return sums.weighted[w] / float(back) if settled and back > 0 else np.nan


@borrowing
def _summarize_note(terms, record, n, sums, outcome, first):
    """Sum up a note on all paths."""
    sums.note[:] = 0
    sums.note[NoteSummary.REPAID] = -1
    sums.weighted[:] = 0.0
    for t in range(record.shape[0]):
        _add_date(sums, record, t, _NOTE * n, terms.years[t])
        for w in range(len(sums.last)):
            outcome.cash[first + w, n, t] = sums.cash[w]
    for w in range(len(sums.last)):
        outcome.life[first + w, n] = _judge_note(terms, record, n, outcome.note.shape[1], sums, w)
        for field in range(sums.note.shape[0]):
            outcome.note[first + w, n, field] = sums.note[field, w]


@borrowing
def _summarize_pool(record, q, sums, outcome, first):
    """Cumulative figures of the pools at the last date."""
    _first_date(record, q + PoolRecord.CALLED, sums.first)
    for w in range(len(sums.last)):
        out, last = outcome.pool[first + w], sums.last[w]
        out[PoolSummary.DEFAULT] = record[last, q + PoolRecord.DEFAULT, w]
        out[PoolSummary.RECOVERY] = record[last, q + PoolRecord.RECOVERY, w]
        out[PoolSummary.LOSS] = record[last, q + PoolRecord.LOSS, w]
        out[PoolSummary.PREPAYMENT] = record[last, q + PoolRecord.PREPAYMENT, w]
        out[PoolSummary.PURCHASE] = record[last, q + PoolRecord.PURCHASE, w]
        out[PoolSummary.LAST] = last
        out[PoolSummary.CALLED] = sums.first[w]


@borrowing
def _fill_fan(terms, record, q, outcome, first):
    """Series for fan charts."""
    pool_balance, note_balance = float(max(1, terms.initial[0])), float(max(1, terms.initial[1]))
    for t in range(record.shape[0]):
        row = record[t]
        for w in range(row.shape[1]):
            fan, closing = outcome.fan[first + w], row[q + PoolRecord.CLOSING_BALANCE, w]
            late = row[q + PoolRecord.DPD_31_60_BALANCE, w] + row[q + PoolRecord.DPD_61_90_BALANCE, w]
            default = row[q + PoolRecord.DEFAULT, w]
            fan[Fan.NET_LOSS_RATIO, t] = float(default - row[q + PoolRecord.RECOVERY, w]) / pool_balance
            fan[Fan.POOL_FACTOR, t] = float(closing) / pool_balance
            fan[Fan.DPD_30_PLUS_RATIO, t] = float(late) / float(max(1, closing))
            fan[Fan.DEFAULT_RATIO, t] = float(default) / pool_balance
            fan[Fan.SENIOR_FACTOR, t] = float(row[NoteRecord.BALANCE, w]) / note_balance


@separate
def summarize(terms, record, sums, outcome, first):
    """Keep what a simulation keeps of the paths in `record`, in the rows of `outcome` from `first` on."""
    notes, triggers = outcome.note.shape[1], outcome.trigger.shape[1]
    q = _NOTE * notes
    _last_cash(record, q + PoolRecord.CASH, sums.last)
    for n in range(notes):
        _summarize_note(terms, record, n, sums, outcome, first)
    _summarize_pool(record, q, sums, outcome, first)
    _fill_fan(terms, record, q, outcome, first)
    for g in range(triggers):
        _first_date(record, q + _POOL + g, sums.first)
        for w in range(len(sums.first)):
            outcome.trigger[first + w, g] = sums.first[w]


@borrowing
def forget(outcome, b):
    """Of a path that could not go on nothing is kept but why."""
    outcome.note[b], outcome.life[b], outcome.cash[b] = 0, 0.0, 0
    outcome.pool[b], outcome.fan[b], outcome.trigger[b] = 0, 0.0, 0
