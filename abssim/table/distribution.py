"""A simulation on the terminal: losses, lives and yields of the notes, triggers, pool, fans, convergence."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from rich.console import RenderableType

from abssim.amount import NOTHING
from abssim.engine.layout import Fan, NoteSummary
from abssim.measure.distribution import (
    LEVELS,
    POOL_QUANTILES,
    QUANTILES,
    NoteDistribution,
    Spread,
    TriggerDistribution,
    convergence,
    loss_ratios,
    net_loss_ratios,
    note_distributions,
    policy_distributions,
    pool_distribution,
    trigger_distributions,
)
from abssim.measure.estimate import Estimate
from abssim.result import Simulation
from abssim.table.footnote import LATE, residual_words, start_words
from abssim.table.grid import grid, listing, stack
from abssim.table.number import day, estimated, fit, number, percent
from abssim.table.setting import setting_facts
from abssim.word import counted

_BARS = "▁▂▃▄▅▆▇█"
_WIDEST = 26
"""Characters of a sparkline: what a width of 80 leaves beside the words and figures."""
_FEW = 30
"""Paths with a loss from which Student's t no longer widens errors to speak of."""
_SHOWN = tuple(QUANTILES.index(q) for q in (0.05, 0.5, 0.95))
"""Quantiles that find room in a table."""
_FANS = {
    Fan.DEFAULT_RATIO: "Cumulative default / initial pool",
    Fan.NET_LOSS_RATIO: "Cumulative net loss / initial pool",
    Fan.POOL_FACTOR: "Pool factor",
    Fan.DPD_30_PLUS_RATIO: "31–90 days past due / pool",
    Fan.SENIOR_FACTOR: "Balance of the first note / initial",
}


def simulation_tables(sim: Simulation) -> RenderableType:
    """Everything a simulation says."""
    notes = note_distributions(sim)
    few = _few_words(loss_ratios(sim, n) for n in range(len(notes)))
    parts = [_header(sim), _losses(sim, notes, few), _tails(notes, few), _lives(sim, notes)]
    if sim.triggers_terms:
        parts.append(_triggers(sim, "Trigger", "Triggers: probability to have fired, %", trigger_distributions(sim)))
    if sim.policies:
        parts.append(
            _triggers(sim, "Policy", "Policies: probability to have taken effect, %", policy_distributions(sim))
        )
    return stack([*parts, _pool(sim), _timing(sim), _fans(sim), _convergence(sim)])


def _header(sim: Simulation) -> RenderableType:
    scale = fit(sim.initial_pool_balance, sim.currency, 15)
    rows = [
        ("Deal", sim.deal_name),
        ("Scenario", f"{sim.scenario_name}: {sim.scenario_reason}"),
        *setting_facts(sim.settings),
        ("Pool", f"{scale.text(sim.initial_pool_balance)} {scale.unit}, {_loans(sim)}"),
        ("Run to", _end(sim)),
        ("Paths", f"{sim.paths:,}, seed {sim.seed}{_sampling(sim)}"),
        ("Fingerprint", sim.fingerprint[:16]),
    ]
    if sim.vintage_loans:
        rows.insert(-1, ("Purchases", f"each month's simulated on a sample of {counted(sim.vintage_loans, 'loan')}"))
    return listing(rows)


def _end(sim: Simulation) -> str:
    """Where paths end, and with them the losses of the pool."""
    if sim.held_to_maturity:
        return "maturity, never called"
    if sim.names.get("call"):
        return "call: calls are exercised, and the pool's losses end there"
    return "maturity: the deal has no call"


def _sampling(sim: Simulation) -> str:
    """How paths were drawn, if not plainly."""
    words = "" if sim.sampling == "random" else f", {sim.sampling}"
    if sim.importance > 0.0:
        each = "pair" if sim.sampling == "antithetic" else "one"
        words += f", every second {each} with the factor {sim.importance:g} standard deviations lower, weighted"
    return words


def _loans(sim: Simulation) -> str:
    loans, obligors = sim.tape_summary.get("loans"), sim.tape_summary.get("obligors")
    return (
        ""
        if loans is None or obligors is None
        else f"{counted(int(loans), 'loan')} of {counted(int(obligors), 'obligor')}"
    )


