"""How the losses of a simulation are spread: shares of the paths by size of the loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.measure.distribution import loss_ratios, net_loss_ratios
from abssim.result import Simulation

Float64 = npt.NDArray[np.float64]

_FEWEST, _MOST = 10, 50
"""Bins."""
_ALONE = 0.005
"""Half the width of the bin of a value that all paths share."""


@dataclass(frozen=True)
class Histogram:
    """Bins of equal width, the last one closed."""

    edges: Float64
    """(B + 1,)"""
    shares: Float64
    """(B,) of all paths; they add up to the share of the paths that are counted."""


def net_loss_histogram(sim: Simulation) -> Histogram:
    """Cumulative net loss / initial pool, every path."""
    ratios = net_loss_ratios(sim)
    return _histogram(sim, ratios, np.ones(len(ratios), dtype=np.bool_))


def note_loss_histogram(sim: Simulation, note: int) -> Histogram:
    """Loss of a note / balance at the start, the paths that have one; the others are what is missing to 1."""
    ratios = loss_ratios(sim, note)
    return _histogram(sim, ratios, ratios > 0.0)


def _histogram(sim: Simulation, values: Float64, counted: npt.NDArray[np.bool_]) -> Histogram:
    chosen = values[counted]
    bins = min(_MOST, max(_FEWEST, math.isqrt(len(chosen))))
    low, high = (float(chosen.min()), float(chosen.max())) if len(chosen) else (0.0, 1.0)
    if high == low:
        bins, low, high = 1, low - _ALONE, high + _ALONE
    counts, edges = np.histogram(chosen, bins, (low, high), weights=sim.weight[counted])
    return Histogram(edges, counts / len(values))
