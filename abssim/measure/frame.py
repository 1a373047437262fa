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


def note_frame(found: RunResult | Simulation) -> pd.DataFrame:
    """One row per note: life, yield at par (bond equivalent), window, loss; of a simulation also VaR and ES."""
    import pandas as pd

    if isinstance(found, RunResult):
        rows = [_note_of_run(found, note) for note in note_measures(found)]
    else:
        unit = 10.0 ** minor_digits(found.currency)
        opening = found.opening_balances / unit
        each = zip(note_distributions(found), opening, strict=True)
        rows = [{"opening_balance": float(balance), **_note_of_paths(note)} for note, balance in each]
    return pd.DataFrame(rows, index=pd.Index([terms.name for terms in found.notes_terms], name="note"))


def pool_frame(found: RunResult | Simulation) -> pd.DataFrame:
    """One row per payment date: speeds and ratios of a run; of a simulation quantiles of its fans, and timing."""
    import pandas as pd

    if isinstance(found, RunResult):
        measure = pool_measure(found)
        columns = {name: getattr(measure, name) for name in PoolMeasure.__dataclass_fields__}
    else:
        pool = pool_distribution(found)
        fans = {f"{fan.name.lower()}_{100 * q:g}": pool.fans[fan][i] for fan in Fan for i, q in enumerate(QUANTILES)}
        columns = {"default_timing": pool.default_timing, "loss_timing": pool.timing, **fans}
    return pd.DataFrame(columns, index=_days(found))


def trigger_frame(found: RunResult | Simulation) -> pd.DataFrame:
    """One row per payment date, a column for each trigger: whether it is active; of a simulation the probability that
    it has fired by then."""
    import pandas as pd

    columns: dict[str, np.ndarray]
    if isinstance(found, RunResult):
        columns = {measure.terms.name: measure.active for measure in trigger_measures(found)}
    else:
        columns = {trigger.name: trigger.by_date for trigger in trigger_distributions(found)}
    return pd.DataFrame(columns, index=_days(found))


def _days(found: RunResult | Simulation) -> pd.Index[Any]:
    import pandas as pd

    return pd.Index(found.dates.payment[: found.periods], name="date")


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


def _estimate(name: str, found: Estimate) -> dict[str, float]:
    return {name: float("nan") if found.is_bound else found.value, f"{name}_error": found.error}


def _bounded(name: str, found: Estimate) -> dict[str, float]:
    at_most = float("nan") if found.at_most is None else found.at_most
    return {**_estimate(name, found), f"{name}_at_most": at_most}


def _by_level(name: str, found: Iterable[Estimate]) -> dict[str, float]:
    columns: dict[str, float] = {}
    for level, each in zip(LEVELS, found, strict=True):
        key = f"{name}_{100 * level:g}"
        columns |= _bounded(key, each) if name == "expected_shortfall" else _estimate(key, each)
    return columns


def _spread(name: str, found: Spread) -> dict[str, float]:
    columns = {**_estimate(name, found.mean), **_estimate(f"{name}_deviation", found.deviation)}
    for q, each in zip(QUANTILES, found.quantiles, strict=True):
        columns |= _estimate(f"{name}_{100 * q:g}", each)
    return columns
