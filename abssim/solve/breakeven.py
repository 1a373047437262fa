"""The default multiple at which each note takes its first loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from abssim.measure.note import principal_losses
from abssim.measure.pool import pool_measure
from abssim.result import RunResult

RunAt = Callable[[float], RunResult]

GRID = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
"""Multiples scanned before bisection: triggers can make the loss rise and fall again."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where a note first loses principal as the default curve is multiplied.

    A `multiple` of None means no loss up to `highest`; 0 means a loss without any default. `monotone` is False when
    some larger multiple on the grid shows no loss again, so that the lowest multiple is not a limit.
    """

    note: str
    multiple: float | None
    cumulative_net_loss_ratio: float | None
    """Pool loss of the run at `multiple`: cumulative net loss / initial pool."""
    coverage: float | None
    """That loss / the loss at multiple 1."""
    monotone: bool
    highest: float


class _Scan:
    """Loss of every note by multiple, each multiple run once."""

    def __init__(self, run_at: RunAt) -> None:
        self.run_at = run_at
        self.losses: dict[float, tuple[int, ...]] = {}
        self.pool_losses: dict[float, float] = {}

    def loss(self, multiple: float, note: int) -> int:
        """Principal loss of a note."""
        self._run(multiple)
        return self.losses[multiple][note]

    def pool_loss(self, multiple: float) -> float:
        """Cumulative net loss ratio of the pool."""
        self._run(multiple)
        return self.pool_losses[multiple]

    def _run(self, multiple: float) -> None:
        if multiple in self.losses:
            return
        result = self.run_at(multiple)
        self.losses[multiple] = principal_losses(result)
        self.pool_losses[multiple] = float(pool_measure(result).cumulative_net_loss_ratio[-1])


def break_even(
    run_at: RunAt, notes: Sequence[str], grid: Sequence[float] = GRID, tolerance: float = 1e-3
) -> tuple[BreakEven, ...]:
    """First-loss multiple of every note to `tolerance`; `run_at(k)` runs the deal with k times the default curve.

    The whole grid is scanned first; then bisection between the last multiple without a loss and the first with one.
    The answer is the upper end: the lowest multiple seen to lose. Where the dial moves nothing (no defaults assumed,
    or a servicer's own figures) there is no answer for any note.
    """
    scan = _Scan(run_at)
    if scan.pool_loss(grid[0]) == scan.pool_loss(grid[-1]):
        return ()
    return tuple(_break_even(scan, i, name, tuple(grid), tolerance) for i, name in enumerate(notes))


def _break_even(scan: _Scan, note: int, name: str, grid: tuple[float, ...], tolerance: float) -> BreakEven:
    losing = [scan.loss(k, note) > 0 for k in grid]
    if not any(losing):
        return BreakEven(name, None, None, None, True, grid[-1])
    first = losing.index(True)
    multiple = grid[first] if first == 0 else _bisect(scan, note, grid[first - 1], grid[first], tolerance)
    loss, base = scan.pool_loss(multiple), scan.pool_loss(1.0)
    return BreakEven(name, multiple, loss, loss / base if base > 0.0 else None, all(losing[first:]), grid[-1])


def _bisect(scan: _Scan, note: int, safe: float, losing: float, tolerance: float) -> float:
    while losing - safe > tolerance:
        middle = 0.5 * (safe + losing)
        safe, losing = (safe, middle) if scan.loss(middle, note) > 0 else (middle, losing)
    return losing
