"""Corners of a scenario: what a class withstands when defaults come early or late, prepayment is slow or fast, and
recoveries fall short.

Each corner keeps the scenario's own cumulative defaults and moves them in time; a multiple of it therefore stands for
the same defaults everywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from abssim.errors import notify
from abssim.measure.pool import pool_measure
from abssim.program.compile import CompiledDeal
from abssim.program.notice import notices
from abssim.projection.single import project
from abssim.public import Shown
from abssim.scenario.scenario import Scenario, override
from abssim.setting import in_words
from abssim.study.breakeven import BreakEven, Limit, break_even
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.loans import require_loans
from abssim.study.notes import require_notes
from abssim.study.scenarios import ScenarioLike, choose_scenario

TIMINGS: dict[str, Any] = {"front": "front", "flat": (25.0, 25.0, 25.0, 25.0), "back": "back"}
"""When defaults come: by quarters of the pool's life."""
PREPAYMENTS = {"slow": 0.5, "base": 1.0, "fast": 2.0}
"""Multiples of the scenario's prepayments."""
RECOVERIES = {"full": 1.0, "half": 0.5}
"""Multiples of the scenario's recoveries."""


class Corner(NamedTuple):
    """Words for what differs from the scenario."""

    timing: str
    prepayment: str
    recovery: str

    def __str__(self) -> str:
        return f"{self.timing}, {self.prepayment} prepayment, {self.recovery} recovery"


@dataclass(frozen=True, repr=False)
class Withstood(Shown):
    """What the notes of a deal withstand, to maturity without calls."""

    deal_name: str
    scenario_name: str
    answers: tuple[BreakEven, ...]
    """Under the scenario itself; empty where its defaults move nothing."""
    corners: dict[Corner, tuple[BreakEven, ...]]
    """The same in every corner; empty where none was asked for."""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        notes = ", ".join(answer.note for answer in self.answers)
        return f"<Withstood of {self.deal_name!r} under {self.scenario_name!r}: {notes}>"

    def worst(self, note: str, kind: str = "principal") -> tuple[Corner, Limit] | None:
        """The corner in which a note fails first by `principal` or `interest`; None where it fails in none."""
        found = [
            (corner, limit)
            for corner, answers in self.corners.items()
            for answer in answers
            if answer.note == note and (limit := getattr(answer, kind)) is not None and limit.multiple is not None
        ]
        return min(found, key=lambda pair: pair[1].multiple or 0.0) if found else None


def withstand(
    deal: DealLike,
    scenario: ScenarioLike | None = None,
    *,
    notes: Sequence[str] | None = None,
    corners: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> Withstood:
    """The multiples of the default curve at which each note first loses principal and first misses timely interest,
    under the scenario and in all its corners. `progress` is told how many of these are done. Codes: E006, E015.

    >>> round(withstand("template", corners=False).answers[1].principal.multiple, 1)
    3.9
    """
    compiled = as_compiled(deal)
    require_notes(compiled.deal, notes or ())
    require_loans(compiled, "break-even")
    chosen, names = choose_scenario(compiled, scenario), [*compiled.deal.notes]
    shown = [*(notes or names)]

    def answers(own: Scenario) -> tuple[BreakEven, ...]:
        found = break_even(lambda k: project(compiled, own, "never", k), names)
        return tuple(answer for answer in found if answer.note in shown)

    base, by_corner = answers(chosen), {}
    progress(1)
    if corners and base:
        for done, (corner, own) in enumerate(cornered(compiled, chosen), start=2):
            by_corner[corner] = answers(own)
            progress(done)
    settings = {in_words(place): each for own in (compiled.deal, chosen) for place, each in own.settings.items()}
    for notice in notices(compiled, chosen):
        notify(notice)
    return Withstood(compiled.deal.name, chosen.name, base, by_corner, settings)


COUNT = len(TIMINGS) * len(PREPAYMENTS) * len(RECOVERIES)
"""Corners of a scenario."""


def cornered(compiled: CompiledDeal, scenario: Scenario) -> Iterator[tuple[Corner, Scenario]]:
    """The scenario in each of its corners."""
    total = float(pool_measure(project(compiled, scenario, "never")).cumulative_default_ratio[-1])
    for timing, prepayment, recovery in itertools.product(TIMINGS, PREPAYMENTS, RECOVERIES):
        corner = Corner(timing, prepayment, recovery)
        yield corner, override(scenario, _own(scenario, corner, 100.0 * total))


def _own(scenario: Scenario, corner: Corner, total_pct: float) -> Scenario:
    stress: dict[str, Any] = {"default": 1.0}
    if RECOVERIES[corner.recovery] != 1.0:
        written = scenario.stress.recovery
        values = written.values if written is not None else (1.0,)
        stress["recovery"] = [RECOVERIES[corner.recovery] * value for value in values]
    return Scenario.model_validate(
        {
            "name": f"{scenario.name}, {corner}",
            "reason": scenario.reason,
            "default_multiple": 1.0,
            "prepay_multiple": scenario.prepay_multiple * PREPAYMENTS[corner.prepayment],
            "assumptions": [{"default": {"cumulative_pct": total_pct, "timing": TIMINGS[corner.timing]}}],
            "stress": stress,
        }
    )
