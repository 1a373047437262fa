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
from abssim.scenario.roll import FROM, TO

_DIGITS = 6


def calibration_document(found: Calibration) -> dict[str, Any]:
    """Everything that was found."""
    settings = found.settings
    return {
        "source": found.source,
        "kind": found.kind,
        "weight": settings.weight,
        "fit_to": _month(settings.fit_to),
        "test_from": _month(settings.test_from),
        "notes": list(found.notes),
        "segments": _segments(found),
        "overall": _overall(found),
        "recovery": _recovery(found),
        "correlation": _correlation(found),
        "fit": _fit(found),
        "test": None if found.test is None else _test(found.test),
    }


def _month(month: int | None) -> str | None:
    return None if month is None else month_text(month)


def _plain(value: float) -> float | None:
    return round(float(value), _DIGITS) if math.isfinite(value) else None


def _percent(value: float) -> float | None:
    return _plain(100.0 * value)


def _segments(found: Calibration) -> list[dict[str, Any]]:
    named = [{"label": label, "where": dict(w)} for label, w in zip(found.labels, found.where, strict=True)]
    if found.rolls is not None:
        bodies = [_rolls(found.rolls.rolls, s) | _roll_figures(found.rolls, s) for s in range(len(named))]
    elif found.hazards is not None:
        bodies = [_rates(rates) for rates in found.hazards.rates]
    else:
        assert found.curves is not None
        bodies = [_triangle(each, found.curves.is_loss) for each in found.curves.triangles]
    return [name | body for name, body in zip(named, bodies, strict=True)]


def _overall(found: Calibration) -> dict[str, Any] | None:
    if found.rolls is not None:
        return _rolls(found.rolls.overall, 0)
    return None if found.hazards is None else _rates(found.hazards.overall)


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


def _triangle(each: Triangle, is_loss: bool) -> dict[str, Any]:
    vintages = [
        {"vintage": v.name, "loans": _plain(v.loans), "age": v.age, "seen_pct": _percent(v.seen),
         "ultimate_pct": _percent(v.ultimate), "error_pct": _percent(v.error)}
        for v in each.vintages
    ]  # fmt: skip
    return {
        "cumulative_loss_pct" if is_loss else "cumulative_default_pct": _percent(each.lifetime),
        "timing_pct": list(each.timing),
        "life_months": each.life,
        "ages": list(each.ages),
        "development_factors": _list(each.factors, 1.0),
        "smm_pct": None if each.smm is None else _list(each.smm, 100.0),
        "mdr_pct": None if each.hazard is None else _list(each.hazard, 100.0),
        "vintages": vintages,
    }


def _list(values: Sequence[float] | np.ndarray, factor: float) -> list[float | None]:
    return [_plain(factor * float(value)) for value in values]


def _recovery(found: Calibration) -> dict[str, Any] | None:
    each = found.recovery
    if each is None:
        return None
    curve = None if each.curve is None else list(each.curve)
    return {
        "rate_pct": _percent(each.rate),
        "error_pct": _percent(each.error),
        "defaults": each.loans,
        "curve_pct": curve,
    }


def _correlation(found: Calibration) -> dict[str, Any]:
    lifetime, monthly, factor = found.lifetime, found.monthly, found.factor
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


def _fit(found: Calibration) -> dict[str, Any] | None:
    if not found.fit:
        return None
    total, freedom, chance = chi_square(found.fit)
    rows = [
        {
            "label": row.label,
            "number": row.number,
            "actual": row.actual,
            "expected": _plain(row.expected),
            "z": _plain(row.z),
        }
        for row in found.fit
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
            "group": each.group,
            "groups": each.rows,
            "inside": each.inside,
            "default_bias_pct": _percent(each.default_bias),
            "default_error_pct": _percent(each.default_error),
            "prepaid_bias_pct": _percent(each.prepaid_bias),
            "prepaid_error_pct": _percent(each.prepaid_error),
        }
        for each in test.errors
    ]
    return {"rows": rows, "errors": errors}
