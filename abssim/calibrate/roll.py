"""Roll rates: monthly moves between states, counted and divided, with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from abssim.calibrate.correlation import Trials
from abssim.calibrate.data import DEFAULT, MATURED, PREPAID, Performance
from abssim.calibrate.serial import Persistence, common_variance, persistence_of
from abssim.scenario.roll import FROM, TO

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_ROWS, _STATES = len(FROM), len(TO)


@dataclass(frozen=True)
class Moves:
    """One move per pair of rows of consecutive months of a loan; `(N,)` columns."""

    origin: Int64
    target: Int64
    month: Int64
    """Month at whose end the loan is in `target`."""
    segment: Int64
    band: Int64
    """Of the loan's age at the start of the month."""
    weight: Float64
    """1, or the balance at the start of the month."""


@dataclass(frozen=True)
class RollReading:
    """What could not be used, counted."""

    rows: int
    loans: int
    moves: int
    gaps: int
    """Pairs of rows of a loan with months missing between."""
    impossible: tuple[tuple[str, str, int], ...]
    """Moves that skip a bucket or leave a final state: from, to, how many."""
    vanished: int
    """Loans whose rows end before the last month in no final state."""


@dataclass(frozen=True)
class Rolls:
    """Matrices by segment `S` and age band `B`; states in the order of a scenario's roll rates."""

    ages: tuple[int, ...]
    """Age from which each band holds."""
    count: Float64
    """(S, B, 4, 6) moves."""
    rate: Float64
    """(S, B, 4, 6) share of those in a row, by count or by balance; NaN where a row has none."""
    error: Float64
    """(S, B, 4, 6) standard errors: of independent loans: multinomial, of the effective number of loans where balances
    weigh; or of months that a factor moves (`with_months`)."""


def moves_of(data: Performance, ages: Sequence[int], by_balance: bool) -> tuple[Moves, RollReading]:
    """The usable moves, and what was not usable."""
    same, step = np.diff(data.loan) == 0, np.diff(data.month)
    origin, target = data.state[:-1], data.state[1:]
    final = origin >= DEFAULT
    broken = (final & (target != origin) & (target < MATURED)) | ((target < DEFAULT) & (target > origin + 1) & ~final)
    usable = same & (step == 1) & ~final & ~broken & (target < MATURED)
    first = np.flatnonzero(usable)
    band = np.zeros(len(first), dtype=np.int64)
    if data.age is not None:
        band = np.searchsorted(np.asarray(ages), data.age[first], side="right") - 1
    weight = np.ones(len(first))
    if by_balance and data.balance is not None:
        weight = np.nan_to_num(data.balance[first])
    moves = Moves(origin[first], target[first], data.month[first + 1], data.segments.code[first], band, weight)
    ends = np.append(np.flatnonzero(~same), len(data.loan) - 1)
    vanished = int(((data.state[ends] < DEFAULT) & (data.month[ends] < data.month.max())).sum())
    gaps, bad = int((same & (step > 1) & ~final).sum()), np.flatnonzero(same & (step == 1) & broken)
    return moves, RollReading(len(data.loan), len(ends), len(first), gaps, _named(origin[bad], target[bad]), vanished)


