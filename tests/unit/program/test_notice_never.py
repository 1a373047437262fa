"""Terms that never come into play within the deal's life are told; the same terms within it are not."""

from __future__ import annotations

import pytest

from abssim.deal.contradiction import never_holds
from abssim.deal.expression import parse
from abssim.deal.load import parse_deal
from abssim.deal.reach import Interval, reach
from abssim.program.compile import compile_deal
from abssim.program.notice import deal_notices, notices
from abssim.program.notice_entries import entry_notices
from abssim.program.notice_never import never_notices
from abssim.scenario.scenario import Scenario
from tests.engine.small import LATER, QUIET, REST, small

FLOWS = ["{interest: 10}"]
PAID = "{name: paid, rule: pay_in_full, source: cash, payees: [A, B]}"
FEES = "{name: fees, rule: pay_due, source: cash, payees: [f]}"
SIX = "2025-07-15"
"""Legal final of six dates, 15 February to 15 July 2025."""
STARTED = {"dates": ", first_payment: 2025-02-15, started_periods: 30", "cut_off": "2027-07-01"}
"""30 dates have passed by 15 July 2027; the next one is 15 August 2027."""


def told(*parts: str, steps: tuple[str, ...] = (PAID, REST), **terms: str) -> list[str]:
    return list(never_notices(small([*steps], FLOWS, *parts, **{"legal_final": SIX, **terms})))  # type: ignore[arg-type]


@pytest.mark.parametrize(("every", "never"), [(20, True), (31, False), (11, False)])
def test_a_fee_that_comes_due_on_no_date(every: int, never: bool) -> None:
    """Three dates are left, number 31 to 33."""
    fee = f"fees: {{f: {{amount: 1, every: {every}}}}}"
    line = "fees.f.every: charged on no date, those of the deal are number 31 to 33"
    assert told(fee, steps=(FEES, PAID, REST), legal_final="2027-10-15", **STARTED) == ([line] if never else [])


def test_interest_that_falls_due_on_no_date_of_a_regime() -> None:
    note = "notes: {A: {balance: 1000, coupon_pct: 1, pays: {amortization: 20}}, B: {balance: 500}}"
    assert told(notes=note, legal_final="2027-10-15", **STARTED) == [
        "notes.A.pays.amortization: interest falls due on no date of it, those are number 31 to 33"
    ]
    assert told(notes=note.replace("20", "32"), legal_final="2027-10-15", **STARTED) == []


def test_triggers_that_need_more_dates_than_are_left() -> None:
    trigger = "triggers: {t: {when: pool.balance < 1000, for: 5, count: %d}}"
    assert told(trigger % 1, legal_final="2027-10-15", **STARTED) == [
        "triggers.t: cannot fire, 3 dates left and 5 breaches needed"
    ]
    assert told(trigger % 2, legal_final="2027-10-15", **STARTED) == []
    cured = "triggers: {t: {when: pool.balance < 1000, curable: true, cure_after: %d, fired: true}}"
    assert told(cured % 4, legal_final="2027-10-15", **STARTED) == [
        "triggers.t: cannot be lifted, 3 dates left and 4 needed"
    ]
    assert told(cured % 3, legal_final="2027-10-15", **STARTED) == []


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("period > 6", True),
        ("period >= 6", False),
        ("period > 6 and pool.balance > 0", True),
        ("pool.balance > 0 or period > 6", False),
        ("not (period <= 6)", True),
        ("period + 1 < 2", True),
        ("2 * period > 12", True),
        ("max(period, 3) < 3", True),
        ("late > 6", True),
        ("late >= 6", False),
        ("schedule.step > 0.5", True),
        ("schedule.step >= 0.5", False),
        ("1 > 2", True),
        ("pool.balance > 10_000", False),
        ("month > 6", True),
        ("pool.factor > 0.9 and pool.factor < 0.5", True),
        ("pool.factor < 0.9 and pool.factor > 0.5", False),
        ("pool.factor > 0.9 or pool.factor < 0.5", False),
        ("pool.factor >= 0.9 and pool.factor <= 0.9", False),
        ("pool.factor > 0.9 and pool.factor <= 0.9", True),
        ("0.9 < pool.factor and not (pool.factor >= 0.5)", True),
        ("(pool.factor > 0.9 or period > 9) and 0.5 >= pool.factor", True),
        ("(pool.factor > 0.9 or period > 3) and 0.5 >= pool.factor", False),
        ("not (pool.factor <= 0.9 or pool.factor >= 0.5)", True),
        ("pool.balance > note.A.balance and note.A.balance > pool.balance", True),
        ("pool.balance >= note.A.balance and note.A.balance >= pool.balance", False),
        ("pool.balance > 900 and pool.balance < 900 * schedule.step", True),
        ("pool.balance > 400 and pool.balance < 900 * schedule.step", False),
        ("period == 2 and period == 3", True),
        ("period != 2 and period != 3", False),
        ("period > 5 and period < 2", True),
        ("pool.factor + 0.1 > 1 and pool.factor + 0.1 < 0.5", True),
        ("pool.balance > 0 and not (pool.balance > 0)", True),
    ],
)
def test_a_condition_that_holds_on_no_date(condition: str, never: bool) -> None:
    parts = (
        f'fees: {{f: {{amount: 1, when: "{condition}"}}}}',
        "definitions: {late: period + 0}",
        "schedules: {step: {1: 0.1, 3: 0.5}}",
    )
    line = "fees.f.when: holds on no date of the deal, so what it is a condition of never happens"
    assert told(*parts, steps=(FEES, PAID, REST)) == ([line] if never else [])


