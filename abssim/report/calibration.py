"""A calibration as a JSON document.

    source, kind, weight, fit_to, test_from, notes[]
    segments[]     label, where, and by kind: roll rates by age (`from_age`, `rate_pct`, `error_pct`, `moves`), default
                   and prepayment by band of age, or lifetime figure, timing and vintages of a static pool
    overall        the same of all loans together
    recovery       rate_pct, error_pct, defaults, curve_pct
    correlation    lifetime, monthly, scenario (what a scenario takes)
    fit            rows[] (label, number, actual, expected, z), chi_square, p_value
    test           rows[] and errors[], in percent of loans

What is not known is null; a name that ends in `_pct` is in percent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from abssim.calibrate.backtest import BackTest
from abssim.calibrate.calibration import Calibration, RollFit, chi_square, month_text
from abssim.calibrate.roll import Rolls
from abssim.calibrate.survival import Bands, SegmentRates
from abssim.calibrate.triangle import Triangle
from abssim.report.number import known
from abssim.scenario.roll import FROM, TO

_DIGITS = 6


def calibration_document(calibration: Calibration) -> dict[str, Any]:
    """Everything that was found."""
    settings = calibration.settings
    return {
        "source": calibration.source,
        "kind": calibration.kind,
        "weight": settings.weight,
        "fit_to": _month(settings.fit_to),
        "test_from": _month(settings.test_from),
        "notes": list(calibration.notes),
        "segments": _segments(calibration),
        "overall": _overall(calibration),
        "recovery": _recovery(calibration),
        "correlation": _correlation(calibration),
        "fit": _fit(calibration),
        "test": None if calibration.test is None else _test(calibration.test),
    }


def _month(month: int | None) -> str | None:
    return None if month is None else month_text(month)


def _plain(value: float) -> float | None:
    return known(value, decimals=_DIGITS)


def _percent(value: float) -> float | None:
    return _plain(100.0 * value)


def _segments(calibration: Calibration) -> list[dict[str, Any]]:
    named = [{"label": label, "where": dict(w)} for label, w in zip(calibration.labels, calibration.where, strict=True)]
    if calibration.rolls is not None:
        bodies = [_rolls(calibration.rolls.rolls, s) | _roll_figures(calibration.rolls, s) for s in range(len(named))]
    elif calibration.hazards is not None:
        bodies = [_rates(rates) for rates in calibration.hazards.rates]
    else:
        assert calibration.curves is not None
        bodies = [_triangle(triangle, calibration.curves.is_loss) for triangle in calibration.curves.triangles]
    return [name | body for name, body in zip(named, bodies, strict=True)]


def _overall(calibration: Calibration) -> dict[str, Any] | None:
    if calibration.rolls is not None:
        return _rolls(calibration.rolls.overall, 0)
    return None if calibration.hazards is None else _rates(calibration.hazards.overall)


def _rolls(rolls: Rolls, s: int) -> dict[str, Any]:
    matrices = [
        {
            "from_age": age,
            "moves": _matrix(rolls.count[s, b], 1.0),
            "rate_pct": _matrix(rolls.rate[s, b], 100.0),
            "error_pct": _matrix(rolls.error[s, b], 100.0),
        }
        for b, age in enumerate(rolls.ages)
    ]
    return {"roll_rates": matrices}


def _roll_figures(fit: RollFit, s: int) -> dict[str, Any]:
    speed, error = fit.speeds[s]
    twelve = _percent(fit.twelve_months[s])
    return {"smm_pct": _percent(speed), "smm_error_pct": _percent(error), "twelve_month_default_pct": twelve}


def _matrix(values: np.ndarray, factor: float) -> dict[str, dict[str, float | None]]:
    return {
        origin: {target: _plain(factor * float(values[i, k])) for k, target in enumerate(TO)}
        for i, origin in enumerate(FROM)
    }


def _rates(rates: SegmentRates) -> dict[str, Any]:
    return {
        "loans": rates.loans,
        "defaults": rates.defaults,
        "months": rates.months,
        "cumulative_default_pct": _percent(rates.cumulative),
        "cumulative_default_error_pct": _percent(rates.cumulative_error),
        "cumulative_prepaid_pct": _percent(rates.prepaid),
        "default": _bands(rates.default),
        "prepayment": _bands(rates.prepayment),
    }


def _bands(bands: Bands) -> list[dict[str, Any]]:
    return [
        {"until_month": until, "rate_pct": _percent(rate), "error_pct": _percent(error)}
        for until, rate, error in zip(bands.until, bands.rate, bands.error, strict=True)
    ]


def _triangle(triangle: Triangle, is_loss: bool) -> dict[str, Any]:
    vintages = [
        {"vintage": v.name, "loans": _plain(v.loans), "age": v.age, "seen_pct": _percent(v.seen),
         "ultimate_pct": _percent(v.ultimate), "error_pct": _percent(v.error)}
        for v in triangle.vintages
    ]  # fmt: skip
    return {
        "cumulative_loss_pct" if is_loss else "cumulative_default_pct": _percent(triangle.lifetime),
        "timing_pct": list(triangle.timing),
        "life_months": triangle.life,
        "ages": list(triangle.ages),
        "development_factors": _list(triangle.factors, 1.0),
        "smm_pct": None if triangle.smm is None else _list(triangle.smm, 100.0),
        "mdr_pct": None if triangle.hazard is None else _list(triangle.hazard, 100.0),
        "vintages": vintages,
    }


def _list(values: Sequence[float] | np.ndarray, factor: float) -> list[float | None]:
    return [_plain(factor * float(value)) for value in values]


def _recovery(calibration: Calibration) -> dict[str, Any] | None:
    recovery = calibration.recovery
    if recovery is None:
        return None
    curve = None if recovery.curve is None else list(recovery.curve)
    return {
        "rate_pct": _percent(recovery.rate),
        "error_pct": _percent(recovery.error),
        "defaults": recovery.loans,
        "curve_pct": curve,
    }


def _correlation(calibration: Calibration) -> dict[str, Any]:
    lifetime, monthly, factor = calibration.lifetime, calibration.monthly, calibration.factor
    return {
        "lifetime": None if lifetime is None else {
            "correlation_pct": _percent(lifetime.correlation), "error_pct": _percent(lifetime.error),
            "by_moments_pct": _percent(lifetime.moments), "deviance": _plain(lifetime.deviance),
            "vintages": lifetime.vintages,
        },
        "monthly": None if monthly is None else {
            "correlation_pct": _percent(monthly.correlation), "error_pct": _percent(monthly.error),
            "persistence": _plain(monthly.persistence), "persistence_error": _plain(monthly.persistence_error),
            "deviance": _plain(monthly.deviance), "months": list(map(month_text, monthly.months)),
            "factor": _list(monthly.factor, 1.0),
        },
        "scenario": None if factor is None else {
            "correlation_pct": _percent(factor.correlation), "error_pct": _percent(factor.error),
            "persistence": _plain(factor.persistence), "source": factor.source,
        },
    }  # fmt: skip


def _fit(calibration: Calibration) -> dict[str, Any] | None:
    if not calibration.fit:
        return None
    total, freedom, chance = chi_square(calibration.fit)
    rows = [
        {
            "label": row.label,
            "number": row.number,
            "actual": row.actual,
            "expected": _plain(row.expected),
            "z": _plain(row.z),
        }
        for row in calibration.fit
    ]
    return {"rows": rows, "chi_square": _plain(total), "degrees_of_freedom": freedom, "p_value": _plain(chance)}


def _test(test: BackTest) -> dict[str, Any]:
    rows = [
        {"group": row.group, "label": row.label, "loans": row.loans, "default_pct": _percent(row.default),
         "expected_default_pct": _percent(row.expected_default), "low_pct": _percent(row.low),
         "high_pct": _percent(row.high), "inside": row.inside if math.isfinite(row.low) else None,
         "prepaid_pct": _percent(row.prepaid), "expected_prepaid_pct": _percent(row.expected_prepaid)}
        for row in test.rows
    ]  # fmt: skip
    errors = [
        {
            "group": of_group.group,
            "groups": of_group.rows,
            "inside": of_group.inside,
            "default_bias_pct": _percent(of_group.default_bias),
            "default_error_pct": _percent(of_group.default_error),
            "prepaid_bias_pct": _percent(of_group.prepaid_bias),
            "prepaid_error_pct": _percent(of_group.prepaid_error),
        }
        for of_group in test.errors
    ]
    return {"rows": rows, "errors": errors}
