"""Break-even of whole deals: to maturity, of principal and of timely interest."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal

import numpy as np
import pytest

from abssim.deal.load import parse_deal
from abssim.kind.note import NoteField
from abssim.measure.call import exercised_call
from abssim.measure.note import principal_losses
from abssim.measure.pool import pool_measure
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.load import parse_scenario
from abssim.scenario.scenario import Scenario
from abssim.study.breakeven import BreakEven, break_even

SUBPRIME = """
name: Subprime
currency: USD
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, legal_final: 2034-01-15}
pools:
  loans: {replines: [{balance: 100_000_000, rate_pct: 16, remaining_term: 66, age: 2}]}
notes:
  A: {balance: 60_000_000, coupon_pct: 5}
  B: {balance: 14_000_000, coupon_pct: 5.5}
  C: {balance: 10_000_000, coupon_pct: 6}
  D: {balance: 8_000_000, coupon_pct: 8}
holders: [seller]
accounts:
  collections: {collects: all}
  reserve: {balance: 1_500_000, target: "min(notes.balance, 1_500_000)"}
fees: {servicing: {rate_pct: 3, of: opening.pool.balance}}
waterfalls:
  amortization:
    - {name: servicing, rule: pay_due, source: collections, payees: [servicing]}
    - {name: A interest, rule: pay_due, source: collections, payees: [A], support: [reserve]}
    - {name: first priority, rule: pay_down_to, source: collections, payees: [A], target: "pool.balance"}
    - {name: B interest, rule: pay_due, source: collections, payees: [B], support: [reserve]}
    - {name: second priority, rule: pay_down_to, source: collections, payees: [A, B], target: "pool.balance"}
    - {name: C interest, rule: pay_due, source: collections, payees: [C], support: [reserve]}
    - {name: third priority, rule: pay_down_to, source: collections, payees: [A, B, C], target: "pool.balance"}
    - {name: D interest, rule: pay_due, source: collections, payees: [D], support: [reserve]}
    - {name: reserve, rule: top_up, source: collections, payees: [reserve]}
    - {name: principal, rule: pay_down_to, source: collections, payees: [A, B, C, D], target: "0.86 * pool.balance"}
    - {name: residual, rule: pay_remainder, source: collections, payees: [seller]}
    - {name: last principal, rule: pay_down_to, source: reserve, payees: [A, B, C, D], target: 0, when: final or called}
    - name: release
      rule: pay_amount
      source: reserve
      payees: [seller]
      amount: "max(0, reserve.balance - reserve.target)"
    - {name: kept, rule: carry, source: reserve}
calls:
  clean_up: {when: "pool.factor <= 0.20", price: "max(pool.balance, notes.balance)"}
scenario:
  name: subprime
  reason: Cumulative net losses of about ten percent.
  assumptions: [{prepayment: {abs_pct: 1.0}, default: {cdr_pct: 8}, recovery: {rate_pct: 40, lag_months: 4}}]
"""


@cache
def subprime() -> tuple[CompiledDeal, Scenario]:
    deal = parse_deal(SUBPRIME)
    assert deal.document is not None
    return compile_deal(deal), parse_scenario(deal.document.part("scenario"))


def at(calls: str) -> Callable[[float], RunResult]:
    compiled, scenario = subprime()
    return lambda k: run(compiled, scenario, calls=calls, default_multiple=k)  # type: ignore[arg-type]


@cache
def answers() -> dict[str, BreakEven]:
    names = [*subprime()[0].deal.notes]
    return {answer.note: answer for answer in break_even(at("never"), names, grid=(0.0, 1.0, 2.0, 3.0, 5.0, 10.0))}


def test_a_call_that_pays_the_notes_hides_every_loss() -> None:
    """At three times the defaults the pool loses 25 %, D's support is 9.5 %: to call nobody loses anything."""
    called, held = at("exercised")(3.0), at("never")(3.0)
    assert pool_measure(held).cumulative_net_loss_ratio[-1] > 0.22
    assert principal_losses(called) == (0, 0, 0, 0)
    assert principal_losses(held)[3] > 0
    call = exercised_call(called)
    assert call is not None and call.excess == call.price - call.pool_balance > 0
    assert exercised_call(held) is None


