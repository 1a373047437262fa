"""Monte Carlo: `simulate_grid` runs a deal on many paths, loan by loan; `replay` shows one of them in full detail."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, nullcontext

import numpy as np
import numpy.typing as npt

from abssim.errors import Problem, StoreError
from abssim.program.compile import CompiledDeal
from abssim.projection.job import Job, Span
from abssim.projection.manifest import manifest_of, opened
from abssim.projection.settings import Execution, Settings
from abssim.projection.sizes import nearest, require_distinct, require_room, require_sampling, require_sizes
from abssim.projection.store import BlockStore
from abssim.projection.worker import Runner, workers
from abssim.result import RunResult, Simulation
from abssim.scenario.scenario import Scenario


def simulate_grid(
    compiled: CompiledDeal,
    scenarios: Sequence[Scenario],
    *,
    paths: int,
    settings: Settings,
    execution: Execution | None = None,
) -> list[Simulation]:
    """Run a deal on `paths` paths of each of the scenarios, loan by loan, and keep a summary of each path.

    Common random numbers: their paths k differ by the scenario alone. Every path passes the conservation checks or
    CheckError names it; EngineError if a path cannot go on.

    One scenario is prepared at a time; contract schedules are computed once for all that cut the tape alike.
    """
    execution = execution or Execution()
    sizes = {"threads": execution.threads, "block_paths": execution.block_paths}
    require_sizes(compiled, paths=paths, vintage_loans=settings.vintage_loans, **sizes)
    require_distinct([scenario.name for scenario in scenarios])
    for scenario in scenarios:
        require_sampling(compiled, scenario, settings.sampling, paths)
    if execution.resume and execution.store is None:
        text = "there is no folder to go on from"
        raise StoreError(Problem("E533", compiled.deal.name, "resume", text, "name it: --out FOLDER (store=FOLDER)"))
    manifest = manifest_of(compiled, scenarios, settings)
    folder = (
        nullcontext()
        if execution.store is None
        else opened(execution.store, manifest, execution.resume, execution.notice)
    )
    with folder, workers(execution) as run:
        return [
            _simulate(Job(compiled, scenario, settings), paths, execution, run, i * paths)
            for i, scenario in enumerate(scenarios)
        ]


def _simulate(job: Job, paths: int, execution: Execution, run: Runner, before: int) -> Simulation:
    """All paths of a job: those kept, and those run now; `before` are the paths of other jobs that are done."""
    require_room(job.outcome(1), paths, job.compiled.deal.name)
    outcome, missing = job.outcome(paths), np.ones(paths, dtype=bool)
    store = None if execution.store is None else BlockStore(execution.store, job)
    if store is not None and execution.resume:
        missing = ~store.read(outcome, execution.notice)
    done = before + paths - int(missing.sum())
    if done > before:
        execution.progress(done)
    with closing(run(job, spans_of(missing, execution.block_paths))) as finished:
        for (first, last), found in finished:
            job.require_sound(found, first)
            if store is not None:
                store.write(first, found)
            for whole, part in zip(outcome, found, strict=True):
                whole[first:last] = part
            done += last - first
            execution.progress(done)
    return job.simulation(outcome)


def spans_of(missing: npt.NDArray[np.bool_], size: int) -> list[Span]:
    """Blocks of the paths that are missing, cut at multiples of `size`."""
    paths = np.flatnonzero(missing)
    first = np.ones(len(paths), dtype=bool)
    first[1:] = (np.diff(paths) > 1) | (paths[1:] % size == 0)
    last = np.roll(first, -1)
    return list(zip(paths[first].tolist(), (paths[last] + 1).tolist(), strict=True))


def replay(
    compiled: CompiledDeal, scenario: Scenario, path: int, settings: Settings, paths: int | None = None
) -> RunResult:
    """One path of a simulation with the same settings, every date, step and account kept.

    `paths` is the number simulated; a stratified or Sobol path depends on it.
    """
    require_sizes(compiled, path=path + 1, vintage_loans=settings.vintage_loans)
    if paths is None and not settings.sampling.evenly:
        paths = nearest(settings.sampling, path + 1)
    require_sampling(compiled, scenario, settings.sampling, paths or 0, path)
    return Job(compiled, scenario, settings).replay(path)
