"""Hazards by age of loans whose end is known for some and not yet for others (right censoring).

The month-by-month (actuarial) estimator: of the loans there at the start of month `a` of their life, the share that
defaults in it; with nothing but defaults and withdrawals its product is Kaplan and Meier's (1958) survival. Default and
prepayment compete: cumulative default is the sum of survival x hazard (Aalen and Johansen 1978).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.calibrate.correlation import Trials
from abssim.calibrate.data import DEFAULT, PREPAID, Outcomes
from abssim.calibrate.serial import Persistence, common_variance, persistence_of

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BAND_EVENTS, BAND_MONTHS = 50, 3
"""A band of constant hazard has at least so many events and months."""
OWN_EVENTS = 200
"""A segment with fewer takes the shape by age of all loans, at its own level."""


@dataclass(frozen=True)
class Cells:
    """By segment `S`, month of origination `V` and month of life `A` (1 is index 0): loans, or their balance."""

    first: int
    """Month of origination of the first `V`."""
    there: Float64
    """(S, V, A) at the start of the month."""
    default: Float64
    """(S, V, A) defaulting in it."""
    prepaid: Float64
    """(S, V, A) repaid early in it."""
    able: Float64
    """(S, V, A) that could be repaid early: not defaulting, the last month of the term not reached."""
    number: Float64
    """(S, V, A) independent loans that those there are worth (Kish): fewer where balances differ."""


@dataclass(frozen=True)
class Bands:
    """A hazard in steps: constant up to each age."""

    until: tuple[int, ...]
    """Last month of life of each band; the last holds on."""
    rate: tuple[float, ...]
    error: tuple[float, ...]

    def hazard(self, months: int) -> Float64:
        """(A,) by month of life."""
        place = np.searchsorted(np.asarray(self.until), np.arange(1, months + 1))
        return np.asarray(self.rate)[np.minimum(place, len(self.rate) - 1)]


@dataclass(frozen=True)
class SegmentRates:
    """What one segment's loans did."""

    label: str
    loans: int
    defaults: int
    default: Bands
    prepayment: Bands
    cumulative: float
    """Share that has defaulted by the last month of life that was seen."""
    cumulative_error: float
    prepaid: float
    """Share repaid early by then."""
    months: int
    """Last month of life that was seen."""


def cells_of(loans: Outcomes, by_balance: bool = False) -> Cells:
    """Loans (or original balances) there, defaulting and prepaying."""
    first = int(loans.vintage.min())
    shape = (loans.segments.count, int(loans.vintage.max()) - first + 1, int(loans.age.max()))
    weight = loans.balance if by_balance and loans.balance is not None else np.ones(len(loans.age))
    ends = np.zeros((5, *shape))
    place = (loans.segments.code, loans.vintage - first, loans.age - 1)
    last = (loans.state != DEFAULT) & (loans.age == (-1 if loans.term is None else loans.term))
    kinds = (np.ones(len(loans.age), bool), loans.state == DEFAULT, loans.state == PREPAID, last)
    for part, chosen in enumerate(kinds):
        np.add.at(ends[part], tuple(column[chosen] for column in place), weight[chosen])
    np.add.at(ends[4], place, weight**2)
    there, square = (ends[part, :, :, ::-1].cumsum(axis=2)[:, :, ::-1] for part in (0, 4))
    number = np.divide(there**2, square, out=np.zeros(shape), where=square > 0.0)
    return Cells(first, there, ends[1], ends[2], there - ends[1] - ends[3], number)


def bands_of(events: Float64, there: Float64, number: Float64, count: Float64) -> Bands:
    """Bands of a hazard from (A,) events and exposure, by loans (`count`, `number`) and as weighted.

    Errors are binomial in loans.
    """
    until, after = [], 0
    last = int(np.flatnonzero(number)[-1]) + 1 if number.any() else 1
    for age in range(1, last + 1):
        if age - after >= BAND_MONTHS and count[after:age].sum() >= BAND_EVENTS:
            until.append(age)
            after = age
    until = [*until[:-1], last] if until else [last]
    starts = [0, *until[:-1]]
    spans = [slice(a, b) for a, b in zip(starts, until, strict=True)]
    rate = [float(events[span].sum() / max(1e-300, there[span].sum())) for span in spans]
    error = [float(np.sqrt(r * (1.0 - r) / max(1.0, number[s].sum()))) for r, s in zip(rate, spans, strict=True)]
    return Bands(tuple(until), tuple(rate), tuple(error))


