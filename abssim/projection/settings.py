"""What a simulation depends on beside deal, tape and scenario (`Settings`), and how it is run (`Execution`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from abssim.collateral.sampling import Sampling
from abssim.errors import notify
from abssim.projection.prepare import Calls

VINTAGE_LOANS = 20_000
"""Loans in the sample that stands for a month's purchases."""
BLOCK = 16
"""Paths a worker takes at a time."""


@dataclass(frozen=True)
class Settings:
    """What changes the figures: paths of other settings are other paths."""

    seed: int
    vintage_loans: int = VINTAGE_LOANS
    calls: Calls = "exercised"
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True)
class Execution:
    """What changes no figure: where and how the blocks of paths are run, and what is kept of them."""

    threads: int = 0
    """Of this process; 0: all cores."""
    block_paths: int = BLOCK
    cluster: str | None = None
    """Address of a Dask scheduler, whose workers run the blocks."""
    store: Path | None = None
    """Folder that finished blocks are written to."""
    resume: bool = False
    """Go on from what the folder holds."""
    progress: Callable[[int], None] = lambda done: None
    """Told how many paths are done, of all scenarios together."""
    notice: Callable[[str], None] = notify
    """Told what the user should know of."""
