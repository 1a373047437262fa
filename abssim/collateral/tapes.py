"""Which pool of a deal a tape is for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from abssim.deal.deal import Deal
from abssim.errors import CompileError, Problem, did_you_mean
from abssim.tape.schema import LoanTape

Given = str | Path | LoanTape
Tapes = Given | Mapping[str, Given]
"""A tape for the pool that is meant (`only_pool`), or tapes by pool."""
UNNAMED = ""
"""Stands for the pool that is meant."""


def tapes_by_pool(deal: Deal, given: Tapes | None) -> dict[str, Given]:
    """The tapes that take the place of pools' own; raises CompileError (E537, E538) where it is open which pool's."""
    if given is None:
        return {}
    named = dict(given) if isinstance(given, Mapping) else {UNNAMED: given}
    problems = [
        Problem("E538", deal.name, "--tape", f'no pool "{name}"', did_you_mean(name, deal.pools))
        for name in named
        if name not in (*deal.pools, UNNAMED)
    ]
    if UNNAMED in named:
        pool = only_pool(deal)
        if not pool:
            text = f"the deal has several pools ({', '.join(deal.pools)}), and no pool is named"
            problems.append(Problem("E537", deal.name, "--tape", text, "write --tape POOL=FILE"))
        elif pool in named:
            problems.append(Problem("E537", deal.name, "--tape", f"two tapes for pool {pool}", "name one of them"))
        named[pool] = named.pop(UNNAMED)
    if problems:
        raise CompileError(problems)
    return named


def only_pool(deal: Deal) -> str:
    """The one pool that reads a tape, or the only one; empty if there are more."""
    reads = [name for name, pool in deal.pools.items() if pool.tape is not None] or [*deal.pools]
    return reads[0] if len(reads) == 1 else ""