def _few_words(losses: Iterable[np.ndarray]) -> str:
    """Why errors are wide, where few paths show a loss: how much these vary is hardly known."""
    counts = [int(np.count_nonzero(each)) for each in losses]
    some = [count for count in counts if 0 < count < _FEW]
    if not some:
        return ""
    paths = "1 path shows" if min(some) == 1 else f"{min(some)} paths show"
    return f" Only {paths} a loss: ± is widened for that (Student's t)."


def _paid_late(sim: Simulation) -> bool:
    """True if a path pays a note that was open at its legal final."""
    days = sim.dates.unadjusted
    after = [sum(day <= terms.legal_final for day in days) for terms in sim.notes_terms]
    late = sim.note[..., NoteSummary.LATE_BALANCE] > 0
    return any(bool(sim.cash[late[:, n], n, first:].any()) for n, first in enumerate(after))


def _losses(sim: Simulation, notes: tuple[NoteDistribution, ...], few: str) -> RenderableType:
    rows = [
        [
            note.name,
            *_pair(note.expected_loss, 3),
            *_pair(note.loss_probability),
            *_pair(note.loss_given_loss),
            estimate(note.interest_shortfall),
            estimate(note.late),
        ]
        for note in notes
    ]
    late = LATE if _paid_late(sim) else ""
    columns = ["Note", "Expected\nloss", "±", "P(loss)", "±", "Loss given\nloss", "±", "P(interest\nshort)"]
    caption = (
        "Losses in % of the balance at the start; ± standard error, two of them cover 95 %. ≤: no path showed it; "
        f"bound at 95 % confidence.{few}{residual_words(sim.notes_terms, 'Loss')}{late}"
    )
    return grid("Notes: losses, %", [*columns, "P(late at\nlegal final)"], rows, caption=caption)


def _tails(notes: tuple[NoteDistribution, ...], few: str) -> RenderableType:
    rows = []
    for note in notes:
        figures = [cell for each in (*note.value_at_risk, *note.expected_shortfall) for cell in _pair(each)]
        rows.append([note.name, *figures])
    heads = [f"{name}\n{100 * level:g}" for name in ("VaR", "ES") for level in LEVELS]
    columns = ["Note", *(cell for head in heads for cell in (head, "±"))]
    caption = "VaR: loss not exceeded with that probability; ES: mean of the losses beyond. –: too few paths to say."
    caption += few
    return grid("Notes: value at risk and expected shortfall, % of the balance", columns, rows, caption=caption)


def _lives(sim: Simulation, notes: tuple[NoteDistribution, ...]) -> RenderableType:
    rows = [[note.name, *_spread(note.life, 1.0, 3), *_spread(note.yield_rate, 100.0, 2)] for note in notes]
    quantiles = [f"{100 * QUANTILES[i]:g} %" for i in _SHOWN]
    columns = ["Note", "WAL\nmean", "±", "sd", *quantiles, "Yield\nmean", "±", "sd", *quantiles]
    caption = (
        f"WAL in years, of principal, 30/360 from {start_words(sim)}, on paths where the note is settled; yield at "
        "par, bond equivalent, % a year."
    )
    caption += " ± of sd and quantiles: --json."
    return grid("Notes: lives and yields", columns, rows, caption=caption)


def _spread(spread: Spread, factor: float, decimals: int) -> list[str]:
    figures = (
        spread.mean.value,
        spread.mean.error,
        spread.deviation.value,
        *(spread.quantiles[i].value for i in _SHOWN),
    )
    return [number(factor * figure, decimals + (i == 1)) for i, figure in enumerate(figures)]


def _triggers(sim: Simulation, kind: str, title: str, triggers: tuple[TriggerDistribution, ...]) -> RenderableType:
    marks, rows = _marks(sim), []
    for trigger in triggers:
        rows.append([trigger.name, *_pair(trigger.ever), *(percent(float(trigger.by_date[t])) for t in marks)])
    columns = [
        kind,
        "Ever",
        "±",
        *(f"by\n{day(sim.dates.payment[t])}" for t in marks),
    ]
    return grid(title, columns, rows)


