"""What a calibration found: rates with their errors, correlation, fit, and how it did on later vintages."""

from __future__ import annotations

import math

import numpy as np
from rich.console import RenderableType

from abssim.amount import NOTHING
from abssim.calibrate.backtest import LEVEL, BackTest, TestRow
from abssim.calibrate.calibration import (
    Calibration,
    CurveFit,
    FitRow,
    HazardFit,
    RollFit,
    chi_square,
    half_chi_square,
    month_text,
)
from abssim.calibrate.correlation import Monthly
from abssim.calibrate.roll import Rolls
from abssim.calibrate.survival import Bands, SegmentRates
from abssim.calibrate.triangle import Triangle
from abssim.scenario.roll import FROM, TO
from abssim.table.distribution import sparkline
from abssim.table.grid import abbreviate, grid, listing, stack
from abssim.table.number import number, percent
from abssim.table.tape import notes_list
from abssim.word import counted

_SHORT = {"current": "Current", "default": "Default", "prepaid": "Prepaid"}
_BARS = 18
_FEW = 6
"""Segments whose vintages are shown one by one."""


def calibration_tables(calibration: Calibration, everything: bool = False) -> RenderableType:
    """All tables, rates first; every matrix, vintage and segment if `everything`."""
    parts: list[RenderableType] = [_heading(calibration)]
    if calibration.rolls is not None:
        parts += _roll_tables(calibration, calibration.rolls, everything)
    if calibration.hazards is not None:
        parts += [_segments(calibration.hazards), _ages(calibration.hazards.overall)]
    if calibration.curves is not None:
        parts += _curve_tables(calibration.curves, everything)
    if calibration.recovery is not None:
        parts.append(_recovery(calibration))
    if calibration.factor is not None or calibration.monthly is not None:
        parts.append(_correlation(calibration))
    if calibration.fit:
        parts.append(_fit(calibration.fit, calibration.hazards is not None, everything))
    if calibration.test is not None:
        parts += [_test(calibration.test), _errors(calibration.test)]
    return stack([*parts, notes_list(calibration.notes)])


def _heading(calibration: Calibration) -> RenderableType:
    kinds = {
        "performance": "loan x month status: roll rates",
        "outcomes": "one row per loan and its outcome: hazards by age",
        "curves": "static-pool curves: chain ladder",
    }
    rows = [
        ["Calibration", calibration.source],
        ["Read as", kinds[calibration.kind]],
        ["Weighted by", calibration.settings.weight],
    ]
    if calibration.settings.fit_to is not None:
        rows.append(["Fitted", f"to {month_text(calibration.settings.fit_to)}"])
    if calibration.settings.test_from is not None:
        rows.append(["Tested", f"on vintages from {month_text(calibration.settings.test_from)}"])
    return listing(rows)


def _roll_tables(calibration: Calibration, fit: RollFit, everything: bool) -> list[RenderableType]:
    parts = [
        *_matrices("all loans" if calibration.settings.by else "the pool", fit.overall, 0),
        _roll_summary(calibration, fit),
    ]
    if everything and calibration.settings.by:
        for s, label in enumerate(calibration.labels):
            parts += _matrices(label, fit.rolls, s)
    return parts


def _matrices(label: str, rolls: Rolls, s: int) -> list[RenderableType]:
    parts = []
    for b, age in enumerate(rolls.ages):
        band = f", age from {age}" if len(rolls.ages) > 1 else ""
        title = f"Roll rates a month, %: {label}{band}"
        parts.append(_matrix(title, rolls.count[s, b], rolls.rate[s, b], rolls.error[s, b]))
    return parts


def _state(name: str) -> str:
    return _SHORT.get(name) or name.removeprefix("dpd_").replace("_", "–") + " days"


