"""The default multiples at which each note first loses principal, and first misses timely interest.

The runs are to maturity: a call that is exercised may pay a note more than the pool behind it is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.errors import AbssimError, Problem
from abssim.kind.note import NoteField
from abssim.measure.note import principal_losses
from abssim.measure.pool import life_default_rate, pool_measure
from abssim.result import RunResult
from abssim.study.choice import require_some

RunAt = Callable[[float], RunResult]

GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
"""Multiples scanned before bisection: triggers can make the loss rise and fall again."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Where something first goes wrong as the default curve is multiplied.

    A `multiple` of None means never up to `highest`; 0 means without any default. `monotone` is False when all is well
    again at some larger multiple on the grid, so that the lowest multiple is not a limit.
    """

    multiple: float | None
    cumulative_net_loss_ratio: float | None
    """Pool loss of the run at `multiple`: cumulative net loss / initial pool."""
    coverage: float | None
    """That loss / the loss at multiple 1."""
    monotone: bool
    highest: float
    default_rate: float | None = None
    """Annual default rate (CDR) of the pool over its life in the run at `multiple`."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """What a note withstands."""

    note: str
    principal: Limit
    """First loss of principal."""
    interest: Limit | None
    """First shortfall of interest on its date, even if it is paid later; None for a note that is due none."""


class _Outcome(NamedTuple):
    """What a run came to; arrays are `(N,)`."""

    loses: npt.NDArray[np.bool_]
    """Principal is lost."""
    misses: npt.NDArray[np.bool_]
    """Interest is short on some date."""
    due: npt.NDArray[np.bool_]
    """Interest falls due."""
    pool_loss: float
    """Cumulative net loss ratio."""
    default_rate: float
    """CDR over the life of the pool."""


def _outcome(result: RunResult) -> _Outcome:
    flow = result.note_flow
    return _Outcome(
        np.array(principal_losses(result)) > 0,
        np.any(flow[:, :, NoteField.INTEREST_SHORTFALL] > 0, axis=0),
        np.any(flow[:, :, NoteField.INTEREST_DUE] > 0, axis=0),
        float(pool_measure(result).cumulative_net_loss_ratio[-1]),
        life_default_rate(result),
    )


OutcomeAt = Callable[[float], _Outcome]
Fails = Callable[[float], bool]


def break_even(
    run_at: RunAt, notes: Sequence[str], grid: Sequence[float] = GRID, tolerance: float = 1e-3
) -> tuple[BreakEven, ...]:
    """Limits of every note to `tolerance`; `run_at(k)` runs the deal, never called, with k times the default curve.

    The whole grid is scanned first; then bisection between the last multiple at which all is well and the first at
    which it is not. The answer is the upper end: the lowest multiple seen to fail. Where the dial moves nothing (no
    defaults assumed, or a servicer's own figures) there is no answer for any note.
    """
    require_some(grid, "multiples")
    if not tolerance > 0.0:
        raise AbssimError(Problem("E549", "tolerance", "", f"tolerance is a number above 0, not {tolerance!r}"))
    at: OutcomeAt = lru_cache(maxsize=None)(lambda k: _outcome(run_at(k)))
    if at(grid[0]).pool_loss == at(grid[-1]).pool_loss:
        return ()
    return tuple(_break_even(at, i, name, grid, tolerance) for i, name in enumerate(notes))


def _break_even(at: OutcomeAt, note: int, name: str, grid: Sequence[float], tolerance: float) -> BreakEven:
    principal = _limit(at, lambda k: bool(at(k).loses[note]), grid, tolerance)
    if not at(1.0).due[note]:
        return BreakEven(name, principal, None)
    return BreakEven(name, principal, _limit(at, lambda k: bool(at(k).misses[note]), grid, tolerance))


def _limit(at: OutcomeAt, fails: Fails, grid: Sequence[float], tolerance: float) -> Limit:
    failing = [fails(k) for k in grid]
    if not any(failing):
        return Limit(None, None, None, True, grid[-1])
    first = failing.index(True)
    multiple = grid[first] if first == 0 else _bisect(fails, grid[first - 1], grid[first], tolerance)
    loss, base = at(multiple).pool_loss, at(1.0).pool_loss
    return Limit(
        multiple, loss, loss / base if base > 0.0 else None, all(failing[first:]), grid[-1], at(multiple).default_rate
    )


def _bisect(fails: Fails, safe: float, failing: float, tolerance: float) -> float:
    while failing - safe > tolerance:
        middle = 0.5 * (safe + failing)
        safe, failing = (safe, middle) if fails(middle) else (middle, failing)
    return failing
