"""What is offered to a revolving pool: the replenishment under the originator's policies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abssim.collateral.cell import where_mask
from abssim.collateral.expected import Collateral
from abssim.collateral.source import Replenishment
from abssim.policy.policy import Policy
from abssim.scenario.scenario import Scenario


def offered(bought: Replenishment, scenario: Scenario, acting: Sequence[int]) -> Collateral | None:
    """The replenishment that policies of these numbers leave, None if that is nothing.

    Their shares multiply the weights of loans, so they change the mix of what is bought; how much is bought remains a
    matter of cash. Limits on concentration and the price are those of the whole replenishment.
    """
    policies = [[*scenario.policies.values()][q] for q in acting]
    if not policies:
        return bought.collateral
    key = tuple((repr(sorted(policy.where.items())), policy.offer_pct) for policy in policies)
    if key not in bought.kept:
        bought.kept[key] = _left(bought.collateral, policies, scenario.name)
    return bought.kept[key]


def _left(whole: Collateral, policies: Sequence[Policy], scenario: str) -> Collateral | None:
    weights = np.ones(len(whole.tape)) if whole.weights is None else whole.weights.copy()
    for policy in policies:
        weights[where_mask(whole.tape, policy.where, scenario)] *= policy.offer_pct / 100.0
    kept = np.flatnonzero(weights > 0.0)
    if len(kept) == 0:
        return None
    return Collateral(whole.tape.take(kept), whole.settings, weights[kept], whole.threads)
