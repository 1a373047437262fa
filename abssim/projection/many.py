"""Monte Carlo: `simulate` runs a deal on many paths, loan by loan; `replay` shows one of them in full detail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from queue import SimpleQueue

import numpy as np

from abssim.dates import year_fraction
from abssim.engine.block import run_paths
from abssim.engine.layout import Fan, NoteField, NoteSummary, PoolField, PoolSummary
from abssim.engine.path import run_path
from abssim.engine.program import DealProgram, PathArrays, Purchases
from abssim.engine.state import block
from abssim.engine.summary import Outcome, SummaryTerms
from abssim.errors import CheckError, EngineError, Problem
from abssim.program.compile import CompiledDeal
from abssim.program.policy import require_policies
from abssim.program.source import GivenCollections
from abssim.program.word import names_of, note_terms, trigger_terms
from abssim.projection.outcome import detailed, fingerprint, first_dates, require_ok, triggers_of, versions
from abssim.projection.paths import PathSource
from abssim.projection.prepare import Calls, cut, horizon, index_rates, path_arrays, require_mapped
from abssim.projection.react import first_active, reactions
from abssim.result import Int64, NoteTerms, RunResult, Simulation
from abssim.scenario.scenario import Scenario

VINTAGE_LOANS = 20_000
"""Loans in the sample that stands for a month's purchases."""
BLOCK = 16
"""Paths a worker takes at a time."""


def simulate(
    compiled: CompiledDeal,
    scenario: Scenario,
    *,
    paths: int,
    seed: int,
    threads: int = 0,
    vintage_loans: int = VINTAGE_LOANS,
    calls: Calls = "exercised",
    block_paths: int = BLOCK,
    progress: Callable[[int], None] = lambda done: None,
) -> Simulation:
    """Run a deal on `paths` paths of a scenario, loan by loan, and keep a summary of each.

    The result is a function of the inputs and of `seed`: the number of threads (0: all cores) and `block_paths` change
    no bit, and path k is the same however many there are. `progress` is told how many paths are done. Every path
    passes the conservation checks or CheckError names it; EngineError if a path cannot go on.
    """
    _require_sizes(compiled, paths=paths, threads=threads + 1, vintage_loans=vintage_loans, block_paths=block_paths)
    job = Job(compiled, scenario, seed, vintage_loans, calls)
    outcome = job.outcome(paths)
    blocks = [(first, min(paths, first + block_paths)) for first in range(0, paths, block_paths)]
    for first, last in job.run(blocks, outcome, threads or cpu_count() or 1):
        bad = np.flatnonzero(outcome.status[first:last, (0, 3)].any(axis=1))
        if len(bad):
            job.explain_failure(first + int(bad[0]))
        progress(last)
    return job.simulation(outcome)


def replay(
    compiled: CompiledDeal,
    scenario: Scenario,
    *,
    path: int,
    seed: int,
    vintage_loans: int = VINTAGE_LOANS,
    calls: Calls = "exercised",
) -> RunResult:
    """One path of `simulate` with the same seed and sample, every date, step and account kept."""
    _require_sizes(compiled, path=path + 1, vintage_loans=vintage_loans)
    return Job(compiled, scenario, seed, vintage_loans, calls).replay(path)