def test_conditions_of_steps_triggers_and_calls() -> None:
    parts = ['triggers: {t: {when: "period > 99"}}', 'calls: {c: {when: "period > 99"}}']
    found = told(*parts, steps=(LATER, REST))
    places = ["waterfalls.amortization[0].when", "triggers.t.when", "calls.c.when"]
    assert sorted(line.partition(":")[0] for line in found) == sorted(places)


def test_calls_that_may_never_be_exercised() -> None:
    call = "calls: {c: {when: pool.factor < 1, from: %s}}"
    assert told(call % "2025-07-15", legal_final="2025-07-31") == []
    assert told(call % "2025-07-20", legal_final="2025-07-31") == [
        "calls.c: may be exercised on no payment date, the last is 2025-07-15"
    ]


def test_days_of_calls_that_had_passed_at_a_start_in_mid_life() -> None:
    call = "calls: {c: {when: pool.factor < 1, dates: [%s]}}"
    assert told(call % "2026-01-15, 2027-09-15", legal_final="2027-10-15", **STARTED) == [
        "calls.c.dates: 2026-01-15 passed before the first payment date, 2027-08-15"
    ]
    assert told(call % "2026-01-15, 2027-07-15", legal_final="2027-10-15", **STARTED) == [
        "calls.c.dates: 2026-01-15, 2027-07-15 passed before the first payment date, 2027-08-15",
        "calls.c: may be exercised on no payment date, the last is 2027-10-15",
    ]
    assert told(call % "2027-09-15", legal_final="2027-10-15", **STARTED) == []


def test_terms_that_nobody_reads() -> None:
    notes = "notes: {A: {balance: 1000, schedule: {1: 900}}, B: {balance: 500}}"
    account = "accounts: {cash: {collects: all}, reserve: {target: 5}}"
    keep = "{name: keep, rule: carry, source: reserve}"
    definition = "definitions: {shown: pool.factor, itself: previous.itself + 1}"
    fill = "{name: fill, rule: top_up, source: cash, payees: [reserve]%s}"
    read = '{name: read, rule: pay_amount, source: cash, payees: [A], amount: "%s"}'
    lines = [
        "definitions.shown: no expression names it, so only `result.definitions` shows it",
        "definitions.itself: no expression names it, so only `result.definitions` shows it",
        "notes.A.schedule: without effect, no expression reads note.A.scheduled_balance",
        "accounts.reserve.target: without effect, no top_up fills the account and no expression reads it",
    ]

    def found(*steps: str) -> list[str]:
        return list(entry_notices(small([*steps, PAID, REST, keep], FLOWS, account, definition, notes=notes).deal))

    assert found() == lines
    assert found(fill % ", target: 3") == lines
    assert found(fill % "") == lines[:3]
    assert found(read % "reserve.target + note.A.scheduled_balance + (shown + itself) * pool.interest") == []


