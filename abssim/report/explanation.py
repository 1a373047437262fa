"""The priority of payments and one payment date as JSON documents."""

from __future__ import annotations

import itertools
from typing import Any

from abssim.kind.account import ACCOUNT
from abssim.kind.base import Kind
from abssim.kind.clock import ClockField, Regime
from abssim.kind.note import NOTE
from abssim.kind.step import StepField
from abssim.measure.waterfall import steps_in_force
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
        **settings_part(result.settings),
        "period": result.dates.number[t],
        "date": result.dates.payment[t].isoformat(),
        "regime": Regime(int(result.clock[t, ClockField.REGIME])).name.lower(),
        "steps": [_step(result, t, s) for s in steps_in_force(result, t)],
        "accounts": _rows(result, ACCOUNT, t),
        "notes": _rows(result, NOTE, t),
    }


def _step(result: RunResult, t: int, s: int) -> dict[str, Any]:
    terms, draws = result.steps_terms[s], result.draw_flow[t, s]
    amounts = {f.name.lower(): units(int(result.step_flow[t, s, f]), result.currency) for f in StepField}
    origin = {name: units(int(draws[a]), result.currency) for a, name in enumerate(result.sources) if draws[a]}
    return {"step": terms.name, "rule": terms.rule, **amounts, "from": origin}


def _rows(result: RunResult, kind: Kind, t: int) -> list[dict[str, Any]]:
    """All figures of the things of a kind on a date."""
    flow = result.flow(kind.name)[t]
    return [
        {kind.name: name, **{key: units(int(flow[i, f]), result.currency) for f, key in enumerate(kind.words())}}
        for i, name in enumerate(result.names[kind.name])
    ]
