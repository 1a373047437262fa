"""The scenario a calibration amounts to: a document `abssim run -s` takes, every figure with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from abssim.calibrate.calibration import Calibration, CurveFit, HazardFit, RollFit, month_text
from abssim.calibrate.roll import filled
from abssim.calibrate.survival import Bands, SegmentRates
from abssim.calibrate.triangle import Triangle
from abssim.file import replacing
from abssim.scenario.load import DEAL
from abssim.scenario.roll import FROM, TO
from abssim.word import counted

if TYPE_CHECKING:
    from ruamel.yaml.comments import CommentedMap

Float64 = npt.NDArray[np.float64]

ASSUMED_LAG = 6
"""Months from default to recovery where the file does not date recoveries."""
_DIGITS = 4
_LONGEST = 96
"""A comment that would end beyond stands on a line of its own."""


def scenario_text(calibration: Calibration, name: str) -> str:
    """The document."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    document = CommentedMap()
    document["name"] = name
    document["reason"] = _reason(calibration)
    document["base"] = DEAL
    document.yaml_add_eol_comment("what is not calibrated stays the deal's", "base")
    document["assumptions"] = rules = CommentedSeq()
    for place, (rule, comment) in enumerate(_rules(calibration)):
        rules.append(rule)
        rules.yaml_set_comment_before_after_key(place, before=comment, indent=2)
    if calibration.factor is not None:
        document["factor"] = _factor(calibration)
    text, yaml = StringIO(), YAML()
    yaml.width = 118
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(document, text)
    return text.getvalue()


def write_scenario(calibration: Calibration, name: str, path: Path) -> None:
    """Write the document; the file is whole or the old one."""
    with replacing(path) as temporary:
        temporary.write_text(scenario_text(calibration, name), encoding="utf-8")


def _reason(calibration: Calibration) -> str:
    words = [f"Calibrated to {calibration.source}"]
    if calibration.hazards is not None:
        loans = counted(calibration.hazards.overall.loans, "loan")
        words.append(f"{loans} as seen at the end of {month_text(calibration.hazards.as_of)}")
    if calibration.rolls is not None:
        reading = calibration.rolls.reading
        words.append(f"{counted(reading.moves, 'monthly move')} of {counted(reading.loans, 'loan')}")
    if calibration.settings.weight == "balance":
        words.append("weighted by balance")
    return ", ".join(words) + "."


def _rules(calibration: Calibration) -> Iterator[tuple[CommentedMap, str]]:
    if calibration.rolls is not None:
        yield from _roll_rules(calibration, calibration.rolls)
    elif calibration.hazards is not None:
        yield from _hazard_rules(calibration, calibration.hazards)
    elif calibration.curves is not None:
        yield from _curve_rules(calibration, calibration.curves)
    if calibration.recovery is not None:
        yield _recovery(calibration), f"recovered of {counted(calibration.recovery.loans, 'default')}"


def _map(**fields: Any) -> CommentedMap:
    from ruamel.yaml.comments import CommentedMap

    document = CommentedMap()
    for name, value in fields.items():
        document[name] = value
    return document


def _flow(fields: Mapping[Any, Any]) -> CommentedMap:
    document = _map()
    document.update(fields)
    document.fa.set_flow_style()
    return document


def _where(condition: Mapping[str, str | int]) -> dict[str, Any]:
    return {"where": _flow(condition)} if condition else {}


def _roll_rules(calibration: Calibration, fit: RollFit) -> Iterator[tuple[CommentedMap, str]]:
    overall = filled(fit.overall.rate[0], fit.overall.rate[0])
    if calibration.settings.by:
        yield _roll_rule({}, fit.overall.ages, overall, fit.overall.count[0]), "all loans"
    for s, (where, label) in enumerate(zip(calibration.where, calibration.labels, strict=True)):
        rate, moves = filled(fit.rolls.rate[s], overall), fit.rolls.count[s]
        yield _roll_rule(where, fit.rolls.ages, rate, moves), f"{label}: {moves.sum():,.0f} moves"


def _roll_rule(where: Mapping[str, str | int], ages: Sequence[int], rate: Float64, count: Float64) -> CommentedMap:
    """`rate`, `count` (B, 4, 6)."""
    matrices = [_matrix(each, number) for each, number in zip(rate, count, strict=True)]
    rolls = matrices[0]
    if len(ages) > 1:
        rolls = _map(from_age=_map())
        for age, matrix in zip(ages, matrices, strict=True):
            rolls["from_age"][age] = matrix
    return _map(**_where(where), default=_map(roll_rates=rolls))


def _matrix(rate: Float64, count: Float64) -> CommentedMap:
    """Rows in percent; what stays is left out. Each row's comment is its number of moves."""
    rows = _map()
    for i, origin in enumerate(FROM):
        row = {target: _percent(rate[i, k]) for k, target in enumerate(TO) if k != i and rate[i, k] > 0.0}
        rows[origin] = _flow(row)
        rows.yaml_add_eol_comment(f"of {count[i].sum():,.0f}", origin)
    return rows