def _pool(sim: Simulation) -> RenderableType:
    pool = pool_distribution(sim)
    rows = [
        ["Mean", *_pair(pool.net_loss.mean, 3)],
        ["Standard deviation", *_pair(pool.net_loss.deviation, 3)],
        *([f"{100 * q:g} % quantile", *_pair(e, 3)] for q, e in zip(POOL_QUANTILES, pool.quantiles, strict=True)),
        ["Mean cumulative default", *_pair(pool.default, 3)],
        ["Mean cumulative recovery", *_pair(pool.recovery, 3)],
    ]
    caption = "Of a standard deviation two ± cover about 92 % with --importance." if sim.importance > 0.0 else ""
    caption = f"{caption}{_few_words([net_loss_ratios(sim)])}".strip()
    return grid("Pool: cumulative net loss, % of the initial pool", ["", "%", "±"], rows, caption=caption)


def _marks(sim: Simulation) -> list[int]:
    """Six dates spread over the run; fewer where there are fewer."""
    return sorted({round((i + 1) * sim.periods / 6) - 1 for i in range(6)} - {-1})


def _timing(sim: Simulation) -> RenderableType:
    pool, days, marks = pool_distribution(sim), sim.dates.payment, _marks(sim)
    rows = []
    for name, shares in (("Defaults", pool.default_timing), ("Net losses", pool.timing)):
        half = day(days[int(np.argmax(shares >= 0.5))]) if np.isfinite(shares).all() else NOTHING
        rows.append([name, *(percent(float(shares[t]), 1) for t in marks), half])
    first = None if pool.first_default is None else days[pool.first_default]
    caption = f"First date with a default on any path: {day(first)}. Above 100: recoveries are still to come."
    columns = ["", *(f"by\n{day(days[t])}" for t in marks), "Half by"]
    return grid("Timing: share of the mean that has happened, %", columns, rows, caption=caption)


def _fans(sim: Simulation) -> RenderableType:
    pool = pool_distribution(sim)
    rows = []
    for fan, words in _FANS.items():
        series = pool.fans[fan]
        top = float(np.nanmax(series, initial=0.0))
        for i in reversed(_SHOWN):
            name = words if i == _SHOWN[-1] else ""
            figures = (series[i].max(), series[i, -1])
            label = f"{100 * QUANTILES[i]:g} %"
            rows.append([name, label, sparkline(series[i], top), *(percent(float(f)) for f in figures)])
    first, last = day(sim.dates.payment[0]), day(sim.dates.payment[-1])
    columns = ["Share", "", f"{first} to {last}", "Highest\n%", "Last\n%"]
    return grid("Fans", columns, rows, words=3)


def _convergence(sim: Simulation) -> RenderableType:
    rows = []
    for row in convergence(sim):
        notes = [f"{estimate(e, 3)}" for e in row.expected_loss]
        tails = [f"{estimate(e)}" for e in row.value_at_risk]
        rows.append([f"{row.paths:,}", *_pair(row.net_loss, 3), *notes, *tails])
    names = [terms.name for terms in sim.notes_terms]
    columns = ["Paths", "Pool\nnet loss", "±", *(f"EL\n{n}" for n in names), *(f"VaR 99\n{n}" for n in names)]
    return grid("Convergence, %", columns, rows)


def sparkline(values: np.ndarray, top: float) -> str:
    """A series as bars between 0 and `top`; long ones are thinned."""
    chosen = values[np.linspace(0, len(values) - 1, min(len(values), _WIDEST)).round().astype(int)]
    if top <= 0.0:
        return _BARS[0] * len(chosen)
    level = np.clip(np.ceil(chosen / top * len(_BARS)) - 1, 0, len(_BARS) - 1)
    return "".join(_BARS[int(each)] for each in level)


def estimate(figure: Estimate, decimals: int = 2) -> str:
    """An estimate in percent, or the bound on it."""
    if figure.at_most is not None:
        return f"≤ {percent(figure.at_most, decimals)}"
    return estimated(100.0 * figure.value, 100.0 * figure.error, decimals)[0]


def _pair(figure: Estimate, decimals: int = 2) -> tuple[str, str]:
    """An estimate and its error."""
    if figure.is_bound:
        return estimate(figure, decimals), ""
    return estimated(100.0 * figure.value, 100.0 * figure.error, decimals)
