"""Stratification tables: the pool cut into bands or words, with balance-weighted averages.

Balances add up exactly: each sum of whole minor units stays below 2^53 (`draft.MAX_MINOR`), so float64 adds them
without rounding and the rows of a table sum to the tape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, TapeError, did_you_mean
from abssim.money import minor_digits
from abssim.tape.schema import AMOUNTS, RATES, TERMS, LoanTape

Float64 = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

SYNONYMS = {"seasoning": "age", "delinquency": "days_past_due", "term": "remaining_term"}
"""Names structurers use for columns of the tape."""
_NUMBERS = ("balance", "rate", "remaining_term", "age", "score", "days_past_due")
DEFAULT_BY = (*_NUMBERS, "grade", "segment", "region", "amortization")
"""What a pool is cut by when nothing is asked; columns without content are left out."""
BANDS: dict[str, tuple[float, ...]] = {
    "rate": (0, 2, 4, 6, 8, 10, 12, 15, 18, 24, 36),
    "remaining_term": (0, 1, 4, 7, 13, 25, 37, 49, 61, 73, 85, 121, 181, 241),
    "original_term": (0, 1, 4, 7, 13, 25, 37, 49, 61, 73, 85, 121, 181, 241),
    "age": (0, 1, 4, 7, 13, 19, 25, 37, 49, 61, 121),
    "score": (0, 500, 550, 600, 640, 680, 720, 760, 800, 850),
    "days_past_due": (0, 1, 31, 61, 91),
}
"""Lower edges: a band reaches to the next edge, which is not in it. Rates in percent."""
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Stratum:
    """One row: a band or a word. Averages are weighted by balance, NaN where nothing is known."""

    label: str
    loans: int
    """That have a balance."""
    balance: int
    """Minor units."""
    share: float
    """Of the pool's balance, 0 to 1."""
    rate: float
    """Decimal a year."""
    remaining_term: float
    age: float
    score: float


@dataclass(frozen=True, slots=True)
class Strata:
    """A stratification and its total, which equals the tape."""

    by: str
    rows: tuple[Stratum, ...]
    total: Stratum


def stratify(tape: LoanTape, by: str, bands: Sequence[float] | None = None) -> Strata:
    """The tape by a column: numbers in `bands` (lower edges; currency units, percent, months), texts by word."""
    name = SYNONYMS.get(by, by)
    if name not in tape.names:
        raise TapeError(Problem("E230", "tape", by, f'no column "{by}"', did_you_mean(by, (*tape.names, *SYNONYMS))))
    if name in tape.labels or name in ("amortization", "loan_id", "origination_month"):
        if bands is not None:
            raise TapeError(Problem("E231", "tape", by, "bands are for numbers; this column holds words"))
        codes, labels = _by_word(tape, name)
    else:
        codes, labels = _by_band(_scaled(tape, name), _edges(tape, name, bands), _whole(tape, name), name)
    return _strata(tape, by, codes, labels)


def available(tape: LoanTape) -> tuple[str, ...]:
    """The columns of `DEFAULT_BY` that tell loans apart; the balance where none does."""
    return tuple(name for name in DEFAULT_BY if _varies(tape, name)) or DEFAULT_BY[:1]


def _varies(tape: LoanTape, name: str) -> bool:
    values = tape.codes(name)
    if values.dtype.kind == "f":
        values = values[~np.isnan(values)]
    return values.size > 0 and bool((values != values[0]).any())


