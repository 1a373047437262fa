"""The priority of payments and one payment date as JSON documents."""

from __future__ import annotations

import itertools
from typing import Any

from abssim.kind.account import ACCOUNT
from abssim.kind.base import Kind
from abssim.kind.clock import ClockField, Regime
from abssim.kind.ledger import LEDGER
from abssim.kind.note import NOTE
from abssim.kind.step import StepField
from abssim.measure.reason import Known, Reason, known, reason
from abssim.measure.trigger import TriggerMeasure, trigger_measures
from abssim.measure.waterfall import steps_in_force
from abssim.money import minor_digits
from abssim.report.number import known as finite
from abssim.report.number import units
from abssim.report.setting import settings_part
from abssim.result import RunResult


def priority_document(result: RunResult) -> dict[str, Any]:
    """Steps of every waterfall by regime, in words; of a trust with series their terms too."""
    regimes = itertools.groupby(result.steps_terms, key=lambda step: step.regime)
    series = {terms.name: list(terms.description) for terms in result.series_terms}
    return (
        settings_part(result.settings)
        | ({"series": series} if series else {})
        | {
            regime: [{"step": step.name, "rule": step.rule, "words": step.description} for step in steps]
            for regime, steps in regimes
        }
    )


def payment_date_document(result: RunResult, t: int) -> dict[str, Any]:
    """One payment date: what each step owed and paid and out of which account; accounts and notes after it."""
    return {
        "deal": result.deal_name,
        "scenario": result.scenario_name,
        **settings_part(result.settings),
        "period": result.dates.number[t],
        "date": result.dates.payment[t].isoformat(),
        "regime": Regime(int(result.clock[t, ClockField.REGIME])).name.lower(),
        "steps": [_step(result, t, s) for s in steps_in_force(result, t)],
        "accounts": _rows(result, ACCOUNT, t),
        "notes": _rows(result, NOTE, t),
        "ledgers": _rows(result, LEDGER, t),
        "definitions": {name: _value(result, known(result, t, name)) for name in result.names["definition"]},
        "triggers": [_trigger(measure, result, t) for measure in trigger_measures(result)],
    }


def _condition(result: RunResult, found: Reason) -> dict[str, Any]:
    """Held is null where it hangs on balances that were read while the waterfall paid."""
    values = {each.name: _value(result, each) for each in found.known}
    return {"when": found.condition, "values": values, "held": found.held}


def _value(result: RunResult, seen: Known) -> float | bool | None:
    if seen.value is None or seen.dimension == "flag":
        return None if seen.value is None else bool(seen.value)
    return units(round(seen.value), result.currency) if seen.dimension == "amount" else finite(seen.value)


def _trigger(measure: TriggerMeasure, result: RunResult, t: int) -> dict[str, Any]:
    unit = 10.0 ** minor_digits(result.currency) if measure.terms.is_amount else 1.0
    figures = {"threshold": measure.threshold[t], "actual": measure.actual[t], "cushion": measure.cushion[t]}
    values = {name: finite(float(value) / unit) for name, value in figures.items()}
    return {"trigger": measure.terms.name, "condition": measure.terms.condition, **values, "status": measure.status(t)}


def _step(result: RunResult, t: int, s: int) -> dict[str, Any]:
    terms, draws = result.steps_terms[s], result.draw_flow[t, s]
    amounts = {f.name.lower(): units(int(result.step_flow[t, s, f]), result.currency) for f in StepField}
    origin = {name: units(int(draws[a]), result.currency) for a, name in enumerate(result.sources) if draws[a]}
    found = reason(result, t, s)
    told = {} if found is None else {"condition": _condition(result, found)}
    return {"step": terms.name, "rule": terms.rule, **amounts, "from": origin, **told}


def _rows(result: RunResult, kind: Kind, t: int) -> list[dict[str, Any]]:
    """All figures of the things of a kind on a date."""
    flow = result.flow(kind.name)[t]
    return [
        {kind.name: name, **{key: units(int(flow[i, f]), result.currency) for f, key in enumerate(kind.words())}}
        for i, name in enumerate(result.names[kind.name])
    ]