class Job:
    """A deal and a scenario, ready to run any block of paths."""

    def __init__(self, compiled: CompiledDeal, scenario: Scenario, seed: int, vintage_loans: int, calls: Calls) -> None:
        require_policies(compiled, scenario)
        self.compiled, self.scenario = compiled, scenario
        self.reactions = reactions(compiled, scenario)
        self.seed, self.vintage_loans = seed, vintage_loans
        self.periods = horizon(compiled, scenario)
        self.program: DealProgram = cut(compiled, self.periods, calls)
        self.rates = index_rates(compiled, scenario, self.periods)
        self.notes = note_terms(compiled, self.rates, self.periods)
        self.source = PathSource(compiled, scenario, self.periods, seed=seed, vintage_loans=vintage_loans)
        self.terms = _summary_terms(compiled, self.notes, self.periods)

    def run(self, blocks: list[tuple[int, int]], outcome: Outcome, threads: int) -> Iterator[tuple[int, int]]:
        """Run the blocks on so many threads; yields each block, in order, when it is done."""
        scratch: SimpleQueue[PathArrays] = SimpleQueue()
        for _ in range(threads):
            scratch.put(self._scratch())
        with ThreadPoolExecutor(threads) as workers:
            futures = [workers.submit(self._run_block, span, outcome, scratch) for span in blocks]
            try:
                for span, future in zip(blocks, futures, strict=True):
                    future.result()
                    yield span
            finally:
                workers.shutdown(cancel_futures=True)

    def _run_block(self, span: tuple[int, int], outcome: Outcome, scratch: SimpleQueue[PathArrays]) -> None:
        own = Outcome(*(each[span[0] : span[1]] for each in outcome))
        path = scratch.get()
        try:
            self.reactions.settle(own, lambda rows: self._run_rows(span[0] + rows, rows, own, path))
        finally:
            scratch.put(path)

    def _run_rows(self, numbers: Int64, rows: Int64, outcome: Outcome, path: PathArrays) -> None:
        """Run the paths `numbers` under their policies into these rows of `outcome`."""
        batch = self.source.paths(numbers, outcome.policy[rows])
        require_mapped(self.compiled, self.program, batch.flow.swapaxes(0, 1), batch.profile)
        own = self.outcome(len(rows))._replace(policy=outcome.policy[rows])
        marks = path_arrays(self.compiled, self.program, path.flow, self.rates).memory.marks
        run_paths(self.program, path, batch, np.zeros_like(self.program.code.initial), marks, self.terms, own)
        for kept, found in zip(outcome, own, strict=True):
            kept[rows] = found

    def _scratch(self) -> PathArrays:
        flow = np.zeros(self.source.shape, dtype=np.int64)
        return path_arrays(self.compiled, self.program, flow, self.rates)

    def outcome(self, paths: int) -> Outcome:
        """Room for the summaries of so many paths."""
        notes, triggers = len(self.notes), len(self.program.trigger)
        return Outcome(
            note=np.zeros((paths, notes, len(NoteSummary)), dtype=np.int64),
            life=np.zeros((paths, notes)),
            cash=np.zeros((paths, notes, self.periods), dtype=np.int64),
            pool=np.zeros((paths, len(PoolSummary)), dtype=np.int64),
            fan=np.zeros((paths, len(Fan), self.periods), dtype=np.float32),
            trigger=np.zeros((paths, triggers), dtype=np.int64),
            policy=np.zeros((paths, len(self.reactions.policies)), dtype=np.int64),
            status=np.zeros((paths, 4), dtype=np.int64),
        )

    def replay(self, number: int) -> RunResult:
        """A path in full detail, after its checks."""
        named = self.scenario.model_copy(update={"name": f"{self.scenario.name}, path {number} of seed {self.seed}"})
        first, fired = self.reactions.first, True
        while fired:
            batch = self.source.paths(np.full(1, number), first[None])
            path = path_arrays(self.compiled, self.program, batch.flow[0], self.rates, batch.posted[0])
            require_mapped(self.compiled, self.program, path.flow, batch.profile)
            bought = Purchases(batch.profile[0], batch.price)
            run_path(self.program, path, bought, np.zeros_like(self.program.code.initial))
            require_ok(self.compiled, named, path)
            fired = self.reactions.fire(first_active(triggers_of(self.program, path)), first)
        return detailed(self.compiled, named, self.program, path, first)

    def explain_failure(self, number: int) -> None:
        """Raise what is wrong with a path: its replay does, naming path, date and check or step."""
        self.replay(number)
        place = f"{self.compiled.deal.name} / {self.scenario.name}, path {number} of seed {self.seed}"
        raise CheckError(Problem("E550", place, "", "a conservation check failed", "please report this deal"))

    def simulation(self, outcome: Outcome) -> Simulation:
        """The result, with names."""
        compiled, scenario = self.compiled, self.scenario
        opening = block(self.program.code.initial.reshape(-1), self.program.layout, "note")[:, NoteField.BALANCE]
        return Simulation(
            deal_name=compiled.deal.name,
            scenario_name=scenario.name,
            scenario_reason=scenario.reason,
            currency=compiled.deal.currency,
            fingerprint=fingerprint(compiled, scenario),
            versions=versions(),
            seed=self.seed,
            vintage_loans=self.vintage_loans if compiled.assets.replenishment is not None else 0,
            dates=first_dates(compiled.dates, self.periods),
            years=self.terms.years,
            names=names_of(compiled.deal),
            notes_terms=self.notes,
            triggers_terms=trigger_terms(compiled),
            policies=tuple(scenario.policies),
            initial_pool_balance=int(self.terms.initial[0]),
            opening_balances=opening.copy(),
            tape_summary=compiled.summary,
            **{name: value for name, value in outcome._asdict().items() if name != "status"},
        )


def _summary_terms(compiled: CompiledDeal, notes: tuple[NoteTerms, ...], periods: int) -> SummaryTerms:
    """What the summaries of paths need to know of dates and notes."""
    dates = compiled.dates
    days = dates.unadjusted[:periods]
    start = dates.previous_unadjusted or dates.closing
    pool = block(compiled.program.code.initial.reshape(-1), compiled.layout, "pool")[0, PoolField.CLOSING_BALANCE]
    stated = compiled.summary.get("initial_balance")
    return SummaryTerms(
        years=np.array([year_fraction(start, day, "30/360") for day in days]),
        on_time=np.array([max(0, sum(day <= note.legal_final for day in days) - 1) for note in notes]),
        reached=np.array([sum(day < note.legal_final for day in days) for note in notes]),
        residual=np.array([int(note.kind == "residual") for note in notes]),
        initial=np.array([pool if stated is None else int(stated), notes[0].initial_balance]),
    )


def _require_sizes(compiled: CompiledDeal, **sizes: int) -> None:
    """There must be something to simulate, and a positive number of everything."""
    name = compiled.deal.name
    problems = [
        Problem("E503", name, key.replace("_", " "), f"must be a positive number, not {size}", "")
        for key, size in sizes.items()
        if size < 1
    ]
    if all(isinstance(pool, GivenCollections) for pool in compiled.assets.pools.values()):
        text = "the deal has no loans: its pools are a servicer's figures, the same on every path"
        problems.append(Problem("E504", name, "pools", text, "give the pool a tape, replines or a synthetic tape"))
    if problems:
        raise EngineError(problems)