def _matrix(title: str, count: np.ndarray, rate: np.ndarray, error: np.ndarray) -> RenderableType:
    """(4, 6) arrays; each row with its standard errors below."""
    rows = []
    for i, origin in enumerate(FROM):
        rows.append([_state(origin), f"{count[i].sum():,.0f}", *(percent(float(each), 3) for each in rate[i])])
        rows.append(["", "±", *(percent(float(each), 3) if each > 0.0 else "" for each in error[i])])
    return grid(title, ["From", "Moves", *(_state(name) for name in TO)], rows)


def _roll_summary(calibration: Calibration, fit: RollFit) -> RenderableType:
    """The moves that matter, by segment, ages together."""
    rows = []
    for s, label in enumerate(calibration.labels):
        count = fit.rolls.count[s].sum(axis=0)
        weight = count.sum(axis=1, keepdims=True)
        share = np.divide(count, weight, out=np.full_like(count, np.nan), where=weight > 0)
        moves = [percent(float(share[i, i + 1])) for i in range(len(FROM))]
        speed, error = fit.speeds[s]
        last = [percent(float(share[1, 0])), percent(speed), percent(error, 3), percent(fit.twelve_months[s])]
        rows.append([label, f"{count.sum():,.0f}", *moves, *last])
    columns = ["Segment", "Moves", "Current\nto 1–30", "1–30\nto 31–60", "31–60\nto 61–90", "61–90 to\ndefault",
               "1–30\ncured", "SMM", "±", "12-month\ndefault"]  # fmt: skip
    caption = "By count of loans. 12-month default: of a cohort that starts current, by the chain."
    return grid("By segment, % a month", columns, rows, caption=caption)


def _segments(fit: HazardFit) -> RenderableType:
    shown = [*fit.rates, fit.overall] if len(fit.rates) > 1 else [fit.overall]
    months = fit.overall.months
    columns = ["Segment", "Loans", "Defaults", "Cum. de-\nfault, %", "±", "Prepaid,\n%", "By\nmonth",
               f"MDR, months 1–{months}", f"SMM, months 1–{months}"]  # fmt: skip
    top = [max(max(r.default.rate) for r in shown), max(max(r.prepayment.rate) for r in shown)]
    rows = []
    for r in shown:
        figures = [percent(each) for each in (r.cumulative, r.cumulative_error, r.prepaid)]
        bars = [_spark(r.default, months, top[0]), _spark(r.prepayment, months, top[1])]
        rows.append([r.label, f"{r.loans:,}", f"{r.defaults:,}", *figures, str(r.months), *bars])
    caption = f"Bars between 0 and {percent(top[0])} % (MDR), {percent(top[1])} % (SMM) a month. ±: see the notes."
    return grid("Default and prepayment by segment", columns, rows, caption=caption)


def _spark(bands: Bands, months: int, top: float) -> str:
    return sparkline(bands.hazard(months)[np.linspace(0, months - 1, min(months, _BARS)).astype(int)], top)


def _ages(rates: SegmentRates) -> RenderableType:
    """Default and prepayment beside one another, each in its own bands."""
    sides = [_band_rows(rates.default), _band_rows(rates.prepayment)]
    longest = max(map(len, sides))
    padded = [[*side, *[["", "", ""]] * (longest - len(side))] for side in sides]
    rows = [[*left, *right] for left, right in zip(*padded, strict=True)]
    return grid("By month of life, all loans, % a month", ["Month", "MDR", "±", "  Month", "SMM", "±"], rows)


def _band_rows(bands: Bands) -> list[list[str]]:
    starts = [1, *(until + 1 for until in bands.until[:-1])]
    return [
        [f"{first}–{last}", percent(rate, 3), percent(error, 3)]
        for first, last, rate, error in zip(starts, bands.until, bands.rate, bands.error, strict=True)
    ]