POOL = """
name: recovering
currency: USD
dates: {cut_off: 2026-01-01, closing: 2026-01-15, payment_day: 15, legal_final: 2030-01-15, revolving_periods: 3}
pools: {p: {hurdle_rate_pct: 9, replines: [{balance: 1000, rate_pct: 5, remaining_term: 12%s}]}}
revolving: {replenishment: {replines: [{balance: 1, rate_pct: 5, remaining_term: 9}]}}
notes: {A: {balance: 1000}}
accounts: {cash: {collects: all}}
waterfalls:
  revolving:
    - {name: buy, rule: pay_remainder, source: cash, payees: [purchase]}
    - {name: keep, rule: carry, source: cash}
  amortization:
    - {name: paid, rule: pay_down_to, source: cash, payees: [A], target: %s}
    - {name: rest, rule: carry, source: cash}
"""


def scenario_lines(arrears: str = "", **fields: object) -> list[str]:
    scenario = Scenario.model_validate({"name": "s", "reason": "test", **fields})
    compiled = compile_deal(parse_deal(POOL % (arrears, "0")))
    return [line for line in notices(compiled, scenario) if line.startswith("scenario s") and "reads" not in line]


def test_recoveries_where_nobody_defaults() -> None:
    recovery = {"recovery": {"rate_pct": 40, "lag_months": 3}}
    line = "scenario s: recovery has no effect, no rule says how loans default and none has"
    assert scenario_lines(assumptions=[recovery]) == [line]
    assert scenario_lines(assumptions=[recovery | {"default": {"mdr_pct": 1}}]) == []
    assert scenario_lines(", days_past_due: 120", assumptions=[recovery]) == []


def test_offers_of_every_loan_alike() -> None:
    """Half of every loan is the same mix, and cash decides how much of it is bought; nothing is nothing."""
    line = "scenario s: policy p offers 50 % of every loan of the replenishment alike, which changes nothing"
    (found,) = scenario_lines(policies={"p": {"month": 1, "offer_pct": 50}})
    assert found.startswith(line)
    assert scenario_lines(policies={"p": {"month": 1, "offer_pct": 0}}) == []


def test_a_policy_whose_lag_leads_beyond_the_end() -> None:
    last = compile_deal(parse_deal(POOL % ("", "0"))).dates.month[-1]
    policy = {"when": None, "default_multiple": 2.0}
    rules = [{"default": {"mdr_pct": 1}}]
    late = {"p": policy | {"month": 1, "lag_months": last - 1}}
    assert scenario_lines(policies=late, assumptions=rules) == [
        f"scenario s: policy p, with its lag of {last - 1} months, acts after the deal's last month, {last}"
    ]
    timely = {"p": policy | {"month": 1, "lag_months": last - 2}}
    assert scenario_lines(policies=timely, assumptions=rules) == []


def test_a_hurdle_rate_that_nobody_reads() -> None:
    line = "pools.p.hurdle_rate_pct: without effect, no expression reads pool.adjusted_balance"
    assert line in list(deal_notices(compile_deal(parse_deal(POOL % ("", "0")))))
    for name in ("pool.adjusted_balance", "pool.p.adjusted_balance", "previous.pool.adjusted_balance"):
        assert line not in list(deal_notices(compile_deal(parse_deal(POOL % ("", name)))))


def test_intervals() -> None:
    known = {"x": Interval(-1.0, 2.0), "y": Interval(3.0, 5.0)}
    assert reach(parse("x * y"), known) == (-5.0, 10.0)
    assert reach(parse("y - x"), known) == (1.0, 6.0)
    assert reach(parse("-x"), known) == (-2.0, 1.0)
    assert reach(parse("min(x, y)"), known) == (-1.0, 2.0)
    assert reach(parse("x / y"), known) == Interval()
    assert never_holds(parse("x > y"), known)
    assert not never_holds(parse("x == y or z"), known)
    assert QUIET.name == "quiet"
