"""Charts of runs: balances, cash and triggers, scenario by scenario."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.pool import pool_measure
from abssim.measure.timing import start_date
from abssim.measure.trigger import TriggerMeasure, trigger_measures
from abssim.report.chart import (
    BLUE,
    GRAY,
    ORANGE,
    VERMILION,
    Bars,
    Chart,
    Float64,
    Item,
    Layer,
    Line,
    Mark,
    Page,
    money_scale,
    note_color,
)
from abssim.result import Int64, RunResult
from abssim.setting import shown

_CASH = [NoteField.INTEREST_PAID, NoteField.PRINCIPAL_PAID, NoteField.RESIDUAL_PAID, NoteField.PREMIUM_PAID]


def run_page(runs: Sequence[RunResult]) -> Page:
    """All scenarios on one page, each chart named after its own where there are several."""
    first = runs[0]
    charts = [chart for run in runs for chart in run_charts(run, f"{run.scenario_name}: " if len(runs) > 1 else "")]
    facts = (
        ("Deal", first.deal_name),
        *(("Scenario", f"{run.scenario_name}: {run.scenario_reason}") for run in runs),
        *((("Set", ", ".join(shown(first.settings))),) if first.settings else ()),
        ("Fingerprint", ", ".join(run.fingerprint[:16] for run in runs)),
    )
    title = f"{first.deal_name}: {', '.join(run.scenario_name for run in runs)}"
    return Page(title, facts, tuple(charts))


def run_charts(run: RunResult, prefix: str = "") -> list[Chart]:
    """Charts of one scenario, their titles led by `prefix`."""
    charts = [_balances(run), _cash(run), _pool(run), _net_loss(run), _speeds(run)]
    charts += [_trigger(run, trigger) for trigger in trigger_measures(run) if trigger.tightest is not None]
    return [Chart(prefix + chart.title, chart.x_name, chart.y_name, chart.items, chart.caption) for chart in charts]


def _from_start(run: RunResult, opening: int, closing: Int64, scale: float) -> tuple[list[date], Float64]:
    """A balance from the start of the run on, in the unit of the axis."""
    days = [start_date(run), *run.dates.payment[: run.periods]]
    return days, np.concatenate([[opening], closing]) / scale


def _balances(run: RunResult) -> Chart:
    flow = run.note_flow
    opening = flow[0, :, NoteField.OPENING_BALANCE]
    scale, unit = money_scale(int(opening.sum()), run.currency)
    items = tuple(
        Layer(name, *_from_start(run, int(opening[n]), flow[:, n, NoteField.BALANCE], scale), note_color(n))
        for n, name in enumerate(run.names["note"])
        if flow[:, n, NoteField.BALANCE].any() or opening[n]
    )
    return Chart("Note balances", "", unit, items)


def _cash(run: RunResult) -> Chart:
    cash, days = run.note_flow[:, :, _CASH].sum(axis=2), run.dates.payment[: run.periods]
    scale, unit = money_scale(int(cash.sum(axis=1).max()), run.currency)
    apart = min(((b - a).days for a, b in pairwise(days)), default=30)
    items = tuple(
        Bars(name, days, cash[:, n] / scale, 0.8 * apart, note_color(n)) for n, name in enumerate(run.names["note"])
    )
    words = "Interest, principal, premium and residual."
    return Chart("Cash paid to the notes", "", f"{unit} a payment date", items, words)


def _pool(run: RunResult) -> Chart:
    pool, notes = run.pool_flow[:, 0], run.note_flow
    opening = (int(pool[0, PoolField.OPENING_BALANCE]), int(notes[0, :, NoteField.OPENING_BALANCE].sum()))
    scale, unit = money_scale(max(opening), run.currency)
    performing = _from_start(run, opening[0], pool[:, PoolField.CLOSING_BALANCE], scale)
    issued = _from_start(run, opening[1], notes[:, :, NoteField.BALANCE].sum(axis=1), scale)
    items = (Line("pool, 0–90 days past due", *performing, BLUE), Line("all notes", *issued, ORANGE, "dashed"))
    return Chart("Pool and notes", "", unit, items)


def _net_loss(run: RunResult) -> Chart:
    days, ratio = run.dates.payment[: run.periods], 100.0 * pool_measure(run).cumulative_net_loss_ratio
    return Chart("Cumulative net loss", "", "% of the initial pool", (Line("net loss", days, ratio, VERMILION),))


def _speeds(run: RunResult) -> Chart:
    days, pool = run.dates.payment[: run.periods], pool_measure(run)
    items = (Line("CPR", days, 100.0 * pool.cpr, BLUE), Line("CDR", days, 100.0 * pool.cdr, VERMILION, "dashed"))
    return Chart("Prepayment and default", "", "% a year", items)


def _trigger(run: RunResult, measure: TriggerMeasure) -> Chart:
    days = run.dates.payment[: run.periods]
    largest = np.nanmax(np.abs([measure.actual, measure.threshold]))
    scale, unit = (0.01, "%") if measure.is_ratio else (1.0, "")
    if measure.terms.is_amount:
        scale, unit = money_scale(int(largest), run.currency)
    items: list[Item] = [
        Line("actual", days, measure.actual / scale, BLUE),
        Line("threshold", days, measure.threshold / scale, VERMILION, "dashed"),
    ]
    if measure.first_active is not None:
        items.append(Mark(f"active since {measure.first_active.isoformat()}", measure.first_active, GRAY))
    return Chart(f"Trigger {measure.terms.name}", "", unit, tuple(items), measure.terms.condition)