def _named(origin: Int64, target: Int64) -> tuple[tuple[str, str, int], ...]:
    pairs, counts = np.unique(origin * 10 + target, return_counts=True)
    return tuple((TO[pair // 10], TO[pair % 10], int(n)) for pair, n in zip(pairs.tolist(), counts, strict=True))


def estimate_rolls(moves: Moves, segments: int, ages: Sequence[int]) -> Rolls:
    """Maximum likelihood of each row: its moves divided by all of the row (Anderson and Goodman 1957)."""
    shape = (segments, len(ages), _ROWS, _STATES)
    place = (moves.segment, moves.band, moves.origin, moves.target)
    count, weight, square = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(count, place, 1.0)
    np.add.at(weight, place, moves.weight)
    np.add.at(square, place, moves.weight**2)
    whole = weight.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = weight / whole
        effective = whole**2 / square.sum(axis=-1, keepdims=True)
        error = np.sqrt(rate * (1.0 - rate) / effective)
    return Rolls(tuple(ages), count, rate, error)


def with_months(moves: Moves, rolls: Rolls, alike: Persistence) -> Rolls:
    """The same with errors that hold where months, not loans, are what varies."""
    months, error = moves.month - moves.month.min(), rolls.error.copy()
    events = np.zeros((months.max() + 1, *rolls.rate.shape))
    np.add.at(events, (months, moves.segment, moves.band, moves.origin, moves.target), moves.weight)
    base = events.sum(axis=-1)
    for s, b, origin, target in np.argwhere(rolls.rate > 0.0).tolist():
        cell, phi = (s, b, origin, target), alike.prepayment if target == PREPAID else alike.default
        own, due = events[:, s, b, origin, target], base[:, s, b, origin]
        error[cell] = _with_months(own, due, float(rolls.error[cell]), phi)
    return replace(rolls, error=error)


def _with_months(events: Float64, base: Float64, error: float, phi: float) -> float:
    """Error of the rate `sum of events / sum of base` (T,), which is `error` where loans are independent."""
    return float(np.sqrt(error**2 + common_variance(events[:, None], base[:, None], error**2, phi)))


def together(moves: Moves) -> Moves:
    """The moves of all segments as one."""
    return replace(moves, segment=moves.segment * 0)


def pooled(moves: Moves, ages: Sequence[int]) -> Rolls:
    """The matrices of all segments together."""
    return estimate_rolls(together(moves), 1, ages)


def filled(rate: Float64, fallback: Float64) -> Float64:
    """(…, 4, 6) rates whose empty rows take those of `fallback`, or stay where they are."""
    stay = np.eye(_ROWS, _STATES)
    return np.where(np.isnan(rate), np.where(np.isnan(fallback), stay, fallback), rate)


def cumulative_default(matrix: Float64, months: int) -> float:
    """Share of a cohort current at first that defaults within so many months: powers of the (4, 6) matrix."""
    whole = np.vstack([matrix, np.eye(2, _STATES, k=_ROWS)])
    return float(np.linalg.matrix_power(whole, months)[0, DEFAULT])


def smm(moves: Moves, s: int, alike: Persistence | None) -> tuple[float, float]:
    """Share of the loans of segment `s`, of any bucket, that prepay in a month, and its error: of months alike, or of
    independent loans where that is not known."""
    mine = moves.segment == s
    if not mine.any():
        return float("nan"), float("nan")
    events, base = _prepaid(moves.month[mine], moves.target[mine])
    share = float(events.sum() / base.sum())
    error = float(np.sqrt(share * (1.0 - share) / base.sum()))
    return share, error if alike is None else _with_months(events, base, error, alike.prepayment)


def _prepaid(month: Int64, target: Int64) -> tuple[Float64, Float64]:
    """(T,) loans that prepay in each month, and loans there."""
    place = month - month.min()
    base = np.bincount(place).astype(np.float64)
    return np.bincount(place[target == PREPAID], minlength=len(base)).astype(np.float64), base


def prepayment_persistence(moves: Moves) -> float:
    """How alike the months' prepayments are, of all loans together."""
    events, base = _prepaid(moves.month, moves.target)
    share = events.sum() / base.sum()
    return persistence_of(events - share * base, share * (1.0 - share) * base)


def worsening(moves: Moves, rolls: Rolls) -> Trials:
    """By month: who of each segment, band and bucket went to a worse state than the one it was in.

    A scenario's factor moves the thresholds of every row; a row's threshold between staying and worsening is one.
    """
    bands = len(rolls.ages)
    group = (moves.segment * bands + moves.band) * _ROWS + moves.origin
    key = moves.month * (len(rolls.count) * bands * _ROWS) + group
    used, place = np.unique(key, return_inverse=True)
    worse = (moves.target > moves.origin) & (moves.target <= DEFAULT)
    events = np.bincount(place, worse, minlength=len(used)).astype(np.float64)
    number = np.bincount(place, minlength=len(used)).astype(np.float64)
    month, group = np.divmod(used, len(rolls.count) * bands * _ROWS)
    total = np.bincount(np.searchsorted(np.unique(group), group), number)
    hit = np.bincount(np.searchsorted(np.unique(group), group), events)
    base = (hit / total)[np.searchsorted(np.unique(group), group)]
    return Trials(month, number, events, base, group % _ROWS)
