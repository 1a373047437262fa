"""Figures over paths: one check of shapes and weights for all who average."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem
from abssim.valuation.fault import refuse

Float64 = npt.NDArray[np.float64]


def weights_of(weight: Float64 | None, **arrays: npt.NDArray[Any]) -> Float64:
    """(P,) weights of paths with a sum of 1; equal without `weight`.

    Raises ValuationError E605 where the arrays, by path first, have not the same shape, E600 for weights below zero.
    """
    name, first = next(iter(arrays.items()))
    paths = first.shape[0] if first.ndim else 0
    given = np.full(paths, 1.0) if weight is None else np.asarray(weight, dtype=np.float64)
    refuse(
        Problem("E605", "", name, "has no paths") if paths == 0 else None,
        *(_unlike(other, array.shape, name, first.shape) for other, array in arrays.items()),
        _unlike("weight", given.shape, "paths", (paths,)),
    )
    usable = (given >= 0.0).all() and 0.0 < given.sum() < np.inf
    refuse(None if usable else Problem("E600", "", "weight", "must be 0 or more, and not all 0"))
    return np.asarray(given / given.sum())


def _unlike(name: str, shape: tuple[int, ...], other: str, wanted: tuple[int, ...]) -> Problem | None:
    if shape == wanted:
        return None
    return Problem("E605", "", name, f"has the shape {shape}, {other} {wanted}")


def tail_weights(losses: Float64, weight: Float64, level: float) -> Float64:
    """(P,) weights of the worst `1 - level` of the paths, with a sum of 1. Paths at its edge count in part, equal
    losses by the same part."""
    order = np.argsort(-losses, kind="stable")
    reached = np.cumsum(weight[order])
    edge = losses[order][min(len(losses) - 1, int(np.searchsorted(reached, (1.0 - level) * (1.0 - 1e-12))))]
    beyond, at = losses > edge, losses == edge
    part = (1.0 - level - weight[beyond].sum()) / weight[at].sum()
    share = np.where(beyond, weight, np.where(at, part * weight, 0.0))
    return np.asarray(share / share.sum())
