"""Policies as pure functions of when they act: windows of months, products of multiples, what is kept back."""

from __future__ import annotations

from typing import Any

import numpy as np

from abssim.kind.move import Move
from abssim.policy.effect import NEVER, by_calendar, filtering, first_month, in_effect, multiples
from abssim.policy.policy import Policy

MONTHS = np.arange(1, 13)


def policy(**given: Any) -> Policy:
    return Policy.model_validate({"month": 0, **given})


def test_first_month_follows_decision_and_lag() -> None:
    assert first_month(policy(lag_months=2), 6) == 9
    waiting = Policy.model_validate({"when": "bad_debt", "lag_months": 1})
    assert by_calendar([policy(month=6), policy(month=0, lag_months=3), waiting]).tolist() == [7, 4, NEVER]


def test_months_in_effect() -> None:
    assert MONTHS[in_effect(policy(months=3), 4, MONTHS)].tolist() == [4, 5, 6]
    assert MONTHS[in_effect(policy(), 11, MONTHS)].tolist() == [11, 12]
    assert not in_effect(policy(), NEVER, MONTHS).any()


def test_policies_compose_by_multiplication() -> None:
    both = [policy(default_multiple=0.5, prepay_multiple=3.0), policy(default_multiple=0.6, cure_multiple=2.0)]
    selected = np.asarray([[1, 0], [1, 1], [0, 0]])
    found = multiples(both, np.asarray([3, 5]), selected, MONTHS)
    alone = [
        multiples(both[q : q + 1], np.asarray([first]), selected[:, q : q + 1], MONTHS) for q, first in ((0, 3), (1, 5))
    ]
    assert np.array_equal(found, alone[0] * alone[1])
    assert found[1, 5].tolist() == [0.3, 2.0, 3.0]
    assert found[1, 3, Move.LEAVE] == 0.5 and found[0, 5, Move.LEAVE] == 0.5
    assert np.array_equal(found[2], np.ones((12, len(Move)))) and np.array_equal(found[1, 1], np.ones(len(Move)))


def test_which_policies_keep_loans_back() -> None:
    three = [policy(offer_pct=0, months=2), policy(default_multiple=0.5), policy(offer_pct=50)]
    first = np.asarray([4, 4, NEVER])
    assert [filtering(three, first, month) for month in (3, 4, 5, 6)] == [(), (0,), (0,), ()]
