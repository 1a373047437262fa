"""What is offered to a revolving pool: the replenishment under the originator's policies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from abssim.collateral.cell import Where, where_mask
from abssim.collateral.expected import Collateral
from abssim.collateral.kept import kept
from abssim.collateral.source import Replenishment
from abssim.policy.effect import Offered
from abssim.policy.hooks import conditions
from abssim.scenario.scenario import Scenario

_MOST_KEPT = 64
"""Populations that policies leave of the replenishment, kept for further runs."""


def offered(bought: Replenishment, scenario: Scenario, acting: Offered) -> Collateral | None:
    """The replenishment that these policies leave, None if that is nothing.

    Their shares multiply the weights of loans, so they change the mix of what is bought; how much is bought remains a
    matter of cash. Limits on concentration and the price are those of the whole replenishment.
    """
    if not acting:
        return bought.collateral
    policies = scenario.acting
    shares = [(conditions(policies[q]), share) for q, share in acting]
    key = tuple((repr(sorted(where.items())), share) for where, share in shares)
    return kept(bought.kept, key, lambda: _left(bought.collateral, shares, scenario.name), _MOST_KEPT)


def _left(whole: Collateral, shares: Sequence[tuple[Where, float]], scenario: str) -> Collateral | None:
    weights = np.ones(len(whole.tape)) if whole.weights is None else whole.weights.copy()
    for where, share in shares:
        weights[where_mask(whole.tape, where, scenario)] *= share
    left = np.flatnonzero(weights > 0.0)
    if len(left) == 0:
        return None
    return Collateral(whole.tape.take(left), whole.settings, weights[left], whole.threads)