def scaled(shape: Bands, events: Float64, there: Float64, count: float) -> Bands:
    """Bands of a segment with few events: those of all loans times actual over expected events."""
    due = float((shape.hazard(len(there)) * there).sum())
    level = float(events.sum()) / due if due > 0.0 else 1.0
    rate = tuple(min(1.0, level * hazard) for hazard in shape.rate)
    parts = zip(shape.rate, shape.error, strict=True)
    wide = [0.0 if r == 0.0 else (e / r) ** 2 + 1.0 / max(1.0, count) for r, e in parts]
    return Bands(shape.until, rate, tuple(r * float(np.sqrt(w)) for r, w in zip(rate, wide, strict=True)))


def rates_of(
    label: str,
    count: Cells,
    weighted: Cells,
    s: int | None,
    overall: SegmentRates | None,
    alike: Persistence | None = None,
) -> SegmentRates:
    """Rates of segment `s`, or of all together (then `overall` is None); errors are those of independent loans, or of
    months `alike`."""
    chosen = slice(None) if s is None else slice(s, s + 1)
    n, d, p, _, _ = _by_age(count, chosen)
    there, default, prepaid, able, number = _by_age(weighted, chosen)
    able_number = number * np.divide(able, there, out=np.zeros_like(able), where=there > 0.0)
    last = int(np.flatnonzero(n)[-1]) + 1 if n.any() else 0
    curve, error, gone = incidence(default, prepaid, there, number)
    bands, speeds = bands_of(default, there, number, d), bands_of(prepaid, able, able_number, p)
    if alike is not None and last:
        months = Cells(weighted.first, *(by_month(each[chosen]) for each in _columns(weighted)))
        bands = with_months(bands, months.default, months.there, alike.default)
        speeds = with_months(speeds, months.prepaid, months.able, alike.prepayment)
        error[last - 1] = np.hypot(error[last - 1], _incidence_months(months, number, last - 1, alike))
    if overall is not None and d.sum() < OWN_EVENTS:
        bands = scaled(overall.default, default, there, float(d.sum()))
    if overall is not None and p.sum() < OWN_EVENTS:
        speeds = scaled(overall.prepayment, prepaid, able, float(p.sum()))
    return SegmentRates(
        label,
        int(n[0]) if len(n) else 0,
        int(d.sum()),
        bands,
        speeds,
        float(curve[last - 1]) if last else 0.0,
        float(error[last - 1]) if last else 0.0,
        float(gone[last - 1]) if last else 0.0,
        last,
    )


def _columns(cells: Cells) -> tuple[Float64, ...]:
    return cells.there, cells.default, cells.prepaid, cells.able, cells.number


def _by_age(cells: Cells, chosen: slice) -> tuple[Float64, ...]:
    """(A,) loans there, defaulting, prepaying, able to prepay, and what those there are worth."""
    return tuple(each[chosen].sum(axis=(0, 1)) for each in _columns(cells))


def by_month(part: Float64) -> Float64:
    """(S, V, A) cells by calendar month and age, segments together: (V + A - 1, A)."""
    _, vintages, ages = part.shape
    cells = np.zeros((vintages + ages - 1, ages))
    for age in range(ages):
        cells[age : age + vintages, age] = part[:, :, age].sum(axis=0)
    return cells


def with_months(bands: Bands, events: Float64, there: Float64, phi: float) -> Bands:
    """The same with errors that hold where months, alike by persistence `phi`, vary together; (T, A) cells."""
    error = []
    for first, last, alone in zip((0, *bands.until[:-1]), bands.until, bands.error, strict=True):
        own, due = (each[:, first:last].sum(axis=1, keepdims=True) for each in (events, there))
        error.append(float(np.sqrt(alone**2 + common_variance(own, due, alone**2, phi))))
    return Bands(bands.until, bands.rate, tuple(error))


