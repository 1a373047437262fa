"""A scenario's policies meet a deal: names are checked, cash finds its account and date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from abssim.deal.deal import Deal
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.money import to_minor
from abssim.policy.effect import Effects
from abssim.policy.hooks import PolicyHooks, conditions
from abssim.policy.policy import Policy
from abssim.policy.react import Reactions
from abssim.policy.stated import Stated
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]


def require_policies(compiled: CompiledDeal, scenario: Scenario) -> None:
    """Raise ScenarioError with every trigger, account and column of the policies that deal and tapes do not have."""
    problems = [
        problem
        for policy in (*(Stated(name, each) for name, each in scenario.policies.items()), *scenario.own_policies)
        for problem in _problems(compiled, policy, scenario.name)
    ]
    if problems:
        raise ScenarioError(problems)


def _problems(compiled: CompiledDeal, policy: PolicyHooks, scenario: str) -> Iterator[Problem]:
    deal, bought, path = compiled.deal, compiled.assets.replenishment, f"policies.{policy.name}"
    if isinstance(policy, Stated):
        yield from _of_document(deal, policy.written, scenario, path)
    tapes = [*compiled.assets.tapes, *([bought.collateral.tape] if bought is not None else [])]
    for column in conditions(policy):
        lacking = [tape for tape in tapes if column not in tape.names]
        if lacking:
            message, hint = f'the tape has no column "{column}"', did_you_mean(column, lacking[0].names)
            yield Problem("E330", scenario, f"{path}.where.{column}", message, hint)


def _of_document(deal: Deal, policy: Policy, scenario: str, path: str) -> Iterator[Problem]:
    if policy.when is not None and policy.when not in deal.triggers:
        message, hint = f'no trigger "{policy.when}"', did_you_mean(policy.when, deal.triggers)
        yield Problem("E335", scenario, f"{path}.when", message, hint)
    if policy.cash is not None and policy.cash.account not in deal.accounts:
        message, hint = f'no account "{policy.cash.account}"', did_you_mean(policy.cash.account, deal.accounts)
        yield Problem("E335", scenario, f"{path}.cash.account", message, hint)


def reactions(compiled: CompiledDeal, scenario: Scenario, periods: int) -> Reactions:
    """The policies of a scenario on the first `periods` dates of a deal."""
    deal, months = compiled.deal, compiled.dates.month[:periods]
    return Reactions(scenario.acting, tuple(deal.triggers), tuple(deal.accounts), tuple(months))


def posted_cash(deal: Deal, effects: Effects, b: int, months: Sequence[int]) -> Int64:
    """(T, A) minor units that policies post on path `b`: what they do in a month on the date that collects it.

    `months` (T,) is the month that each date collects last.
    """
    cash = np.zeros((len(months), len(deal.accounts)), dtype=np.int64)
    for effect in effects:
        if effect.cash is not None:
            for month, a in np.argwhere(effect.cash[b]):
                t = int(np.searchsorted(months, month))
                if t < len(months):
                    cash[t, a] += to_minor(float(effect.cash[b, month, a]), deal.currency)
    return cash
