"""A simulation as a JSON document, and its paths as a table.

    deal, scenario, fingerprint, notices[], paths, seed, sampling, importance, vintage_loans
    notes[]        losses with errors, VaR and ES by level, lives, yields, probabilities
    triggers[]     probability to have fired: ever, and by payment date
    policies[]     probability to have taken effect: ever, and by payment date
    pool           cumulative net loss: mean, deviation, quantiles; default, recovery; timing of both by payment date
    fans[]         by series and payment date: quantiles
    convergence[]  the main figures from growing numbers of paths

Several scenarios are `{"runs": [...], "comparison": {...}}`, the comparison by figure and scenario with differences to
the first, path by path.

An estimate is `{value, error}`, two errors to each side cover 95 %; `{at_most}` where no path showed the event (95 %
confidence). Of a name `NAME_error` is the error. Names that end in `_pct` are in percent; dates ISO; what is not known
is null. Quantiles of fans have no errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.file import replacing
from abssim.guard import harmless
from abssim.measure.comparison import Compared, compare
from abssim.measure.distribution import (
    LEVELS,
    POOL_QUANTILES,
    QUANTILES,
    NoteDistribution,
    Spread,
    TriggerDistribution,
    convergence,
    note_distributions,
    policy_distributions,
    pool_distribution,
    trigger_distributions,
)
from abssim.measure.estimate import Estimate
from abssim.money import minor_digits
from abssim.report.number import known, units
from abssim.report.setting import settings_part
from abssim.result import Simulation
from abssim.study.choice import require_ending, require_some

ENDINGS = (".csv", ".parquet")
"""Files `write_paths` can write."""


def simulation_document(sim: Simulation) -> dict[str, Any]:
    """All of a simulation: a function of its inputs and seed."""
    return {
        "deal": {"name": sim.deal_name, "currency": sim.currency},
        "scenario": {"name": sim.scenario_name, "reason": sim.scenario_reason},
        **settings_part(sim.settings),
        "fingerprint": sim.fingerprint,
        "notices": list(sim.notices),
        "paths": sim.paths,
        "seed": sim.seed,
        "sampling": sim.sampling,
        "importance": sim.importance,
        "vintage_loans": sim.vintage_loans or None,
        "notes": [_note(note) for note in note_distributions(sim)],
        "triggers": _triggers(sim, "trigger", trigger_distributions(sim)),
        "policies": _triggers(sim, "policy", policy_distributions(sim)),
        "pool": _pool(sim),
        "fans": _fans(sim),
        "convergence": _convergence(sim),
    }


def simulations_document(sims: Sequence[Simulation]) -> dict[str, Any]:
    """The document of a single scenario as it is; of several as `{"runs": [...], "comparison": {...}}`."""
    documents = [simulation_document(sim) for sim in sims]
    return documents[0] if len(documents) == 1 else {"runs": documents, "comparison": _comparison(sims)}


def _comparison(sims: Sequence[Simulation]) -> dict[str, Any]:
    comparison = compare(sims)

    def by_scenario(figure: Compared, factor: float = 100.0) -> list[dict[str, Any]]:
        values = [_estimate(estimate, factor) for estimate in figure.values]
        pairs = zip(comparison.scenarios, values, strict=True)
        rows: list[dict[str, Any]] = [{"scenario": name, **value} for name, value in pairs]
        for row, difference in zip(rows[1:], figure.differences[1:], strict=False):
            row["difference"] = _estimate(difference, factor)
        return rows

    return {
        "net_loss_pct": by_scenario(comparison.net_loss),
        "notes": [
            {
                "note": note.name,
                "expected_loss_pct": by_scenario(note.expected_loss),
                "loss_probability_pct": by_scenario(note.loss_probability),
                "value_at_risk_99_pct": by_scenario(note.value_at_risk),
                "wal": by_scenario(note.life, 1.0),
            }
            for note in comparison.notes
        ],
        "triggers": [{"trigger": name, "ever_pct": by_scenario(fired)} for name, fired in comparison.triggers.items()],
    }


def _estimate(estimate: Estimate, factor: float = 100.0) -> dict[str, float | None]:
    if estimate.at_most is not None:
        return {"at_most": known(estimate.at_most, factor)}
    return {"value": known(estimate.value, factor), "error": known(estimate.error, factor)}


def _by_level(estimates: Iterable[Estimate], levels: Iterable[float]) -> dict[str, Any]:
    return {f"{100 * level:g}": _estimate(estimate) for level, estimate in zip(levels, estimates, strict=True)}


def _spread(distribution: Spread, factor: float = 100.0) -> dict[str, Any]:
    figures = {"deviation": distribution.deviation}
    figures |= {
        f"quantile_{100 * q:g}": estimate for q, estimate in zip(QUANTILES, distribution.quantiles, strict=True)
    }
    values = {name: known(estimate.value, factor) for name, estimate in figures.items()}
    errors = {f"{name}_error": known(estimate.error, factor) for name, estimate in figures.items()}
    return {"mean": _estimate(distribution.mean, factor), **values, **errors, "paths": distribution.known}


def _note(note: NoteDistribution) -> dict[str, Any]:
    return {
        "note": note.name,
        "expected_loss_pct": _estimate(note.expected_loss),
        "loss_probability_pct": _estimate(note.loss_probability),
        "loss_given_loss_pct": _estimate(note.loss_given_loss),
        "value_at_risk_pct": _by_level(note.value_at_risk, LEVELS),
        "expected_shortfall_pct": _by_level(note.expected_shortfall, LEVELS),
        "wal": _spread(note.life, 1.0),
        "yield_pct": _spread(note.yield_rate),
        "interest_shortfall_probability_pct": _estimate(note.interest_shortfall),
        "late_probability_pct": _estimate(note.late),
    }


def _triggers(sim: Simulation, kind: str, triggers: Iterable[TriggerDistribution]) -> list[dict[str, Any]]:
    days = [when.isoformat() for when in sim.dates.payment]
    return [
        {
            kind: trigger.name,
            "ever_pct": _estimate(trigger.ever),
            "by_date_pct": {
                when: known(float(share), 100.0) for when, share in zip(days, trigger.by_date, strict=True)
            },
        }
        for trigger in triggers
    ]


def _pool(sim: Simulation) -> dict[str, Any]:
    pool = pool_distribution(sim)
    return {
        "initial_balance": units(sim.initial_pool_balance, sim.currency),
        "net_loss_pct": _spread(pool.net_loss),
        "net_loss_quantiles_pct": _by_level(pool.quantiles, POOL_QUANTILES),
        "default_pct": _estimate(pool.default),
        "recovery_pct": _estimate(pool.recovery),
        "first_default": None if pool.first_default is None else sim.dates.payment[pool.first_default].isoformat(),
        "default_timing_pct": [known(float(share), 100.0) for share in pool.default_timing],
        "loss_timing_pct": [known(float(share), 100.0) for share in pool.timing],
    }


def _fans(sim: Simulation) -> list[dict[str, Any]]:
    pool = pool_distribution(sim)
    return [
        {
            "series": fan.name.lower(),
            "date": when.isoformat(),
            **{f"quantile_{100 * q:g}_pct": known(float(pool.fans[fan][i, t]), 100.0) for i, q in enumerate(QUANTILES)},
        }
        for fan in Fan
        for t, when in enumerate(sim.dates.payment)
    ]


def _convergence(sim: Simulation) -> list[dict[str, Any]]:
    names = [terms.name for terms in sim.notes_terms]
    return [
        {
            "paths": row.paths,
            "net_loss_pct": _estimate(row.net_loss),
            "expected_loss_pct": {n: _estimate(e) for n, e in zip(names, row.expected_loss, strict=True)},
            "value_at_risk_99_pct": {n: _estimate(e) for n, e in zip(names, row.value_at_risk, strict=True)},
        }
        for row in convergence(sim)
    ]


def path_columns(sim: Simulation) -> dict[str, np.ndarray]:
    """One row per path: figures of the pool, of each note, trigger and policy; amounts in currency units."""
    digits = minor_digits(sim.currency)
    columns: dict[str, np.ndarray] = {"path": np.arange(sim.paths), "weight": sim.weight, "replicate": sim.replicate}
    numbers = np.array([*sim.dates.number, 0])
    for pool_field in PoolSummary:
        values = sim.pool[:, pool_field]
        key = f"pool.{pool_field.name.lower()}"
        is_row = pool_field in (PoolSummary.CALLED, PoolSummary.LAST)
        columns[key] = numbers[values] if is_row else values / 10.0**digits
    for n, terms in enumerate(sim.notes_terms):
        columns[f"note.{terms.name}.wal"] = sim.life[:, n]
        for field in NoteSummary:
            values, key = sim.note[:, n, field], f"note.{terms.name}.{field.name.lower()}"
            columns[key] = numbers[values] if field is NoteSummary.REPAID else values / 10.0**digits
        columns[f"note.{terms.name}.settled"] = sim.note[:, n, NoteSummary.SETTLED]
    for g, trigger in enumerate(sim.triggers_terms):
        columns[f"trigger.{trigger.name}"] = numbers[sim.trigger[:, g]]
    for q, policy in enumerate(sim.policies):
        columns[f"policy.{policy}"] = np.maximum(0, sim.policy[:, q])
    return columns


def write_paths(sims: Sequence[Simulation], path: str | Path) -> None:
    """One row per path to .csv or .parquet; dates are numbers of payment dates, policies first months; 0 for never.

    Of several scenarios one below the other, with a column that names them; a policy that only some have is empty for
    the others.
    """
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as parquet

    target = Path(path)
    require_some(sims, "simulations")
    require_ending(target, ENDINGS)
    is_csv = target.suffix.lower() == ".csv"
    tables = [pa.table(path_columns(sim)) for sim in sims]
    if len(sims) > 1:
        words = [harmless(sim.scenario_name) if is_csv else sim.scenario_name for sim in sims]
        names = [pa.array([name] * sim.paths) for name, sim in zip(words, sims, strict=True)]
        tables = [table.add_column(0, "scenario", name) for table, name in zip(tables, names, strict=True)]
    table = pa.concat_tables(tables, promote_options="default")
    with replacing(target) as temporary:
        if is_csv:
            csv.write_csv(table, temporary)
        else:
            parquet.write_table(table, temporary)