def _by_word(tape: LoanTape, name: str) -> tuple[Codes, list[str]]:
    """Words by falling balance."""
    words, codes = np.unique(tape.column(name).astype(np.str_), return_inverse=True)
    balance = np.bincount(codes, weights=tape.balance, minlength=words.size)
    order = np.argsort(-balance, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return rank[codes], [str(words[place]) or "unknown" for place in order]


def _scaled(tape: LoanTape, name: str) -> Float64:
    """The column in the units its bands are written in."""
    values = tape.codes(name).astype(np.float64)
    if name in AMOUNTS:
        return values / 10.0 ** minor_digits(tape.currency)
    return np.round(values * 100.0, 9) if name in RATES else values


def _whole(tape: LoanTape, name: str) -> bool:
    values = tape.codes(name)
    return name in TERMS or (name not in AMOUNTS and bool(np.all((values == np.rint(values)) | np.isnan(values))))


def _edges(tape: LoanTape, name: str, bands: Sequence[float] | None) -> Float64:
    edges = np.asarray(bands if bands is not None else BANDS.get(name, _round_edges(_scaled(tape, name))), dtype=float)
    if edges.size == 0 or edges.ndim != 1 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        raise TapeError(Problem("E231", "tape", name, "bands must be rising numbers", "write 0,5000,10000"))
    return edges


def _round_edges(values: Float64) -> Float64:
    """About eight bands of a round width (1, 2 or 5 x 10^k) from the 1st to the 99th percentile."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        return np.zeros(1)
    low, high = np.percentile(known, (1, 99))
    raw = max(high - low, abs(high) * 1e-3, 1e-6) / 8
    power = 10.0 ** np.floor(np.log10(raw))
    width = power * next(step for step in _STEPS if step * power >= raw * 0.999)
    return np.asarray(np.arange(np.floor(low / width), np.floor(high / width) + 1) * width, dtype=np.float64)


def _by_band(values: Float64, edges: Float64, whole: bool, name: str) -> tuple[Codes, list[str]]:
    """Band 0 is below the first edge, the last but one above the last, the last unknown."""
    codes = np.searchsorted(edges, values, side="right")
    codes[np.isnan(values)] = edges.size + 1
    texts = [f"{edge:,.10g}" for edge in edges]
    inner = [_band(low, high, whole, lower) for low, high, lower in zip(edges, edges[1:], texts, strict=False)]
    labels = [f"< {texts[0]}", *inner, f"{texts[-1]} +", "unknown"]
    if name == "days_past_due" and edges[0] == 0 and edges.size > 1 and edges[1] == 1:
        labels[1] = "current"
    return codes, labels


def _band(low: float, high: float, whole: bool, lower: str) -> str:
    if whole and low == round(low) and high == round(high):
        return lower if high - low == 1 else f"{lower} – {high - 1:,.10g}"
    return f"{lower} to < {high:,.10g}"


def _strata(tape: LoanTape, by: str, codes: Codes, labels: Sequence[str]) -> Strata:
    size = len(labels)
    count = np.bincount(codes[tape.balance > 0], minlength=size)
    balance = np.bincount(codes, weights=tape.balance, minlength=size)
    averages = [_averages(tape, name, codes, size) for name in ("rate", "remaining_term", "age", "score")]
    total = float(tape.total_balance)
    rows = tuple(
        Stratum(labels[k], int(count[k]), int(balance[k]), float(balance[k]) / max(total, 1.0), *_at(averages, k))
        for k in np.flatnonzero(count).tolist()
    )
    whole = np.zeros(len(tape), dtype=np.intp)
    overall = [_averages(tape, name, whole, 1) for name in ("rate", "remaining_term", "age", "score")]
    return Strata(by, rows, Stratum("total", tape.owed, tape.total_balance, 1.0, *_at(overall, 0)))


def _at(averages: Sequence[Float64], place: int) -> tuple[float, float, float, float]:
    first, second, third, fourth = (float(values[place]) for values in averages)
    return first, second, third, fourth


def _averages(tape: LoanTape, name: str, codes: Codes, size: int) -> Float64:
    values = tape.codes(name).astype(np.float64)
    known = ~np.isnan(values)
    weight = np.where(known, tape.balance, 0).astype(np.float64)
    sums = np.bincount(codes, weights=weight * np.where(known, values, 0.0), minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums / np.bincount(codes, weights=weight, minlength=size), dtype=np.float64)
