"""A scenario's policies meet a deal: names are checked, cash finds its account and date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from abssim.deal.deal import Deal
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.money import to_minor
from abssim.policy.effect import NEVER
from abssim.policy.policy import Policy
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]


def require_policies(compiled: CompiledDeal, scenario: Scenario) -> None:
    """Raise ScenarioError with every trigger, account and column of the policies that deal and tapes do not have."""
    problems = [
        problem
        for name, policy in scenario.policies.items()
        for problem in _problems(compiled, policy, scenario.name, f"policies.{name}")
    ]
    if problems:
        raise ScenarioError(problems)


def _problems(compiled: CompiledDeal, policy: Policy, scenario: str, path: str) -> Iterator[Problem]:
    deal, bought = compiled.deal, compiled.assets.replenishment
    if policy.when is not None and policy.when not in deal.triggers:
        message, hint = f'no trigger "{policy.when}"', did_you_mean(policy.when, deal.triggers)
        yield Problem("E335", scenario, f"{path}.when", message, hint)
    if policy.cash is not None and policy.cash.account not in deal.accounts:
        message, hint = f'no account "{policy.cash.account}"', did_you_mean(policy.cash.account, deal.accounts)
        yield Problem("E335", scenario, f"{path}.cash.account", message, hint)
    tapes = [*compiled.assets.tapes, *([bought.collateral.tape] if bought is not None else [])]
    for column in policy.where:
        lacking = [tape for tape in tapes if column not in tape.names]
        if lacking:
            message, hint = f'the tape has no column "{column}"', did_you_mean(column, lacking[0].names)
            yield Problem("E330", scenario, f"{path}.where.{column}", message, hint)


def posted_cash(deal: Deal, scenario: Scenario, months: Sequence[int], first: Int64) -> Int64:
    """(T, A) minor units that policies post: on the first date that collects a month in effect, `first` (Q,).

    `months` (T,) is the month that each date collects last.
    """
    periods = len(months)
    cash = np.zeros((periods, len(deal.accounts)), dtype=np.int64)
    for month, policy in zip(first, scenario.policies.values(), strict=True):
        t = int(np.searchsorted(months, month))
        if policy.cash is not None and month != NEVER and t < periods:
            cash[t, list(deal.accounts).index(policy.cash.account)] += to_minor(policy.cash.amount, deal.currency)
    return cash