@pytest.mark.parametrize("note", ["A", "B", "C", "D"])
def test_the_multiple_is_where_the_run_to_maturity_turns(note: str) -> None:
    answer, index = answers()[note], "ABCD".index(note)
    for limit, fails in (
        (answer.principal, lambda r: principal_losses(r)[index] > 0),
        (answer.interest, lambda r: bool(r.note_flow[:, index, NoteField.INTEREST_SHORTFALL].any())),
    ):
        assert limit is not None
        if limit.multiple is not None:
            assert fails(at("never")(limit.multiple)) and not fails(at("never")(limit.multiple - 0.002))
            loss = pool_measure(at("never")(limit.multiple)).cumulative_net_loss_ratio[-1]
            assert limit.cumulative_net_loss_ratio == pytest.approx(loss)


def test_juniors_break_first() -> None:
    multiples = [answers()[note].principal.multiple or 99.0 for note in "ABCD"]
    assert multiples == sorted(multiples, reverse=True)
    assert multiples[3] < 3.0


BULLET = """
name: Bullet
currency: USD
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, legal_final: 2027-01-15}
pools:
  loans: {replines: [{balance: 1_000_000, rate_pct: 12, remaining_term: 2, amortization: interest_only}]}
notes:
  A: {balance: 900_000, coupon_pct: 6}
  B: {balance: 60_000, coupon_pct: 12}
holders: [seller]
accounts: {cash: {collects: all}}
waterfalls:
  amortization:
    - {name: A interest, rule: pay_due, source: cash, payees: [A]}
    - {name: A principal, rule: pay_down_to, source: cash, payees: [A], target: "pool.balance"}
    - {name: B interest, rule: pay_due, source: cash, payees: [B]}
    - {name: B principal, rule: pay_down_to, source: cash, payees: [A, B], target: "pool.balance"}
    - {name: rest, rule: pay_remainder, source: cash, payees: [seller]}
calls: {at_once: {when: "period >= 1", price: "max(pool.balance, notes.balance)"}}
scenario:
  name: bullet
  reason: One percent of what is left defaults each month.
  assumptions: [{default: {mdr_pct: 1}, recovery: {rate_pct: 0}}]
"""


def test_multiples_in_closed_form() -> None:
    """At a monthly default of x the pool pays 10,000 (1 - x) on date 1 and 1,010,000 (1 - x)^2 on date 2.

    B loses principal where date 2 brings less than 960,000 and interest of 5,100: x = 2.2480 %, a loss of 4.4455 %.
    B misses interest on date 2, after A's principal, where it brings less than 905,100 - 1.005 p. On date 1 A was paid
    p = 4,900 - 10,000 x then, all that was over, for the pool is short of the notes: x = 5.5640 %. To call nobody
    loses: at five times, 960,000 are paid on date 1 for a pool of 950,000.
    """
    deal = parse_deal(BULLET)
    assert deal.document is not None
    compiled, scenario = compile_deal(deal), parse_scenario(deal.document.part("scenario"))

    def at(k: float, calls: Literal["exercised", "never"] = "never") -> RunResult:
        return run(compiled, scenario, calls=calls, default_multiple=k)

    a, b = break_even(at, ["A", "B"])
    assert b.principal.multiple == pytest.approx(100 * (1 - (965_100 / 1_010_000) ** 0.5), abs=0.002)
    assert b.principal.cumulative_net_loss_ratio == pytest.approx(1 - 965_100 / 1_010_000, abs=2e-5)
    short = np.roots([1_010_000, -2_020_000 - 10_050, 1_010_000 - 905_100 + 1.005 * 4_900]).min()
    assert b.interest is not None and b.interest.multiple == pytest.approx(100 * short, abs=0.002)
    assert a.principal.multiple is not None and a.principal.multiple > 5
    assert all(each.principal.multiple is None for each in break_even(lambda k: at(k, "exercised"), ["A", "B"]))
    call = exercised_call(at(5.0, "exercised"))
    assert call is not None and (call.price, call.pool_balance, call.excess) == (960_000_00, 950_000_00, 10_000_00)
