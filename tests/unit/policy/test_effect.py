"""What policies do, month by month: windows of months, products, what is kept back, and nothing of the future."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from abssim.engine.layout import Fan
from abssim.kind.move import Move
from abssim.policy.effect import (
    Effects,
    Record,
    adjustment_of,
    by_calendar,
    effect_of,
    first_months,
    keeping_back,
    nothing_shown,
)
from abssim.policy.hooks import NEVER, Moves, PolicyHooks, Seen
from abssim.policy.policy import Policy
from abssim.policy.stated import Stated

MONTHS = 12


def policy(name: str = "a", **given: Any) -> Stated:
    return Stated(name, Policy.model_validate(given if "when" in given else {"month": 0, **given}))


def months_of(stated: Stated, *active: int) -> list[list[int]]:
    """Months in which a policy doubles defaults on paths whose trigger is first active on these dates."""
    record = Record(np.arange(1, 13), np.zeros((len(active), len(Fan), 12)), np.asarray(active)[:, None], ("bad",))
    effect = effect_of(stated, record, MONTHS)
    assert effect.multiple is not None
    return [np.flatnonzero(path[:, 0, Move.LEAVE] != 1.0).tolist() for path in effect.multiple]


def test_months_in_effect_follow_decision_and_lag() -> None:
    assert months_of(policy(month=6, lag_months=2, default_multiple=2), -1) == [[9, 10, 11, 12]]
    assert months_of(policy(month=0, lag_months=3, months=3, default_multiple=2), -1) == [[4, 5, 6]]
    assert months_of(policy(month=10, default_multiple=2), -1) == [[11, 12]]
    waiting = policy(when="bad", lag_months=1, months=4, default_multiple=2)
    # dates 0, 4 and 9 collect months 1, 5 and 10: in effect from the second month after
    assert months_of(waiting, 0, 4, 9, -1) == [[3, 4, 5, 6], [7, 8, 9, 10], [12], []]


def test_policies_compose_by_multiplication() -> None:
    both = [policy("a", month=2, default_multiple=0.5, prepay_multiple=3.0), policy("b", month=4, default_multiple=0.6)]
    effects, selected = by_calendar(both, MONTHS), np.asarray([[1, 0], [1, 1], [0, 0]])
    found = adjustment_of(effects, 0, selected, 0, MONTHS)
    assert found.multiple.shape == (3, MONTHS, 4, len(Move))
    assert found.multiple[1, 5, 2].tolist() == [0.3, 1.0, 3.0]
    assert found.multiple[1, 3, 0, Move.LEAVE] == 0.5 and found.multiple[0, 5, 0, Move.LEAVE] == 0.5
    assert (found.multiple[2] == 1.0).all() and (found.multiple[1, 1] == 1.0).all() and not found.added.any()
    late = adjustment_of(effects, 0, selected, 3, 2)
    assert np.array_equal(late.multiple, found.multiple[:, 3:5])
    assert (adjustment_of(effects, 0, selected, -4, 4).multiple == 1.0).all()


def test_which_policies_keep_loans_back() -> None:
    three = [
        policy("a", month=3, offer_pct=0, months=2),
        policy("b", month=3, default_multiple=0.5),
        policy("c", when="bad", offer_pct=50),
    ]
    effects = by_calendar(three, MONTHS)
    assert [keeping_back(effects, 0, month) for month in (3, 4, 5, 6)] == [(), ((0, 0.0),), ((0, 0.0),), ()]


def test_cash_is_posted_in_the_first_month_in_effect() -> None:
    effects = by_calendar([policy(month=4, cash={"account": "b", "amount": -7.5})], MONTHS, ("a", "b"))
    assert effects[0].cash is not None
    assert np.argwhere(effects[0].cash[0]).tolist() == [[5, 1]] and effects[0].cash[0, 5, 1] == -7.5
    assert first_months(effects, 1).tolist() == [[5]]
    idle: Effects = (effect_of(policy(month=4), nothing_shown(1), MONTHS),)
    assert first_months(idle, 1).tolist() == [[NEVER]]


class Spy(PolicyHooks):
    """Keeps all it is shown."""

    name, version = "spy", "1"

    def __init__(self) -> None:
        self.shown: list[Seen] = []

    def moves(self, seen: Seen) -> Moves:
        self.shown.append(seen)
        return seen.moves(added=seen.month > 3)


def test_hooks_are_shown_nothing_later_than_the_month_before() -> None:
    """Quarterly dates: month 4 sees the date that collects months 1 to 3, and the trigger that was active on it."""
    spy, r = Spy(), np.random.default_rng(1)
    series, active = r.random((2, len(Fan), 4)), np.asarray([[0], [2]])
    effect_of(spy, Record(np.asarray([3, 6, 9, 12]), series, active, ("bad",)), MONTHS)
    assert [seen.month for seen in spy.shown] == list(range(12))
    for seen in spy.shown:
        dates = seen.month // 3
        assert seen.months.tolist() == [3, 6, 9, 12][:dates]
        assert seen.first_active["bad"].tolist() == [3 if dates > 0 else NEVER, 9 if dates > 2 else NEVER]
        assert [*seen.series] == [field.name.lower() for field in Fan]
        for field in Fan:
            shown = seen.series[field.name.lower()]
            assert np.array_equal(shown, series[:, field, :dates])
            assert shown.base is None or not np.shares_memory(shown, series)
            with pytest.raises(ValueError, match="read-only"):
                shown[...] = 0.0
        with pytest.raises(ValueError, match="read-only"):
            seen.first_active["bad"][0] = 1
