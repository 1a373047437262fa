"""Numbers whose unit contradicts their place: shares where amounts stand, percents where ratios do, odd currencies."""

from __future__ import annotations

import pytest

from abssim.currency import MINOR_DIGITS
from abssim.deal.check_unit import percents
from abssim.deal.expression import parse
from abssim.deal.load import parse_deal
from abssim.errors import DealError
from abssim.program.notice_never import never_notices
from tests.engine.small import LATER, REST, small

FLOWS = ["{interest: 10}"]


def codes(*parts: str, steps: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    try:
        small([*steps, LATER, REST], FLOWS, *parts)
    except DealError as error:
        return [(problem.code, problem.path) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        ("pool.balance > 0.06", True),
        ("0.1 >= notes.balance", True),
        ("pool.balance - 0.5 > 0", True),
        ("note.A.balance < 1.05", True),
        ("min(note.A.balance, 0.1) > 0", True),
        ("if(pool.factor < 0.1, notes.balance, 0.5) > 3", True),
        ("cut < 0.06", True),
        ("pool.balance > 0", False),
        ("notes.balance <= 0.01", False),
        ("notes.balance <= 1_000_000", False),
        ("notes.balance <= 1", False),
        ("note.A.balance < 1234.56", False),
        ("note.A.balance < 12.5", False),
        ("pool.balance > 0.06 * pool.initial_balance", False),
        ("pool.balance / notes.balance > 1.05", False),
        ("floor(pool.balance, 0.01) > 5", False),
        ("table(pool.balance, 0: 0.01, 1000: 0.02) > 0.015", False),
        ("schedule.share > 0.06", False),
        ("pool.balance * 0.5 < notes.balance", False),
        ("share > 0.06", False),
        ("pool.balance > 0.05 * 1_000_000", False),
        ("pool.balance > min(2, 0.1) * 250.5", False),
        ("if(pool.balance > 0.06, 2, 3) * pool.balance > 5", True),
    ],
)
def test_an_amount_is_not_compared_with_a_share(condition: str, refused: bool) -> None:
    parts = ("definitions: {cut: pool.balance, share: pool.factor}", "schedules: {share: {1: 0.1}}")
    found = codes(*parts, f'triggers: {{t: {{when: "{condition}"}}}}')
    assert found == ([("E147", "triggers.t.when")] if refused else [])


def test_amounts_that_are_shares_of_nothing() -> None:
    pay = "{name: pay, rule: pay_amount, source: cash, payees: [A], amount: 0.02, cap: 0.5, caps: {A: 1}}"
    assert codes(steps=(pay,)) == [("E147", f"waterfalls.amortization[0].{field}") for field in ("amount", "cap")]


def test_a_cent_is_paid_but_is_no_target() -> None:
    pay = "{name: pay, rule: pay_amount, source: cash, payees: [A], amount: %s, cap: %s}"
    assert codes(steps=(pay % (0.01, 1),)) == []
    assert codes(steps=(pay % (1, 0.01),)) == [("E147", "waterfalls.amortization[0].cap")]
    reserve = "accounts: {cash: {collects: all}, reserve: {target: 0.01}}"
    fill = "{name: fill, rule: top_up, source: cash, payees: [reserve]}"
    assert codes(reserve, steps=(fill,)) == [("E147", "accounts.reserve.target")]


def test_the_message_says_what_was_taken() -> None:
    with pytest.raises(DealError) as caught:
        small([LATER, REST], FLOWS, "triggers: {t: {when: pool.balance < 0.06}}")
    (problem,) = caught.value.problems
    assert problem.message == "0.06 stands for an amount, 0.06 USD, and looks like a ratio"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("pool.factor <= 10", [("pool.factor", 10.0)]),
        ("10 >= pool.p.factor", [("pool.p.factor", 10.0)]),
        ("note.A.factor >= 1.5", [("note.A.factor", 1.5)]),
        ("pool.cumulative_net_loss_ratio.3m > 5", [("pool.cumulative_net_loss_ratio", 5.0)]),
        ("excess_spread < -2", [("excess_spread", -2.0)]),
        ("losses > 5", [("pool.cumulative_default_ratio", 5.0)]),
        ("previous.pool.dpd_30_plus_ratio > 3", [("pool.dpd_30_plus_ratio", 3.0)]),
        ("pool.npl_to_issue_ratio > schedule.limit", [("pool.npl_to_issue_ratio", 4.5)]),
        ("pool.factor <= 1", []),
        ("pool.factor <= 0.1 and period > 12", []),
        ("pool.balance / notes.balance > 1.2", []),
        ("pool.balance > 10", []),
    ],
)
def test_ratios_compared_with_percents(condition: str, found: list[tuple[str, float]]) -> None:
    parts = ("schedules: {limit: {1: 3, 7: 4.5}}", "definitions: {losses: pool.cumulative_default_ratio}")
    deal = small([LATER, REST], FLOWS, *parts).deal
    assert list(percents(deal, parse(condition))) == found


def test_a_percent_is_told() -> None:
    compiled = small([LATER, REST], FLOWS, "calls: {c: {when: pool.factor <= 10}}")
    assert "calls.c.when: compares pool.factor with 10, which is 1000 %: ratios are decimals, and 10 % is 0.1" in list(
        never_notices(compiled)
    )


@pytest.mark.parametrize(
    ("code", "hint"),
    [("RMB", 'did you mean "CNY"?'), ("usd", 'did you mean "USD"?'), ("EURO", 'did you mean "EUR"?'), ("XYZ", "")],
)
def test_a_currency_of_no_standard(code: str, hint: str) -> None:
    text = f"""
name: odd
currency: {code}
dates: {{cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2030-01-15}}
pools: {{p: {{opening_balance: 1, collections: [{{interest: 1}}]}}}}
notes: {{A: {{balance: 1}}}}
accounts: {{cash: {{collects: all}}}}
waterfalls: {{amortization: [{{name: all, rule: pay_down_to, source: cash, payees: [A], target: 0}}, {REST}]}}
holders: [seller]
"""
    with pytest.raises(DealError) as caught:
        parse_deal(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.where) == ("E148", "currency", "deal.yaml:3")
    assert problem.message == f'"{code}" is no currency of ISO 4217'
    assert problem.hint.startswith(hint)


def test_minor_units() -> None:
    """ISO 4217: the dinars of the Gulf have three digits, the franc of Rwanda and the peso of Chile none."""
    expected = {"USD": 2, "CNY": 2, "JPY": 0, "CLP": 0, "VND": 0, "ISK": 0, "TND": 3, "OMR": 3, "KWD": 3, "RWF": 0}
    assert {code: MINOR_DIGITS[code] for code in expected} == expected
    assert len(MINOR_DIGITS) == len(set(MINOR_DIGITS)) > 150
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)
