"""What can be simulated: sizes, and samplings that fit the scenario and the number of paths."""

from __future__ import annotations

import os
from collections.abc import Sequence

from abssim.bound import MOST_COUNT, MOST_THREADS
from abssim.collateral.sampling import KINDS, REPLICATES, Sampling
from abssim.collateral.source import GivenCollections
from abssim.engine.deal.summary import Outcome
from abssim.errors import Problem, SettingsError, did_you_mean
from abssim.lookup import look
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario
from abssim.word import counted


def require_sizes(compiled: CompiledDeal, **sizes: int) -> None:
    """There must be something to simulate, and a positive number of everything that can be counted."""
    name = compiled.deal.name
    problems = []
    for key, size in sizes.items():
        least, most = (0, MOST_THREADS) if key == "threads" else (1, MOST_COUNT)
        if not least <= size <= most:
            text = f"must be {'0 or ' * (least == 0)}a positive number, not {size}"
            text = text if size < least else f"must be at most {most:,}, not {size:,}"
            problems.append(Problem("E503", name, key.replace("_", " "), text))
    if all(isinstance(pool, GivenCollections) for pool in compiled.assets.pools.values()):
        text = "the deal has no loans: its pools are a servicer's figures, the same on every path"
        problems.append(Problem("E504", name, "pools", text, "give the pool a tape, replines or a synthetic tape"))
    if problems:
        raise SettingsError(problems)


def require_room(one: Outcome, paths: int, name: str) -> None:
    """The summaries of all paths, each as large as `one`, must fit into the machine's memory."""
    needed = paths * sum(array.nbytes for array in one)
    if needed > memory():
        text = f"{paths:,} paths need {needed / 2**30:,.0f} GB of memory, and the machine has {memory() / 2**30:,.0f}"
        raise SettingsError(Problem("E536", name, "paths", text, "take fewer paths"))


def memory() -> int:
    """Bytes of this machine's memory; more than any machine's where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 2**63


def require_distinct(names: Sequence[str]) -> None:
    """Tables and folders tell scenarios apart by their names."""
    looks = [look(name) for name in names]
    twice = sorted({name for name in names if looks.count(look(name)) > 1})
    if twice:
        text, hint = "several scenarios have this name, or one that looks like it", "give each its own name"
        raise SettingsError([Problem("E010", name, "scenarios", text, hint) for name in twice])


def require_sampling(compiled: CompiledDeal, scenario: Scenario, sampling: Sampling, paths: int, path: int = 0) -> None:
    """The sampling must exist, have a factor to act on, and divide the paths into equal independent parts."""
    name, kind = compiled.deal.name, sampling.kind
    problems = []
    if kind not in KINDS:
        problems.append(Problem("E506", name, "sampling", f'no sampling "{kind}"', did_you_mean(kind, KINDS)))
    if not 0.0 <= sampling.importance <= 10.0:
        text = f"the importance shift must be from 0 to 10, not {sampling.importance:g}"
        problems.append(Problem("E506", name, "importance", text))
    elif sampling.importance > 0.0 and sampling.evenly:
        text = f"{kind} paths cannot be shifted and weighted"
        problems.append(Problem("E506", name, "importance", text, "take random or antithetic paths, or no importance"))
    if not scenario.systematic and (kind != "random" or sampling.importance != 0.0):
        text, hint = f'scenario "{scenario.name}" has no factor that could be drawn in another way', "give it a factor"
        problems.append(Problem("E506", name, "sampling", text, hint))
    wanted = nearest(sampling, paths)
    if wanted != paths or path >= paths:
        text = f"there is no path {path} of {paths}"
        if wanted != paths:
            text = f"this sampling draws whole sets, which {counted(paths, 'path')} cannot make up"
        problems.append(Problem("E505", name, "paths", text, f"say how many: such as {max(wanted, path + 1):,}"))
    if problems:
        raise SettingsError(problems)


def nearest(sampling: Sampling, paths: int) -> int:
    """The next number of paths that can be drawn: whole clusters, or two or more a set (Sobol: a power of two)."""
    if sampling.kind == "sobol":
        return REPLICATES << max(1, (max(1, -(-paths // REPLICATES)) - 1).bit_length())
    size = REPLICATES if sampling.evenly else sampling.cluster
    least = 2 * size if sampling.evenly else size
    return max(least, -(-paths // size) * size)
