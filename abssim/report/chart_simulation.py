"""Charts of a simulation: fans, histograms of losses, lives and yields, triggers, timing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from abssim.engine.layout import Fan
from abssim.measure.distribution import (
    LEVELS,
    POOL_QUANTILES,
    QUANTILES,
    NoteDistribution,
    PoolDistribution,
    Spread,
    note_distributions,
    pool_distribution,
    trigger_distributions,
)
from abssim.measure.estimate import Estimate
from abssim.measure.histogram import Histogram, net_loss_histogram, note_loss_histogram
from abssim.report.chart import (
    BLUE,
    VERMILION,
    Bars,
    Box,
    Chart,
    FanBand,
    Item,
    Line,
    Mark,
    Page,
    note_color,
)
from abssim.result import Simulation
from abssim.setting import shown

_MARKS = ("#8c8c8c", "#4d4d4d", "#000000")
"""Grays of VaR lines, by `LEVELS`."""


def simulation_page(sims: Sequence[Simulation]) -> Page:
    """Everything that simulations of one deal show; charts carry the scenario's name where there are several."""
    charts: list[Chart] = []
    remarks: list[str] = []
    for sim in sims:
        own, said = _charts(sim)
        name = f"{sim.scenario_name}: " if len(sims) > 1 else ""
        charts += [replace(chart, title=name + chart.title) for chart in own]
        remarks += [name + text for text in said]
    names = ", ".join(sim.scenario_name for sim in sims)
    facts = [fact for sim in sims for fact in _facts(sim)]
    return Page(f"{sims[0].deal_name}: {names}", tuple(dict.fromkeys(facts)), tuple(charts), tuple(remarks))


def _charts(sim: Simulation) -> tuple[list[Chart], list[str]]:
    """Charts of one scenario, and what is said in place of some."""
    notes, pool = note_distributions(sim), pool_distribution(sim)
    charts = [*_fans(sim, pool), _net_loss(sim, pool), _timing(sim, pool)]
    charts += [_note_loss(sim, n, note) for n, note in enumerate(notes) if not note.loss_probability.is_bound]
    charts += _boxes(notes)
    if sim.triggers_terms:
        charts.append(_triggers(sim))
    return charts, [_no_loss(note) for note in notes if note.loss_probability.at_most is not None]


def _facts(sim: Simulation) -> tuple[tuple[str, str], ...]:
    return (
        ("Deal", sim.deal_name),
        ("Scenario", f"{sim.scenario_name}: {sim.scenario_reason}"),
        *((("Set", ", ".join(shown(sim.settings))),) if sim.settings else ()),
        ("Paths", f"{sim.paths:,}, seed {sim.seed}"),
        ("Fingerprint", sim.fingerprint[:16]),
    )


def _fans(sim: Simulation, pool: PoolDistribution) -> list[Chart]:
    first = sim.notes_terms[0].name
    titles = {
        Fan.NET_LOSS_RATIO: ("Cumulative net loss", "% of the initial pool"),
        Fan.POOL_FACTOR: ("Pool factor", "% of the initial pool"),
        Fan.DPD_30_PLUS_RATIO: ("31–90 days past due", "% of the pool"),
        Fan.SENIOR_FACTOR: (f"Balance of note {first}", "% of its initial balance"),
    }
    return [Chart(title, "", unit, _fan(sim, 100.0 * pool.fans[fan])) for fan, (title, unit) in titles.items()]


def _fan(sim: Simulation, series: np.ndarray) -> tuple[Item, ...]:
    """Bands between the outer and the inner quantiles, and the median."""
    days, names = sim.dates.payment, [f"{100 * q:g}" for q in QUANTILES]
    return (
        FanBand(f"{names[0]}–{names[4]} %", days, series[0], series[4], BLUE, 0.18),
        FanBand(f"{names[1]}–{names[3]} %", days, series[1], series[3], BLUE, 0.35),
        Line("median", days, series[2], BLUE),
    )


def _net_loss(sim: Simulation, pool: PoolDistribution) -> Chart:
    at = dict(zip(POOL_QUANTILES, pool.quantiles, strict=True))
    items = (_bars(net_loss_histogram(sim), BLUE), *_var_marks([at[level] for level in LEVELS]))
    mean = f"Mean {_percent(pool.net_loss.mean)} ± {100.0 * pool.net_loss.mean.error:.3f} %."
    return Chart("Distribution of cumulative net loss", "% of the initial pool", "% of the paths", items, mean)


