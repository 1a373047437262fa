"""Hazards from loans with their outcome, and how they do on later vintages."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from abssim.calibrate.backtest import BackTest, Factor, back_test
from abssim.calibrate.calibration import (
    Calibration,
    CalibrationSettings,
    FitRow,
    HazardFit,
    error_note,
    grouped,
    month_text,
    quarter,
)
from abssim.calibrate.column import HistoryFile
from abssim.calibrate.correlation import (
    MIN_VINTAGES,
    Lifetime,
    Monthly,
    Trials,
    lifetime_correlation,
    monthly_correlation,
)
from abssim.calibrate.data import Outcomes, observe, read_outcomes, take
from abssim.calibrate.factor import choose_factor
from abssim.calibrate.recovery import RecoveryFound, recovery_of_outcomes
from abssim.calibrate.serial import MIN_MONTHS
from abssim.calibrate.survival import Cells, SegmentRates, calendar_trials, cells_of, hazards, months_alike, rates_of
from abssim.errors import CalibrationError, Problem
from abssim.word import counted

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Known:
    """What the fit takes to the test."""

    rates: tuple[SegmentRates, ...]
    """By segment; those without a default have the rates of all loans."""
    terms: frozenset[int]
    factor: Factor | None


def fit_outcomes(sheet: HistoryFile, settings: CalibrationSettings) -> Calibration:
    """Hazards by age and segment, recovery, correlation, goodness of fit; tested on later vintages if asked."""
    everything = read_outcomes(sheet)
    loans, as_of = _fitted(everything, settings, sheet.where)
    count = cells_of(loans)
    weighted = cells_of(loans, by_balance=True) if settings.weight == "balance" else count
    segments, overall = loans.segments, rates_of("all", count, weighted, None, None)
    rates = tuple(rates_of(segments.label(s), count, weighted, s, overall) for s in range(segments.count))
    usable = tuple(rate if rate.defaults else replace(overall, label=rate.label) for rate in rates)
    trials = calendar_trials(count, hazards(usable, count.there.shape[2])[0], overall.default)
    lifetime, fit_rows = _vintages(count, trials)
    monthly = monthly_correlation(trials)
    alike = None if monthly is None else months_alike(count, usable, monthly.carried)
    if alike is not None:
        overall = rates_of("all", count, weighted, None, None, alike)
        rates = tuple(rates_of(rate.label, count, weighted, s, overall, alike) for s, rate in enumerate(rates))
    recovery = recovery_of_outcomes(loans, alike is not None)
    default, prepaid = hazards((overall,), overall.months)
    factor = choose_factor(default[0], prepaid[0], lifetime, monthly)
    known = Known(usable, _terms(loans), None if factor is None else (factor.correlation, factor.persistence))
    test = None if settings.test_from is None else _test(everything, known, settings.test_from, sheet.where)
    present = [s for s in range(segments.count) if rates[s].loans]
    censored = int((loans.state == 0).sum())
    notes = _notes(loans, as_of, censored, recovery)
    notes += [*_factor_notes(lifetime, len(fit_rows), monthly, len(np.unique(trials.month))), error_note(alike)]
    return Calibration(
        sheet.where, sheet.kind, settings, tuple(rates[s].label for s in present),
        tuple(segments.where(s) for s in present), tuple(notes),
        hazards=HazardFit(tuple(rates[s] for s in present), overall, as_of, censored), recovery=recovery,
        lifetime=lifetime, monthly=monthly, factor=factor, fit=fit_rows, test=test,
    )  # fmt: skip


def _fitted(everything: Outcomes, settings: CalibrationSettings, where: str) -> tuple[Outcomes, int]:
    """The vintages of the fit as they were seen at its date, and that date."""
    last = settings.fit_to
    chosen = everything if last is None else take(everything, everything.vintage <= last)
    loans, as_of = observe(chosen, settings.as_of) if len(chosen.age) else (chosen, 0)
    if len(loans.age) == 0:
        message = "no loans were made by then and seen for a month"
        raise CalibrationError(Problem("E707", where, "--fit-to, --as-of", message))
    return loans, as_of


def _terms(loans: Outcomes) -> frozenset[int]:
    return frozenset() if loans.term is None else frozenset(loans.term.tolist())


def _vintages(count: Cells, trials: Trials) -> tuple[Lifetime | None, tuple[FitRow, ...]]:
    """Correlation between quarters of origination, and their defaults against the fit."""
    made = np.nonzero(count.there)[1]
    rows = grouped(trials, [quarter(count.first + each) for each in made.tolist()])
    loans = dict.fromkeys((row.label for row in rows), 0.0)
    for v, number in enumerate(count.there[:, :, 0].sum(axis=0).tolist()):
        if number:
            loans[quarter(count.first + v)] += number
    rows = tuple(replace(row, number=loans[row.label]) for row in rows)
    number, events, due = np.asarray([(row.number, row.actual, row.expected) for row in rows]).T
    return lifetime_correlation(number, events, due / number), rows


def _test(everything: Outcomes, known: Known, first: int, where: str) -> BackTest:
    """The vintages from month `first` on, by segment and original term, with all that is known of them today."""
    later = take(everything, everything.vintage >= first)
    seen, as_of = observe(later, None) if len(later.age) else (later, 0)
    if len(seen.age) == 0:
        raise CalibrationError(Problem("E707", where, "--test-from", "no loans were made from then on"))
    terms = np.zeros(len(seen.age), dtype=np.int64) if seen.term is None else seen.term
    lengths, place = np.unique(terms, return_inverse=True)
    segments, count = seen.segments, len(lengths)
    split = replace(segments, values=segments.values * count, code=segments.code * count + place)
    cells = cells_of(replace(seen, segments=split))
    vintages, months = cells.there.shape[1:]
    default, prepaid = (np.repeat(each, count, axis=0) for each in hazards(known.rates, months))
    term = np.tile(lengths, segments.count)
    _mature(default, prepaid, term)
    sight = as_of - cells.first - np.arange(vintages)[None, :]
    over = np.minimum(sight, np.where(term > 0, term, months)[:, None]).astype(np.float64)
    labels = {"vintage": [quarter(cells.first + v) for v in range(vintages)]}
    if segments.by:
        labels[" / ".join(segments.by)] = [segments.label(s // count) for s in range(len(term))]
    if count > 1:
        labels["original_term"] = [_term_label(t, known.terms) for t in term.tolist()]
    labels["all"] = ["all"] * len(term)
    return back_test(cells, default, prepaid, over, known.factor, labels)


def _term_label(term: int, fitted: frozenset[int]) -> str:
    return counted(term, "month") + ("" if term in fitted else ", none fitted")


def _mature(default: Float64, prepaid: Float64, term: Int64) -> None:
    """Nothing happens after the term; repayment in the last month is on schedule."""
    for s, t in enumerate(term.tolist()):
        if t:
            default[s, t:] = 0.0
            prepaid[s, t - 1 :] = 0.0


def _notes(loans: Outcomes, as_of: int, censored: int, recovery: RecoveryFound | None) -> list[str]:
    notes = [
        f"{counted(len(loans.age), 'loan')} fitted as seen at the end of {month_text(as_of)}; "
        f"{censored:,} had not ended",
        "default is dated one month after the last payment; repayment in the last month of the term is on schedule",
    ]
    if loans.term is None:
        notes.append("the file has no original_term: every repayment in full counts as early")
    if recovery is not None and recovery.curve is None:
        notes.append("recoveries are not dated: the lag in the scenario is assumed")
    return notes


def _factor_notes(lifetime: Lifetime | None, vintages: int, monthly: Monthly | None, months: int) -> list[str]:
    notes = []
    if lifetime is None:
        number = "one" if vintages == 1 else str(vintages)
        notes.append(
            f"correlation between vintages cannot be estimated: {MIN_VINTAGES} quarters are needed, not {number}"
        )
    if monthly is None:
        notes.append(f"correlation between months cannot be estimated: {MIN_MONTHS} are needed, not {months}")
    return notes
