"""Runs and simulations of deals and scenarios by name, path or document; without a scenario, under the deal's own.

What of deal and scenario had no effect is told as warnings (`Notice`), and stands in `notices` of the result with what
was noticed on the tapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from abssim.collateral.sampling import Sampling
from abssim.errors import notify
from abssim.policy.hooks import PolicyHooks
from abssim.projection import many, single
from abssim.projection.prepare import Calls
from abssim.projection.settings import BLOCK, VINTAGE_LOANS, Execution, Settings
from abssim.result import RunResult, Simulation
from abssim.study.choice import require_choice, require_multiple, require_whole
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.loans import repline_notices
from abssim.study.scenarios import ScenarioLike, choose_scenario, choose_scenarios
from abssim.study.told import told


def run(
    deal: DealLike,
    scenario: ScenarioLike | None = None,
    *,
    calls: Calls = "exercised",
    default_multiple: float = 1.0,
    policies: Iterable[PolicyHooks] = (),
) -> RunResult:
    """Project a deal under a scenario: one path, every date, step and account kept.

    `calls="never"` projects to maturity; `default_multiple` scales the scenario's defaults; `policies` of one's own
    (`PolicyHooks`) act beside the scenario's. Raises DealError, TapeError, ScenarioError; CompileError if deal and
    scenario do not fit, EngineError if a path cannot go on, CheckError if a conservation check fails.

    >>> result = run("template", "stress")
    >>> result.scenario_name, result.periods
    ('stress', 44)
    """
    require_choice("calls", calls, Calls)
    require_multiple("default_multiple", default_multiple)
    compiled = as_compiled(deal)
    chosen = choose_scenario(compiled, scenario).with_policies(policies)
    result = single.run(compiled, chosen, calls=calls, default_multiple=default_multiple)
    return told(compiled, [result])[0]


def simulate(
    deal: DealLike,
    scenario: ScenarioLike | None = None,
    *,
    paths: int,
    seed: int,
    threads: int = 0,
    vintage_loans: int = VINTAGE_LOANS,
    calls: Calls = "exercised",
    sampling: str = "random",
    importance: float = 0.0,
    policies: Iterable[PolicyHooks] = (),
    block_paths: int = BLOCK,
    cluster: str | None = None,
    store: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int], None] = lambda done: None,
    notice: Callable[[str], None] = notify,
) -> Simulation:
    """Run a deal on `paths` paths of a scenario, loan by loan, and keep a summary of each.

    The result is a function of the inputs and of `seed`: the number of threads (0: all cores), `block_paths` and
    `cluster` change no bit, and path k is the same however many there are (of a `stratified` or `sobol` sampling: for
    this number of paths). `sampling` is one of `abssim.collateral.sampling.KINDS`; `importance` lowers every second
    path's first factor by so many standard deviations, for losses that are rare. Every path passes the conservation
    checks or CheckError names it; EngineError if a path cannot go on. `policies` of one's own (`PolicyHooks`) act
    beside the scenario's.

    `cluster`, the address of a Dask scheduler, runs the blocks on its workers. `store`, a folder, keeps each block as
    soon as it is finished, and `resume` goes on from what it holds, to the same bits. `progress` is told how many
    paths are done, `notice` what in the folder had to be run again.

    >>> simulate("template", "factor", paths=20, seed=7).paths
    20
    """
    require_choice("calls", calls, Calls)
    for setting, number in {"paths": paths, "seed": seed, "threads": threads, "vintage_loans": vintage_loans}.items():
        require_whole(setting, number)
    store = None if store is None else Path(store)
    execution = Execution(threads, block_paths, cluster, store, resume, progress, notice)
    settings = Settings(seed, vintage_loans, calls, Sampling.of(sampling, importance, paths))
    compiled = as_compiled(deal)
    chosen = choose_scenario(compiled, scenario).with_policies(policies)
    return simulate_grid(compiled, [chosen], paths=paths, settings=settings, execution=execution)[0]


def simulate_grid(
    deal: DealLike,
    scenarios: Sequence[ScenarioLike] = (),
    *,
    paths: int,
    settings: Settings,
    execution: Execution | None = None,
) -> list[Simulation]:
    """`simulate` under each scenario, with common random numbers: their paths k differ by the scenario alone."""
    compiled = as_compiled(deal)
    chosen = choose_scenarios(compiled, scenarios)
    results = many.simulate_grid(compiled, chosen, paths=paths, settings=settings, execution=execution)
    return told(compiled, results, repline_notices(compiled))


def replay(
    deal: DealLike,
    scenario: ScenarioLike | None = None,
    *,
    path: int,
    seed: int,
    vintage_loans: int = VINTAGE_LOANS,
    calls: Calls = "exercised",
    sampling: str = "random",
    importance: float = 0.0,
    paths: int | None = None,
    policies: Iterable[PolicyHooks] = (),
) -> RunResult:
    """One path of `simulate` with the same seed, sample and sampling, every date, step and account kept.

    `paths` is the number simulated; a stratified or Sobol path depends on it.
    """
    require_choice("calls", calls, Calls)
    for setting, number in {"path": path, "seed": seed, "vintage_loans": vintage_loans}.items():
        require_whole(setting, number)
    settings = Settings(seed, vintage_loans, calls, Sampling.of(sampling, importance, paths or 0))
    compiled = as_compiled(deal)
    chosen = choose_scenario(compiled, scenario).with_policies(policies)
    result = many.replay(compiled, chosen, path, settings, paths)
    return told(compiled, [result])[0]