def _note_loss(sim: Simulation, n: int, note: NoteDistribution) -> Chart:
    items = (_bars(note_loss_histogram(sim, n), note_color(n)), *_var_marks(note.value_at_risk))
    caption = f"No loss on {100.0 * (1.0 - note.loss_probability.value):.2f} % of the paths, which are not drawn. "
    caption += f"Expected loss {_percent(note.expected_loss)}."
    return Chart(f"Loss of note {note.name}", "% of its balance at the start", "% of the paths", items, caption)


def _no_loss(note: NoteDistribution) -> str:
    bound = 100.0 * (note.loss_probability.at_most or 0.0)
    return f"Note {note.name}: no path shows a loss; its probability is at most {bound:.3g} % (95 % confidence)."


def _bars(histogram: Histogram, color: str) -> Bars:
    middle, width = (histogram.edges[1:] + histogram.edges[:-1]) / 2.0, float(histogram.edges[1] - histogram.edges[0])
    return Bars("paths", 100.0 * middle, 100.0 * histogram.shares, 100.0 * width, color)


def _var_marks(estimates: list[Estimate] | tuple[Estimate, ...]) -> list[Item]:
    """Lines at the VaR that are known and not zero."""
    return [
        Mark(f"VaR {100 * level:g}: {_percent(estimate)}", 100.0 * estimate.value, color)
        for level, estimate, color in zip(LEVELS, estimates, _MARKS, strict=True)
        if estimate.value > 0.0
    ]


def _percent(estimate: Estimate) -> str:
    """An estimate, or the bound on it; two digits of what would be rounded to a false zero."""
    if estimate.at_most is not None:
        return f"≤ {100.0 * estimate.at_most:.3f} %"
    figure = 100.0 * estimate.value
    return f"{figure:.1e} %" if 0.0 < abs(figure) < 0.0005 else f"{figure:.3f} %"


def _boxes(notes: tuple[NoteDistribution, ...]) -> list[Chart]:
    words = f"Line {100 * QUANTILES[0]:g}–{100 * QUANTILES[4]:g} %, box {100 * QUANTILES[1]:g}–{100 * QUANTILES[3]:g} %"
    words += " of the paths on which the note is settled; stroke: median, dashes: mean."
    life = _box_chart(notes, "Weighted average life", "years, 30/360", lambda note: note.life, 1.0, words)
    rate = _box_chart(notes, "Yield at par", "% a year, bond equivalent", lambda note: note.yield_rate, 100.0, words)
    return [chart for chart in (life, rate) if chart.items]


def _box_chart(
    notes: tuple[NoteDistribution, ...],
    title: str,
    unit: str,
    spread: Callable[[NoteDistribution], Spread],
    factor: float,
    caption: str,
) -> Chart:
    boxes = []
    for n, note in enumerate(notes):
        distribution = spread(note)
        if distribution.known:
            quantiles = tuple(factor * q.value for q in distribution.quantiles)
            boxes.append(Box(note.name, quantiles, factor * distribution.mean.value, note_color(n)))
    return Chart(title, unit, "", tuple(boxes), caption)


def _triggers(sim: Simulation) -> Chart:
    items = []
    for g, trigger in enumerate(trigger_distributions(sim)):
        label = f"{trigger.name}, in the end {_percent(trigger.ever)}"
        items.append(Line(label, sim.dates.payment, 100.0 * trigger.by_date, note_color(g), "steps"))
    return Chart("Triggers: probability to have fired", "", "% of the paths", tuple(items))


def _timing(sim: Simulation, pool: PoolDistribution) -> Chart:
    days = sim.dates.payment
    items = (
        Line("defaults", days, 100.0 * pool.default_timing, BLUE),
        Line("net losses", days, 100.0 * pool.timing, VERMILION, "dashed"),
    )
    first = "No path has a default."
    if pool.first_default is not None:
        first = f"First date with a default on any path: {days[pool.first_default].isoformat()}."
    return Chart("Timing of defaults and losses", "", "% of the mean", items, first)
