"""What a run shows to have had no effect in it: fees that were charged on no date, policies that came too late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from abssim.deal.deal import Deal
from abssim.kind.fee import FeeField
from abssim.kind.pool import PoolField
from abssim.kind.trigger import TriggerField
from abssim.policy.hooks import HOOKS, NEVER, uses
from abssim.program.compile import CompiledDeal
from abssim.program.notice_policies import END_OF_DEAL
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario


def run_notices(compiled: CompiledDeal, scenario: Scenario, result: RunResult, told: Iterable[str]) -> Iterator[str]:
    """A line for each, but for what was `told` without the run."""
    before = tuple(told)
    yield from _fees(compiled.deal, scenario, result, before)
    if scenario.acting:
        yield from _late(compiled, scenario, result, before)


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


def _late(compiled: CompiledDeal, scenario: Scenario, result: RunResult, told: tuple[str, ...]) -> Iterator[str]:
    """Policies that act first when there is nothing any more for them to act on."""
    ends = {
        "moves": (_last_month(result), "receivables that perform"),
        "offer": (_last_purchase(compiled), "purchases"),
        "cash": (result.dates.month[-1], "payments"),
    }
    for policy in scenario.acting:
        first, line = _first_month(policy.name, scenario, result), f"scenario {scenario.name}: policy {policy.name}"
        over = [ends[hook] for hook in HOOKS if uses(policy, hook)]
        month = max((end for end, _ in over), default=first)
        if first > month and not any(each.startswith(line) and END_OF_DEAL in each for each in told):
            yield (
                f"{line} acts from month {first} on and has no effect, there are no "
                f"{' or '.join(what for _, what in over)} after month {month}"
            )


def _first_month(name: str, scenario: Scenario, result: RunResult) -> int:
    """Month in which a policy acts first, or would if the run went on; -1 if nothing has decided it."""
    written, shown = scenario.policies.get(name), result.policies.get(name, NEVER)
    if written is None or shown != NEVER:
        return shown
    if written.when is None:
        return (written.month or 0) + written.lag_months + 1
    active = result.trigger_flow[:, result.names["trigger"].index(written.when), TriggerField.ACTIVE]
    dates = np.flatnonzero(active)
    return int(result.dates.month[dates[0]]) + written.lag_months + 1 if dates.size else NEVER


def _last_month(result: RunResult) -> int:
    """Last month that a date collects of a pool with receivables that perform; 0 if there are none."""
    there = np.flatnonzero(result.pool_flow[..., PoolField.OPENING_BALANCE].any(axis=1))
    return int(result.dates.month[there[-1]]) if there.size else 0


def _last_purchase(compiled: CompiledDeal) -> int:
    """Month at whose end the last purchase may be made; 0 if there is none."""
    dates, periods = compiled.dates, compiled.deal.dates.revolving_periods
    return max((month for month, number in zip(dates.month, dates.number, strict=True) if number <= periods), default=0)
