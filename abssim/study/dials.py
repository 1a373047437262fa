"""Values set by path in the deal and in the scenarios of a question: which of the two documents each path means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from abssim.deal import setting as deals
from abssim.deal.deal import Deal
from abssim.errors import AbssimError, Problem, did_you_mean
from abssim.scenario import setting as scenarios
from abssim.scenario.scenario import Scenario
from abssim.setting import OPTION, ending_in, joined, parse_settings

CHOSEN = ("scenario", "base")
"""Fields that name other documents."""


class Dials(NamedTuple):
    """Values by path, without the word for the document."""

    deal: dict[str, Any]
    scenario: dict[str, Any]

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Dials:
        """Values by path, `deal.` and `scenario.` before those that both documents have. Codes: E551 to E554."""
        dials, problems = cls({}, {}), []
        for path, value in joined(settings, {}).items():
            first, _, rest = path.partition(".")
            if first in (deals.WORD, scenarios.WORD) and rest:
                (dials.deal if first == deals.WORD else dials.scenario)[rest] = value
            elif problem := _problem(path, first):
                problems.append(problem)
            else:
                (dials.deal if first in Deal.model_fields else dials.scenario)[path] = value
        if problems:
            raise AbssimError(problems)
        return dials

    @classmethod
    def parse(cls, texts: list[str] | None) -> Dials:
        """`["default_multiple=3", "notes.A.coupon_pct=5.2"]`. Codes: E551 to E554."""
        return cls.of(parse_settings(texts or ()))


def _problem(path: str, first: str) -> Problem | None:
    """What speaks against a path that does not say which document it is of."""
    where = f"{OPTION} {path}"
    if first in CHOSEN:
        return Problem("E554", where, "", "names another document", "choose a scenario with -s")
    of_deal, of_scenario = first in Deal.model_fields, first in Scenario.model_fields
    if of_deal and of_scenario:
        hint = f"write {deals.WORD}.{path} or {scenarios.WORD}.{path}"
        return Problem("E554", where, "", "the deal and the scenario have it", hint)
    if of_deal or of_scenario:
        return None
    known = [name for model in (Deal, Scenario) for name in model.model_fields if name not in CHOSEN]
    ends = ", ".join(f"{end}" for model in (Deal, Scenario) for end in ending_in(model, path.split(".")[-1]))
    hint = f"did you mean {ends}?" if ends else did_you_mean(first, known)
    return Problem("E553", where, "", f'neither the deal nor the scenario has "{first}"', hint)
