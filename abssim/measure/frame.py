"""Measures as pandas frames: of one path (`RunResult`) or of many (`Simulation`).

Rates and ratios are decimal, lives in years, amounts in currency units. A figure of a simulation has its standard error
beside it (`_error`); where no path showed the event it is not a number, and `_at_most` bounds it (95 % confidence).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from abssim.engine.layout import Fan
from abssim.measure.distribution import (
    LEVELS,
    QUANTILES,
    NoteDistribution,
    Spread,
    note_distributions,
    pool_distribution,
    trigger_distributions,
)
from abssim.measure.estimate import Estimate
from abssim.measure.note import NoteMeasure, note_measures
from abssim.measure.pool import PoolMeasure, pool_measure
from abssim.measure.price import yield_at_par
from abssim.measure.trigger import trigger_measures
from abssim.money import minor_digits
from abssim.result import RunResult, Simulation

if TYPE_CHECKING:
    import pandas as pd


def note_frame(result: RunResult | Simulation) -> pd.DataFrame:
    """One row per note: life, yield at par (bond equivalent), window, loss; of a simulation also VaR and ES."""
    import pandas as pd

    if isinstance(result, RunResult):
        rows = [_note_of_run(result, note) for note in note_measures(result)]
    else:
        unit = 10.0 ** minor_digits(result.currency)
        opening = result.opening_balances / unit
        pairs = zip(note_distributions(result), opening, strict=True)
        rows = [{"opening_balance": float(balance), **_note_of_paths(note)} for note, balance in pairs]
    return pd.DataFrame(rows, index=pd.Index([terms.name for terms in result.notes_terms], name="note"))


def pool_frame(result: RunResult | Simulation) -> pd.DataFrame:
    """One row per payment date: speeds and ratios of a run; of a simulation quantiles of its fans, and timing."""
    import pandas as pd

    if isinstance(result, RunResult):
        measure = pool_measure(result)
        columns = {name: getattr(measure, name) for name in PoolMeasure.__dataclass_fields__}
    else:
        pool = pool_distribution(result)
        fans = {f"{fan.name.lower()}_{100 * q:g}": pool.fans[fan][i] for fan in Fan for i, q in enumerate(QUANTILES)}
        columns = {"default_timing": pool.default_timing, "loss_timing": pool.timing, **fans}
    return pd.DataFrame(columns, index=_days(result))


def trigger_frame(result: RunResult | Simulation) -> pd.DataFrame:
    """One row per payment date, a column for each trigger: whether it is active; of a simulation the probability that
    it has fired by then."""
    import pandas as pd

    columns: dict[str, np.ndarray]
    if isinstance(result, RunResult):
        columns = {measure.terms.name: measure.active for measure in trigger_measures(result)}
    else:
        columns = {trigger.name: trigger.by_date for trigger in trigger_distributions(result)}
    return pd.DataFrame(columns, index=_days(result))


def _days(result: RunResult | Simulation) -> pd.Index[Any]:
    import pandas as pd

    return pd.Index(result.dates.payment[: result.periods], name="date")


def _note_of_run(run: RunResult, note: NoteMeasure) -> dict[str, Any]:
    unit = 10.0 ** minor_digits(run.currency)
    amounts = ("initial_balance", "opening_balance", "interest_paid", "principal_paid", "residual_paid")
    return {
        **{name: getattr(note, name) / unit for name in amounts},
        "wal": note.wal,
        "yield_rate": yield_at_par(run, note.name),
        "principal_first": note.principal_first,
        "principal_last": note.principal_last,
        "expected_final": note.expected_final,
        "interest_shortfall": note.interest_shortfall / unit,
        "principal_loss": note.principal_loss / unit,
        "settled": note.settled,
    }


def _note_of_paths(note: NoteDistribution) -> dict[str, float]:
    return {
        **_bounded("expected_loss", note.expected_loss),
        **_bounded("loss_probability", note.loss_probability),
        **_estimate("loss_given_loss", note.loss_given_loss),
        **_by_level("value_at_risk", note.value_at_risk),
        **_by_level("expected_shortfall", note.expected_shortfall),
        **_spread("wal", note.life),
        **_spread("yield_rate", note.yield_rate),
        **_bounded("interest_shortfall_probability", note.interest_shortfall),
        **_bounded("late_probability", note.late),
    }


def _estimate(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: float("nan") if estimate.is_bound else estimate.value, f"{name}_error": estimate.error}


def _bounded(name: str, estimate: Estimate) -> dict[str, float]:
    at_most = float("nan") if estimate.at_most is None else estimate.at_most
    return {**_estimate(name, estimate), f"{name}_at_most": at_most}


def _by_level(name: str, estimates: Iterable[Estimate]) -> dict[str, float]:
    columns: dict[str, float] = {}
    for level, estimate in zip(LEVELS, estimates, strict=True):
        key = f"{name}_{100 * level:g}"
        columns |= _bounded(key, estimate) if name == "expected_shortfall" else _estimate(key, estimate)
    return columns


def _spread(name: str, spread: Spread) -> dict[str, float]:
    columns = {**_estimate(name, spread.mean), **_estimate(f"{name}_deviation", spread.deviation)}
    for q, estimate in zip(QUANTILES, spread.quantiles, strict=True):
        columns |= _estimate(f"{name}_{100 * q:g}", estimate)
    return columns
