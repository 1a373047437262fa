"""The table of observables: complete, consistent, and made of nothing but places."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

import pytest

from abssim.deal.account import Collection
from abssim.deal.collection import ALWAYS, collecting_accounts, produced_sources
from abssim.deal.expression import names_in, parse
from abssim.deal.load import load_deal, parse_deal
from abssim.deal.observable import observables
from abssim.deal.pool import AmortizationName
from abssim.deal.symbols import Symbols
from abssim.engine.layout import Amortization
from abssim.kind.clock import CLOCK
from abssim.kind.pool import COLLECTIONS
from abssim.kind.table import KINDS

CASES = Path(__file__).resolve().parents[2] / "cases" / "waterfalls"


def lower(fields: type[IntEnum]) -> set[str]:
    return {member.name.lower() for member in fields}


def test_every_field_of_the_state_can_be_read() -> None:
    names = {row.name for row in observables()}
    wanted = {f"{kind.name}.{kind.name.upper()}.{field}" for kind in KINDS.values() for field in kind.words()}
    assert wanted - names == set()
    assert set(CLOCK.words()) - names == {"regime"}, "which is read as regime.number and by name"


def test_words_of_the_document_are_those_of_the_engine() -> None:
    assert set(Collection.__args__) == {*COLLECTIONS, "all"}  # type: ignore[attr-defined]
    assert set(AmortizationName.__args__) == lower(Amortization)  # type: ignore[attr-defined]


def test_table_without_a_deal_has_patterns() -> None:
    rows = {row.name: row for row in observables()}
    assert rows["note.NOTE.balance"].dimension == "amount"
    assert rows["step.STEP.from.ACCOUNT"].doc
    assert "schedule.NAME" in rows
    assert all(row.doc for row in rows.values())


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_observable_comes_down_to_places(case: Path) -> None:
    symbols = Symbols(load_deal(case))
    for name, row in symbols.table.items():
        for prefix in ("", "opening.", "previous.", "at.closing.", "at.end_of_revolving."):
            if prefix and symbols.dimension_of(prefix + name) is None:
                assert row.slot is None or name.split(".")[0] not in ("pool", "notes", "account", "ledger")
                continue  # what is known of each date by the calendar has no value of another date
            typed = symbols.compiled(prefix + name)
            if row.slot is None or row.slot.block != "definition":
                assert typed.dimension in (row.dimension, symbols.dimension_of(name))
            for each in names_in(typed.node):
                found, slot = symbols.slot(each.name)
                assert found == prefix.rstrip(".")
                assert slot.block


BASE = """
name: Two of everything
currency: EUR
dates: {cut_off: 2025-01-01, closing: 2025-01-10, payment_day: 15, legal_final: 2030-01-15, revolving_periods: 3}
pools:
  one: {replines: [{balance: 100, remaining_term: 3}]}
  two: {replines: [{balance: 100, remaining_term: 3}], purchase_yield_pct: 8}
notes: {A: {balance: 100, coupon_pct: 5}, B: {balance: 100, coupon_pct: 6}}
accounts:
  income: {collects: [interest, fees, penalty, recovery], pools: [one]}
  rest: {collects: all}
schedules: {floor: {1: 10}, ratio: {1: 0.5}}
definitions:
  low: "half / 2"
  half: "schedule.floor"
  share: "schedule.ratio"
  big: "1000"
  both: "notes.balance - big"
  back: "previous.back + both"
  x: "previous.y * 2"
  y: "x / pool.balance * pool.balance + both"
  stress: "trigger.t and period > 3"
waterfalls:
  revolving:
    - {name: A int., rule: pay_due, source: income, payees: [A, B]}
    - {name: end, rule: pay_remainder, source: [income, rest], payees: [B]}
  amortization:
    - {name: A int., rule: pay_due, source: income, payees: [A]}
    - {name: p, rule: pay_amount, source: rest, payees: [A], amount: "max(low, share * pool.two.balance)", when: stress}
    - {name: end, rule: pay_remainder, source: [income, rest], payees: [B]}
triggers: {t: {when: "step.A_int_.shortfall > 0 or at.t.pool.factor < 0.5", test: end}}
"""


def test_dimensions_of_definitions_and_schedules_follow_their_use() -> None:
    symbols = Symbols(parse_deal(BASE))
    expected = {
        **{"low": "amount", "half": "amount", "schedule.floor": "amount", "share": "number"},
        **{"schedule.ratio": "number", "big": "amount", "both": "amount", "back": "amount"},
        **{"x": "amount", "y": "amount", "stress": "flag"},
    }
    assert {name: symbols.dimension_of(name) for name in expected} == expected
    assert symbols.order.index("half") < symbols.order.index("low")
    literal = symbols.compiled("big", "amount")
    assert literal.dimension == "amount"


def test_a_step_of_two_regimes_is_one_name() -> None:
    symbols = Symbols(parse_deal(BASE))
    names = [name.name for name in names_in(symbols.expand(parse("previous.step.A_int_.paid")))]
    assert names == ["previous.step.revolving.A_int_.paid", "previous.step.amortization.A_int_.paid"]
    assert symbols.slot(names[0])[1] == ("step", "revolving.A_int_", "paid")
    assert symbols.slot("step.amortization.p.from.rest")[1] == ("draw", "amortization.p", "rest")


def test_prefixes() -> None:
    symbols = Symbols(parse_deal(BASE))
    assert symbols.split("at.t.pool.factor") == ("at.t", "pool.factor")
    assert symbols.split("at.nowhere.pool.factor") == ("", "at.nowhere.pool.factor")
    assert symbols.dimension_of("at.nowhere.pool.factor") is None
    assert symbols.dimension_of("previous.income.balance") == "amount"
    assert symbols.dimension_of("previous.previous.income.balance") is None


def test_collections_of_each_pool() -> None:
    deal = parse_deal(BASE)
    assert collecting_accounts(deal, "one", "interest") == ("income",)
    assert collecting_accounts(deal, "two", "interest") == ("rest",)
    assert collecting_accounts(deal, "one", "prepayment") == ("rest",)
    assert produced_sources(deal) == (*ALWAYS, "discount")