def months_alike(count: Cells, rates: tuple[SegmentRates, ...], default: float) -> Persistence:
    """Persistence of defaults as found, and that of prepayments: how far those of all loans are off from those due."""
    speed = hazards(rates, count.there.shape[2])[1][:, None, :]
    gap, noise = count.prepaid - speed * count.able, speed * (1.0 - speed) * count.able
    return Persistence(default, persistence_of(by_month(gap).sum(axis=1), by_month(noise).sum(axis=1)))


def incidence(default: Float64, prepaid: Float64, there: Float64, number: Float64) -> tuple[Float64, Float64, Float64]:
    """(A,) cumulative default, its standard error, cumulative prepayment, from events and exposure by age.

    The error is Greenwood's, as if each month's hazard were a binomial share of the `number` of loans there.
    """
    hazard, leave = _shares(default, prepaid, there)
    before = np.concatenate([[1.0], np.cumprod(1.0 - hazard - leave)[:-1]])
    variance = np.zeros(len(hazard))
    for end in range(len(hazard)):
        slope_d, slope_p = _slopes(hazard, leave, end)
        h, q, n = hazard[: end + 1], leave[: end + 1], np.maximum(1.0, number[: end + 1])
        square = slope_d**2 * h * (1.0 - h) + slope_p**2 * q * (1.0 - q) - 2.0 * slope_d * slope_p * h * q
        variance[end] = (square / n).sum()
    return np.cumsum(before * hazard), np.sqrt(variance), np.cumsum(before * leave)


def _shares(default: Float64, prepaid: Float64, there: Float64) -> tuple[Float64, Float64]:
    """(A,) share of those there that defaults and that prepays."""
    hazard, leave = (np.divide(each, there, out=np.zeros_like(each), where=there > 0) for each in (default, prepaid))
    return hazard, leave


def _slopes(hazard: Float64, leave: Float64, end: int) -> tuple[Float64, Float64]:
    """(end + 1,) derivatives of cumulative default at index `end` by the hazards of default and prepayment."""
    stay = 1.0 - hazard[: end + 1] - leave[: end + 1]
    before = np.concatenate([[1.0], np.cumprod(stay)[:-1]])
    curve = np.cumsum(before * hazard[: end + 1])
    later = (curve[-1] - curve) / np.maximum(1e-300, stay)
    return before - later, -later


def _incidence_months(months: Cells, number: Float64, end: int, alike: Persistence) -> float:
    """Standard error of cumulative default at index `end` that months have in common: defaults move together, and so do
    prepayments; `months` (T, A)."""
    there, default, prepaid, _, _ = _columns(months)
    shares = _shares(default.sum(axis=0), prepaid.sum(axis=0), there.sum(axis=0))
    slopes, cut, variance = _slopes(*shares, end), slice(end + 1), 0.0
    for events, share, slope, phi in zip((default, prepaid), shares, slopes, alike, strict=True):
        loans = slope**2 * share[cut] * (1.0 - share[cut]) / np.maximum(1.0, number[cut])
        variance += common_variance(events[:, cut], there[:, cut], float(loans.sum()), phi, slope)
    return float(np.sqrt(variance))


def kaplan_meier(default: Float64, there: Float64) -> Float64:
    """(A,) share not defaulted by age, all other ends taken as censoring."""
    hazard = np.divide(default, there, out=np.zeros_like(default), where=there > 0)
    return np.asarray(np.cumprod(1.0 - hazard))


def hazards(rates: tuple[SegmentRates, ...], months: int) -> tuple[Float64, Float64]:
    """(S, A) hazards of default and of prepayment of the survivors."""
    default = np.asarray([rate.default.hazard(months) for rate in rates])
    return default, np.asarray([rate.prepayment.hazard(months) for rate in rates])


def calendar_trials(count: Cells, hazard: Float64, bands: Bands) -> Trials:
    """Loans there and defaulting by calendar month, segment and age, where `hazard` (S, A) is due; grouped by band."""
    s, v, a = np.nonzero(count.there)
    band = np.searchsorted(np.asarray(bands.until), a + 1)
    return Trials(count.first + v + a + 1, count.there[s, v, a], count.default[s, v, a], hazard[s, a], band)