def _curve_tables(fit: CurveFit, everything: bool) -> list[RenderableType]:
    word = "net loss" if fit.is_loss else "default"
    columns = [
        "Segment",
        "Vintages",
        f"Lifetime\n{word}, %",
        "1st",
        "2nd",
        "3rd",
        "4th quarter\nof life, %",
        "By month",
    ]
    rows = [
        [triangle.label, str(len(triangle.vintages)), percent(triangle.lifetime),
         *(number(part, 1) for part in triangle.timing), str(triangle.life)]
        for triangle in fit.triangles
    ]  # fmt: skip
    parts = [grid(f"Lifetime {word} and its timing", columns, rows)]
    chosen = fit.triangles if everything or len(fit.triangles) <= _FEW else ()
    return [*parts, *(_vintages(triangle, word, everything) for triangle in chosen if len(triangle.vintages) > 1)]


def _vintages(triangle: Triangle, word: str, everything: bool) -> RenderableType:
    rows = []
    for v in triangle.vintages:
        error = percent(v.error) if v.error > 0.0 else ""
        rows.append([v.name, number(v.loans, 0), str(v.age), percent(v.seen), percent(v.ultimate), error])
    columns = ["Vintage", "Loans", "Seen to\nmonth", f"Cum.\n{word}, %", "Ultimate,\n%", "±"]
    return grid(
        f"Vintages: {triangle.label}",
        columns,
        abbreviate(rows, everything),
        caption="± Mack, chain ladder; or of months that move together, if larger.",
    )


def _recovery(calibration: Calibration) -> RenderableType:
    assert calibration.recovery is not None
    curve = calibration.recovery.curve
    half = NOTHING if curve is None else str(int(np.argmax(np.cumsum(curve) >= 50.0)) + 1)
    row = [
        percent(calibration.recovery.rate),
        percent(calibration.recovery.error),
        f"{calibration.recovery.loans:,}",
        half,
    ]
    return grid(
        "Recovery, % of the balance in default", ["Rate", "±", "Defaults", "Half of it by month"], [row], words=0
    )


def _correlation(calibration: Calibration) -> RenderableType:
    rows = [row for row in (_lifetime_row(calibration), _monthly_row(calibration), _scenario_row(calibration)) if row]
    columns = ["Correlation", "%", "±", "Persistence", "By chance", "From"]
    caption = "By chance: probability of as much variation if loans were independent."
    if calibration.monthly is not None and calibration.monthly.is_seen:
        caption = f"{_path(calibration.monthly)}\n{_interval(calibration.monthly)} {caption}"
    return grid("Factor", columns, rows, caption=caption, wrap=(5,))


def _lifetime_row(calibration: Calibration) -> list[str]:
    lifetime = calibration.lifetime
    if lifetime is None:
        return []
    source = f"{counted(lifetime.vintages, 'vintage')}; by moments {percent(lifetime.moments)}"
    figures = [percent(lifetime.correlation), percent(lifetime.error), "", _chance(lifetime.deviance)]
    return ["Lifetime, between vintages", *figures, source]


def _monthly_row(calibration: Calibration) -> list[str]:
    monthly = calibration.monthly
    if monthly is None:
        return []
    implied = float("nan") if calibration.factor is None else calibration.factor.implied_lifetime
    source = counted(len(monthly.months), "month") + (
        "" if math.isnan(implied) else f"; over a life {percent(implied)}"
    )
    persistence = f"{monthly.persistence:.2f} ± {monthly.persistence_error:.2f}" if monthly.is_seen else NOTHING
    figures = [percent(monthly.correlation), percent(monthly.error), persistence, _chance(monthly.deviance)]
    return ["Monthly, between months", *figures, source]


def _scenario_row(calibration: Calibration) -> list[str]:
    factor = calibration.factor
    if factor is None:
        return []
    source = "that of the lifetimes" if factor.source == "vintages" else "that of the months"
    assumed = "" if calibration.monthly is not None and calibration.monthly.is_seen else "; persistence assumed"
    figures = [percent(factor.correlation), percent(factor.error), f"{factor.persistence:.2f}", ""]
    return ["Taken by the scenario (monthly)", *figures, source + assumed]


