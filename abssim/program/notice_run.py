"""What paths show to have had no effect on them: fees that were charged on no date, policies that came too late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.deal.deal import Deal
from abssim.engine.layout import Fan
from abssim.kind.fee import FeeField
from abssim.kind.pool import PoolField
from abssim.kind.trigger import TriggerField
from abssim.policy.hooks import HOOKS, NEVER, uses
from abssim.policy.policy import Policy
from abssim.program.compile import CompiledDeal
from abssim.program.notice_policies import END_OF_DEAL
from abssim.result import RunResult, Simulation
from abssim.scenario.scenario import Scenario


def run_notices(compiled: CompiledDeal, scenario: Scenario, result: RunResult, told: Iterable[str]) -> Iterator[str]:
    """A line for each, but for what was `told` without the run."""
    before = tuple(told)
    yield from _fees(compiled.deal, scenario, result, before)
    if scenario.acting:
        there = np.asarray(result.pool_flow[..., PoolField.OPENING_BALANCE].any(axis=1))
        first = {policy.name: _first_month(policy.name, scenario, result) for policy in scenario.acting}
        yield from _late(compiled, scenario, _Shown(first, there, result.dates.month), before)


def simulation_notices(
    compiled: CompiledDeal, scenario: Scenario, sim: Simulation, told: Iterable[str]
) -> Iterator[str]:
    """Policies that came too late on all paths, but for those that were `told` without them."""
    if scenario.acting:
        left = np.asarray((sim.fan[:, Fan.POOL_FACTOR] > 0.0).any(axis=0))
        there = np.concatenate([np.ones(1, dtype=np.bool_), left[:-1]])
        first = {name: _first_of_any(name, scenario, sim.policy[:, q]) for q, name in enumerate(sim.policies)}
        yield from _late(compiled, scenario, _Shown(first, there, sim.dates.month), tuple(told))


class _Shown(NamedTuple):
    """What paths have shown."""

    first: Mapping[str, int]
    """By policy: the month in which it acts first, or would if the paths went on; -1 if nothing decides it."""
    there: npt.NDArray[np.bool_]
    """(T,) whether a date collects from receivables that perform."""
    month: Sequence[int]
    """(T,) last month that each date collects."""


def _fees(deal: Deal, scenario: Scenario, result: RunResult, told: tuple[str, ...]) -> Iterator[str]:
    """Fees of some dates only, of which there was none."""
    charged = np.asarray(result.fee_flow[..., FeeField.ACCRUED].any(axis=0))
    for place, name in enumerate(result.names["fee"]):
        fee = deal.fees[name]
        terms = [term for term, said in (("every", fee.every > 1), ("when", fee.when is not None)) if said]
        if terms and not charged[place] and not any(line.startswith(f"fees.{name}.") for line in told):
            first, last = result.dates.number[0], result.dates.number[-1]
            yield (
                f"scenario {scenario.name}: fees.{name} is charged on no date ({', '.join(terms)}), those of the run "
                f"are number {first} to {last}"
            )


def _late(compiled: CompiledDeal, scenario: Scenario, shown: _Shown, told: tuple[str, ...]) -> Iterator[str]:
    """Policies that act first when there is nothing any more for them to act on."""
    dates = np.flatnonzero(shown.there)
    ends = {
        "moves": (int(shown.month[dates[-1]]) if dates.size else 0, "receivables that perform"),
        "offer": (_last_purchase(compiled), "purchases"),
        "cash": (shown.month[-1], "payments"),
    }
    for policy in scenario.acting:
        first, line = shown.first[policy.name], f"scenario {scenario.name}: policy {policy.name}"
        over = [ends[hook] for hook in HOOKS if uses(policy, hook)]
        month = max((end for end, _ in over), default=first)
        if first > month and not any(_is_said(policy.name, line, each) for each in told):
            yield (
                f"{line} acts from month {first} on and has no effect, there are no "
                f"{' or '.join(what for _, what in over)} after month {month}"
            )


def _is_said(policy: str, line: str, told: str) -> bool:
    """What was told says that a policy begins after the deal, or that there is nothing for it to offer."""
    return (told.startswith(line) and END_OF_DEAL in told) or f"policy {policy} offers" in told


def _first_month(name: str, scenario: Scenario, result: RunResult) -> int:
    """Month in which a policy acts first on a path, by its trigger also where that lies beyond the end."""
    first, written = result.policies.get(name, NEVER), scenario.policies.get(name)
    if first != NEVER or written is None or written.when is None:
        return first if first != NEVER else _by_calendar(written)
    active = result.trigger_flow[:, result.names["trigger"].index(written.when), TriggerField.ACTIVE]
    dates = np.flatnonzero(active)
    return int(result.dates.month[dates[0]]) + written.lag_months + 1 if dates.size else NEVER


def _first_of_any(name: str, scenario: Scenario, months: npt.NDArray[np.int64]) -> int:
    """Earliest month in which a policy acts on any of the paths."""
    acting = months[months != NEVER]
    return int(acting.min()) if acting.size else _by_calendar(scenario.policies.get(name))


def _by_calendar(written: Policy | None) -> int:
    """Month in which a policy of a document acts first; -1 if that is not decided by the calendar."""
    return NEVER if written is None or written.month is None else written.month + written.lag_months + 1


def _last_purchase(compiled: CompiledDeal) -> int:
    """Month at whose end the last purchase may be made; 0 if there is none."""
    dates, periods = compiled.dates, compiled.deal.dates.revolving_periods
    return max((month for month, number in zip(dates.month, dates.number, strict=True) if number <= periods), default=0)
