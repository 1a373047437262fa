"""One scenario's runs and the answers searched over them: what tables and reports are made of."""

from __future__ import annotations

from dataclasses import dataclass

from abssim.measure.call import End
from abssim.projection.single import run
from abssim.public import Shown
from abssim.result import RunResult
from abssim.study.breakeven import BreakEven, break_even
from abssim.study.choice import require_choice
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.ends import both_ends, is_called
from abssim.study.scenarios import ScenarioLike, choose_scenario
from abssim.study.told import told


@dataclass(frozen=True, repr=False)
class Study(Shown):
    """A deal under one scenario."""

    run: RunResult
    """What is shown date by date: calls exercised when their conditions hold, unless `end` says never."""
    to_maturity: RunResult | None
    """Calls never exercised; None where that was not run."""
    break_evens: tuple[BreakEven, ...] | None = None
    """To maturity, calls never exercised; empty where no default multiple matters, None where nothing was searched."""
    end: End = "call"
    """Whether calls are exercised in `run`."""

    def __repr__(self) -> str:
        return f"<Study of {self.run.deal_name!r} under {self.run.scenario_name!r}, to {self.end}>"

    def break_even(self, note: str) -> BreakEven | None:
        """What a note withstands, if that was searched and found."""
        return next((answer for answer in self.break_evens or () if answer.note == note), None)

    def to_call(self, life: float) -> float:
        """A life of `run` if it is one to call, else not a number."""
        return life if self.end == "call" else float("nan")


def study_of(result: RunResult) -> Study:
    """What a run tells by itself: nothing of maturity where it was called, nothing of a call where none was allowed."""
    if result.held_to_maturity:
        return Study(result, result, end="maturity")
    return Study(result, None if is_called(result) else result)


def study_deal(deal: DealLike, scenario: ScenarioLike | None = None, end: End = "call") -> Study:
    """Run a scenario with and without calls, and search the break-even multiples to maturity; show the run to `end`.

    >>> round(study_deal("template", "stress").break_even("A").principal.multiple, 2)
    3.09
    """
    require_choice("end", end, End)
    compiled = as_compiled(deal)
    chosen = choose_scenario(compiled, scenario)
    ends = both_ends(compiled, chosen)
    answers = break_even(lambda k: run(compiled, chosen, calls="never", default_multiple=k), ends.to_call.names["note"])
    (shown,) = told(compiled, [ends.to_call if end == "call" else ends.to_maturity])
    return Study(shown, ends.to_maturity, answers, end)