def _percent(share: float) -> float:
    """Rounded down, so that a row never passes 100 %."""
    return float(np.floor(100.0 * share * 10**_DIGITS + 1e-6) / 10**_DIGITS)


def _hazard_rules(calibration: Calibration, fit: HazardFit) -> Iterator[tuple[CommentedMap, str]]:
    yield _hazard_rule({}, fit.overall), _told("all loans", fit.overall)
    if calibration.settings.by:
        for where, rates in zip(calibration.where, fit.rates, strict=True):
            yield _hazard_rule(where, rates), _told(rates.label, rates)


def _told(label: str, rates: SegmentRates) -> str:
    share, error = 100.0 * rates.cumulative, 100.0 * rates.cumulative_error
    return (
        f"{label}: {counted(rates.loans, 'loan')}, {counted(rates.defaults, 'default')}, {share:.2f} % (± {error:.2f}) "
        f"by month {rates.months} of life"
    )


def _hazard_rule(where: Mapping[str, str | int], rates: SegmentRates) -> CommentedMap:
    return _map(
        **_where(where),
        by="age",
        default=_flow({"mdr_pct": curve_text(rates.default)}),
        prepayment=_flow({"smm_pct": curve_text(rates.prepayment)}),
    )


def curve_text(bands: Bands) -> str | float:
    """Steps as a scenario spells them: `0.8 for 6, 1.4 for 6, 4.2`."""
    steps: list[tuple[float, int]] = []
    for rate, until in zip(bands.rate, bands.until, strict=True):
        value = round(100.0 * rate, _DIGITS)
        if steps and steps[-1][0] == value:
            steps.pop()
        steps.append((value, until))
    spans = np.diff(np.asarray([0, *(until for _, until in steps)])).tolist()
    parts = [f"{value:g} for {span}" for (value, _), span in zip(steps[:-1], spans[:-1], strict=True)]
    return ", ".join([*parts, f"{steps[-1][0]:g}"]) if parts else steps[-1][0]


def _curve_rules(calibration: Calibration, fit: CurveFit) -> Iterator[tuple[CommentedMap, str]]:
    for where, triangle in zip(calibration.where, fit.triangles, strict=True):
        kind = "cumulative_loss_pct" if fit.is_loss else "cumulative_pct"
        default = {
            kind: round(100.0 * triangle.lifetime, _DIGITS),
            "timing": list(triangle.timing),
            "life_months": triangle.life,
        }
        fields = {**_where(where), "default": _flow(default)}
        if triangle.smm is not None:
            fields |= {"by": "age", "prepayment": _flow({"smm_pct": curve_text(_smm_bands(triangle))})}
        yield _map(**fields), f"{triangle.label}: {counted(len(triangle.vintages), 'vintage')}"


def _smm_bands(triangle: Triangle) -> Bands:
    values = () if triangle.smm is None else tuple(float(value) for value in triangle.smm)
    chosen = [(age, value) for age, value in zip(triangle.ages, values, strict=True) if age > 0]
    return Bands(tuple(age for age, _ in chosen), tuple(value for _, value in chosen), tuple(0.0 for _ in chosen))


def _recovery(calibration: Calibration) -> CommentedMap:
    assert calibration.recovery is not None
    fields: dict[str, Any] = {"rate_pct": round(100.0 * calibration.recovery.rate, _DIGITS)}
    if calibration.recovery.curve is not None:
        fields["curve_pct"] = _list(calibration.recovery.curve)
    else:
        fields["lag_months"] = ASSUMED_LAG
    recovery = _map(**fields)
    recovery.yaml_add_eol_comment(f"± {100.0 * calibration.recovery.error:.2f}", "rate_pct")
    if calibration.recovery.curve is None:
        recovery.yaml_add_eol_comment("assumed: the file does not date recoveries", "lag_months")
    return _map(recovery=recovery)


def _list(values: Sequence[float]) -> Any:
    from ruamel.yaml.comments import CommentedSeq

    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence


def _factor(calibration: Calibration) -> CommentedMap:
    factor = calibration.factor
    assert factor is not None
    document = _map(correlation_pct=round(100.0 * factor.correlation, 3), persistence=round(factor.persistence, 3))
    document.yaml_add_eol_comment(f"± {100.0 * factor.error:.2f}, monthly; {_origin(calibration)}", "correlation_pct")
    monthly = calibration.monthly
    seen = monthly is not None and monthly.is_seen
    source = f"± {monthly.persistence_error:.2f}, from calendar months" if monthly and seen else "assumed"
    document.yaml_add_eol_comment(source, "persistence")
    return document


def _origin(calibration: Calibration) -> str:
    if calibration.factor is not None and calibration.factor.source == "vintages" and calibration.lifetime is not None:
        rho = 100.0 * calibration.lifetime.correlation
        return f"for {rho:.2f} % between the lifetimes of {calibration.lifetime.vintages} vintages"
    return f"from {0 if calibration.monthly is None else len(calibration.monthly.months)} calendar months"
