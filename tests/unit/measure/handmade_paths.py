"""A simulation written by hand: the deal of `handmade` on 200 paths, the worse the higher their number p.

default     50 p minor units of a pool of 100 000: nothing at first, then 1/4, 3/4 and all of it
recovery    10 p: half on the third date, all on the fourth
note A      never loses anything
note B      15 000; loses 100 (p - 149) from path 150 on
trigger     bad_debt fires on the third date from path 180 on, thin_pool never
"""

from __future__ import annotations

import numpy as np

from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.result import Simulation
from tests.unit.measure.handmade import handmade_result

PATHS = 200
DEFAULTED = np.array([0.0, 0.25, 0.75, 1.0])
RECOVERED = np.array([0.0, 0.0, 0.5, 1.0])


def handmade_simulation(**changes: object) -> Simulation:
    """The simulation of the module's docstring, with fields changed."""
    run, p = handmade_result(), np.arange(PATHS)
    note = np.zeros((PATHS, 2, len(NoteSummary)), np.int64)
    note[:, 1, NoteSummary.PRINCIPAL_LOSS] = np.maximum(0, 100 * (p - 149))
    note[:, :, NoteSummary.SETTLED] = 1
    pool = np.zeros((PATHS, len(PoolSummary)), np.int64)
    pool[:, PoolSummary.DEFAULT], pool[:, PoolSummary.RECOVERY] = 50 * p, 10 * p
    cash = np.zeros((PATHS, 2, 4), np.int64)
    cash[:, 0, 1], cash[:, 1, 3] = 81_000, 15_500 - note[:, 1, NoteSummary.PRINCIPAL_LOSS]
    given = {
        "deal_name": run.deal_name,
        "scenario_name": run.scenario_name,
        "scenario_reason": run.scenario_reason,
        "currency": run.currency,
        "fingerprint": run.fingerprint,
        "versions": run.versions,
        "seed": 7,
        "sampling": "random",
        "importance": 0.0,
        "weight": np.ones(PATHS),
        "replicate": p,
        "vintage_loans": 0,
        "dates": run.dates,
        "years": np.array([1, 2, 3, 4]) / 12.0,
        "names": run.names,
        "notes_terms": run.notes_terms,
        "triggers_terms": run.triggers_terms,
        "initial_pool_balance": 100_000,
        "opening_balances": np.array([80_000, 15_000]),
        "note": note,
        "life": np.stack([np.full(PATHS, 2 / 12), 0.3 + p / 1000], axis=1),
        "cash": cash,
        "pool": pool,
        "fan": _fan(p),
        "trigger": np.stack([np.where(p >= 180, 2, -1), np.full(PATHS, -1)], axis=1),
        "policy": np.zeros((PATHS, 0), np.int64),
    }
    return Simulation(**{**given, **changes})  # type: ignore[arg-type]


def _fan(p: np.ndarray) -> np.ndarray:
    fan = np.zeros((PATHS, len(Fan), 4), np.float32)
    fan[:, Fan.DEFAULT_RATIO] = np.outer(50 * p, DEFAULTED) / 100_000
    fan[:, Fan.NET_LOSS_RATIO] = (np.outer(50 * p, DEFAULTED) - np.outer(10 * p, RECOVERED)) / 100_000
    fan[:, Fan.POOL_FACTOR] = [0.7, 0.4, 0.15, 0.0]
    fan[:, Fan.SENIOR_FACTOR] = [0.6, 0.3, 0.0, 0.0]
    return fan