def _interval(monthly: Monthly) -> str:
    """What holds the correlation 95 times of 100: errors of a variance are factors, which a ± understates upwards."""
    wide = math.exp(2.0 * monthly.error / monthly.correlation)
    low, high = monthly.correlation / wide, min(1.0, monthly.correlation * wide)
    return f"Monthly correlation at 95 %: {percent(low)} to {percent(high)}."


def _path(monthly: Monthly) -> str:
    """The factor by month as bars: high is good."""
    bars = sparkline(monthly.factor - monthly.factor.min(), float(np.ptp(monthly.factor)))
    first, last = month_text(monthly.months[0]), month_text(monthly.months[-1])
    return f"Factor {first} to {last}, {monthly.factor.min():.1f} to {monthly.factor.max():.1f}, high is good: {bars}"


def _chance(deviance: float) -> str:
    """p-value of a correlation at the edge of its range."""
    chance = half_chi_square(deviance)
    return NOTHING if math.isnan(chance) else "< 0.001" if chance < 0.001 else f"{chance:.3f}"


def _fit(rows: tuple[FitRow, ...], vintages: bool, everything: bool) -> RenderableType:
    cells = [
        [row.label, f"{row.number:,.0f}", f"{row.actual:,.0f}", number(row.expected, 1),
         number(row.actual / row.expected if row.expected else None), number(row.z, 1)]
        for row in rows
    ]  # fmt: skip
    total, freedom, chance = chi_square(rows)
    words = "< 0.001" if chance < 0.001 else f"{chance:.3f}"
    caption = f"z as if loans were independent. Chi-square {total:.1f}, {freedom} degrees of freedom, p {words}."
    title, first = ("Fit: defaults by vintage", "Vintage") if vintages else ("Fit: moves to a worse state", "Months")
    columns = [first, "Loans" if vintages else "Loan-months", "Actual", "Expected", "Ratio", "z"]
    return grid(title, columns, abbreviate(cells, everything or vintages), caption=caption)


def _test(test: BackTest) -> RenderableType:
    rows: list[list[str]] = []
    for group in dict.fromkeys(row.group for row in test.rows):
        rows += [_test_row(row) for row in test.rows if row.group == group]
    columns = ["Loans issued", "Loans", "Default\nactual", "Ex-\npected", "Error", f"{LEVEL:.0%}\ninterval", "",
               "Prepaid\nactual", "Ex-\npected", "Error"]  # fmt: skip
    caption = "% of loans as far as seen. Interval: factor and number of loans. Error: expected less actual."
    return grid("Test on later vintages", columns, rows, caption=caption)


def _test_row(row: TestRow) -> list[str]:
    known = not math.isnan(row.low)
    interval = f"{percent(row.low, 1)}–{percent(row.high, 1)}" if known else NOTHING
    mark = "" if not known else "in" if row.inside else "out"
    return [row.label, f"{row.loans:,}", percent(row.default), percent(row.expected_default),
            percent(row.expected_default - row.default), interval, mark, percent(row.prepaid),
            percent(row.expected_prepaid), percent(row.expected_prepaid - row.prepaid)]  # fmt: skip


def _errors(test: BackTest) -> RenderableType:
    rows = [
        [_by(errors.group), str(errors.rows), f"{errors.inside} of {errors.rows}", percent(errors.default_bias),
         percent(errors.default_error), percent(errors.prepaid_bias), percent(errors.prepaid_error)]
        for errors in test.errors
    ]  # fmt: skip
    columns = ["By", "Groups", "In interval", "Default\nbias", "Mean abs.\nerror", "Prepaid\nbias", "Mean abs.\nerror"]
    return grid("Test errors, points, weighted by loans", columns, rows)


def _by(group: str) -> str:
    return "all loans together" if group == "all" else group.replace("_", " ")
