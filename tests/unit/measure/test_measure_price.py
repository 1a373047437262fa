"""Prices against closed forms and printed figures."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import numpy as np
import pytest
import QuantLib as ql
from scipy.optimize import brentq

from abssim.engine.state import block
from abssim.errors import AbssimError
from abssim.kind.note import NoteField
from abssim.measure.holding import hold
from abssim.measure.price import (
    COMPOUNDING,
    Convention,
    Flows,
    convexity,
    modified_duration,
    note_flows,
    price_at,
    price_at_margin,
    quote_at,
    quotes_at,
    yield_at,
)
from abssim.measure.yieldtable import yield_table
from abssim.report.price import yield_document
from abssim.result import RunResult
from tests.unit.measure.handmade import handmade_result


def bullet(coupon: float, years: int) -> Flows:
    """A bond paying half its coupon twice a year, and 100 at the end."""
    times = np.arange(1, 2 * years + 1) / 2.0
    amounts = np.full(len(times), coupon / 2.0)
    amounts[-1] += 100.0
    return Flows(times, amounts)


def test_a_printed_bond() -> None:
    """9 %, 20 years, at 6 %: Fixed Income Analysis (CFA Institute) prints 134.6722, 10.66 and 164.106."""
    bond = bullet(9.0, 20)
    assert price_at(bond, 0.06) == pytest.approx(134.6722, abs=5e-5)
    assert modified_duration(bond, 0.06) == pytest.approx(10.66, abs=5e-3)
    assert convexity(bond, 0.06) == pytest.approx(164.106, abs=5e-4)
    assert yield_at(bond, 134.6722) == pytest.approx(0.06, abs=1e-7)


def test_a_printed_duration() -> None:
    """8 %, January 2008 to January 2016, at 9 %: the example of Excel's MDURATION prints 5.73567."""
    assert modified_duration(bullet(8.0, 8), 0.09) == pytest.approx(5.73567, abs=5e-6)


def test_an_annuity_in_closed_form() -> None:
    """n payments of 1 at a monthly rate r are worth (1 - v^n) / r; Macaulay duration (1 + r)/r - n/((1 + r)^n - 1)."""
    rate, count = 0.06 / 12, 36
    flows = Flows(np.arange(1, count + 1) / 12.0, np.ones(count))
    assert price_at(flows, 0.06, "monthly") == pytest.approx((1 - (1 + rate) ** -count) / rate)
    macaulay = ((1 + rate) / rate - count / ((1 + rate) ** count - 1)) / 12
    assert modified_duration(flows, 0.06, "monthly") == pytest.approx(macaulay / (1 + rate))


def test_a_zero_loss_bullet_at_par_yields_its_coupon() -> None:
    assert yield_at(bullet(5.0, 7), 100.0) == pytest.approx(0.05, abs=1e-12)
    zero = Flows(np.array([3.0]), np.array([100.0]))
    assert price_at(zero, 0.05, "isma") == pytest.approx(100 / 1.05**3)
    assert modified_duration(zero, 0.05, "isma") == pytest.approx(3 / 1.05)
    assert convexity(zero, 0.05, "isma") == pytest.approx(12 / 1.05**2)


def test_margin_discounts_in_the_notes_own_year_fractions() -> None:
    result = handmade_result()
    terms = dataclasses.replace(result.notes_terms[0], index_rates=np.array([0.03, 0.04, 0.05, 0.06]))
    floating = dataclasses.replace(result, notes_terms=(terms, result.notes_terms[1]))
    fields = [NoteField.INTEREST_PAID, NoteField.PRINCIPAL_PAID]
    cash = result.note_flow[:, 0][:, fields].sum(axis=1) / 800.0
    worth, factor = 0.0, 1.0
    for amount, rate, fraction in zip(cash, (0.03, 0.04, 0.05, 0.06), (25 / 360, 1 / 12, 1 / 12, 1 / 12), strict=True):
        factor *= 1 + (rate + 0.01) * fraction
        worth += amount / factor
    assert price_at_margin(floating, "A", 0.01) == pytest.approx(worth)
    assert np.isnan(price_at_margin(result, "A", 0.01))


def test_an_interest_only_note_is_priced_on_its_notional() -> None:
    result = handmade_result()
    result.note_flow[:, 1] = 0
    result.note_flow[:, 1, NoteField.NOTIONAL] = (50_000, 30_000, 10_000, 0)
    result.note_flow[:, 1, NoteField.INTEREST_PAID] = (500, 300, 100, 0)
    assert hold(result, "B").face == 50_000
    quote = quote_at(result, "B", "price", 1.7)
    assert quote.yield_rate > 0.2
    assert quote_at(result, "B", "yield", 0.0).price == pytest.approx(1.8)


def test_cash_that_is_not_all_known_has_no_price() -> None:
    result: RunResult = handmade_result()
    result.pool_flow[-1, 0] = 1_000  # assets left, and B not repaid
    for given, value in (("price", 100.0), ("yield", 0.05), ("margin", 0.01)):
        quote = quote_at(result, "B", given, value)  # type: ignore[arg-type]
        assert np.isnan(quote.modified_duration)
        assert np.isnan([quote.price, quote.yield_rate, quote.margin]).sum() == 2
    document = yield_document(yield_table([result], [result], ["B"], {"price": [100.0]}))
    assert document["cases"][0]["quotes"][0]["yield_pct"] is None
    assert document["cases"][0]["principal_loss_pct"] == 0.0


def test_the_table_lists_cases_by_note_and_scenario() -> None:
    result = handmade_result()
    held = dataclasses.replace(result)
    table = yield_table([result, result], [result, held], ["B", "A"], {"price": [99.0, 100.0]})
    assert [terms.name for terms, _ in table.notes] == ["A", "B"]
    assert [case.end for case in table.notes[0][1]] == ["call", "maturity"] * 2
    assert table.called
    assert not yield_table([result], [result], ["A"], {"price": [100.0]}).called


def ql_day(day: date) -> Any:
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("convention", list(COMPOUNDING))
@pytest.mark.parametrize("settlement", [None, date(2024, 2, 15), date(2024, 3, 1)])
def test_quotes_are_quantlibs(convention: Convention, settlement: date | None) -> None:
    """The same cash, settled on the same day, discounted by QuantLib at the same yield, 30/360."""
    result = accruing()
    quote = quote_at(result, "A", "price", 99.5, convention, settlement)
    held = hold(result, "A", settlement)
    days = [day for day in result.dates.payment if day > held.settlement]
    cash = [ql.SimpleCashFlow(float(a), ql_day(d)) for a, d in zip(held.flows.amounts, days, strict=True)]
    frequency = {12: ql.Monthly, 2: ql.Semiannual, 1: ql.Annual}[COMPOUNDING[convention]]
    rate = ql.InterestRate(quote.yield_rate, ql.Thirty360(ql.Thirty360.BondBasis), ql.Compounded, frequency)
    at = ql_day(held.settlement)
    ql.Settings.instance().evaluationDate = at
    assert ql.CashFlows.npv(cash, rate, False, at, at) == pytest.approx(quote.dirty_price, abs=1e-9)
    duration = ql.CashFlows.duration(cash, rate, ql.Duration.Modified, False, at)
    assert duration == pytest.approx(quote.modified_duration, abs=1e-9)
    assert ql.CashFlows.convexity(cash, rate, False, at) == pytest.approx(quote.convexity, abs=1e-9)
    assert quote_at(result, "A", "yield", quote.yield_rate, convention, settlement).price == pytest.approx(99.5)


def accruing() -> RunResult:
    """The handmade run with the accrual periods of its notes; A bears 5 % 30/360 from 20 January on."""
    result = handmade_result()
    ends = (*result.dates.unadjusted,)
    periods = tuple(zip((result.dates.closing, *ends[:-1]), ends, strict=True))
    terms = tuple(dataclasses.replace(each, accrual_periods=periods) for each in result.notes_terms)
    result.note_flow[:, :, NoteField.NOTIONAL] = result.note_flow[:, :, NoteField.OPENING_BALANCE]
    return dataclasses.replace(result, notes_terms=terms)


def test_accrued_interest_by_hand() -> None:
    """16 days of 30-day months from 15 February to 1 March at 5 % are 0.2222 per 100; what was short is not accrued."""
    result = accruing()
    held = hold(result, "A", date(2024, 3, 1))
    assert held.accrued == pytest.approx(100 * 0.05 * 16 / 360)
    assert (held.face, held.first) == (51_000, 1)
    assert hold(result, "B", date(2024, 3, 31)).accrued == pytest.approx(100 * 0.06 * 16 / 360)  # a 31st after a 15th
    assert hold(result, "A").accrued == 0.0
    quote = quote_at(result, "A", "price", 100.0, settlement=date(2024, 3, 1))
    assert quote.dirty_price == pytest.approx(100.0 + held.accrued)


def test_interest_that_is_not_due_yet_is_accrued() -> None:
    """1.20 of the period before, which ended on 15 February, and 16 days at 5 % of 510.00."""
    result = accruing()
    block(result.trace[0], result.layout, "note")[0, NoteField.ACCRUED_NOT_DUE] = 120
    held = hold(result, "A", date(2024, 3, 1))
    assert held.accrued == pytest.approx(100 * (1.2 / 510 + 0.05 * 16 / 360))


def test_accrued_interest_is_quantlibs() -> None:
    """Half-yearly 5 % bonds, by three day counts, on a day in the third period."""
    settlement, start = date(2025, 4, 7), date(2024, 1, 15)
    ends = [date(2024, 7, 15), date(2025, 1, 15), date(2025, 7, 15), date(2026, 1, 15)]
    counts = {
        "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
        "act/365": ql.Actual365Fixed(),
        "act/act-icma": ql.ActualActual(ql.ActualActual.ISMA),
    }
    for name, counter in counts.items():
        schedule = ql.Schedule([ql_day(day) for day in (start, *ends)])
        bond = ql.FixedRateBond(0, 100.0, schedule, [0.05], counter)
        fractions = np.array(
            [counter.yearFraction(ql_day(a), ql_day(b), ql_day(a), ql_day(b)) for a, b in spans(start, ends)]
        )
        result = accruing()
        terms = dataclasses.replace(
            result.notes_terms[0], day_count=name, accrual_periods=tuple(spans(start, ends)), year_fractions=fractions
        )
        dates = dataclasses.replace(result.dates, closing=start, payment=tuple(ends), unadjusted=tuple(ends))
        bearing = dataclasses.replace(result, dates=dates, notes_terms=(terms, result.notes_terms[1]))
        assert hold(bearing, "A", settlement).accrued == pytest.approx(bond.accruedAmount(ql_day(settlement)), abs=1e-9)


def spans(start: date, ends: list[date]) -> list[tuple[date, date]]:
    return list(zip((start, *ends[:-1]), ends, strict=True))


def test_a_floater_settled_between_dates_is_worth_par_at_its_spread() -> None:
    """On an interest date a floater is worth 100 at its own spread; between two, what is left of the coupon's period
    discounts 100 and the coupon, and the accrued interest is the buyer's to pay."""
    result = accruing()
    index = np.full(4, 0.04)
    terms = dataclasses.replace(result.notes_terms[0], index_rates=index)
    flow = result.note_flow[:, 0]
    flow[:, NoteField.INTEREST_PAID] = np.rint(flow[:, NoteField.OPENING_BALANCE] * 0.05 * terms.year_fractions)
    floating = dataclasses.replace(result, notes_terms=(terms, result.notes_terms[1]))
    for settlement, left in ((date(2024, 2, 15), 30), (date(2024, 3, 1), 14)):
        found = quote_at(floating, "A", "margin", 0.01, settlement=settlement)
        exact = 100 * (1 + 0.05 * 30 / 360) / (1 + 0.05 * left / 360)
        assert found.dirty_price == pytest.approx(exact, abs=2e-3)  # interest is whole cents of a small balance
        back = quote_at(floating, "A", "price", found.price, settlement=settlement)
        assert back.margin == pytest.approx(0.01, abs=1e-10)
        assert back.yield_rate == pytest.approx(found.yield_rate, abs=1e-10)


def test_life_and_window_of_a_table_count_from_the_settlement_day() -> None:
    """29.00 in 14 and 22.00 in 44 days of 30-day months, on dates 2 and 3."""
    run = accruing()
    ((_, (case, _)),) = yield_table([run], [run], ["A"], {"price": [100.0]}, settlement=date(2024, 3, 1)).notes
    assert case.wal == pytest.approx((29 * 14 + 22 * 44) / 51 / 360)
    assert (case.measure.window, case.measure.principal_first) == ((2, 3), date(2024, 3, 15))
    assert case.face == 51_000


def test_prices_yields_and_margins_at_once() -> None:
    found = quotes_at(accruing(), "A", {"price": [99.0, 100.0], "yield": [0.05], "margin": [0.01]})
    assert [quote.given for quote in found] == ["price", "price", "yield"]  # A has no index


@pytest.mark.parametrize("day", [date(2024, 1, 19), date(2024, 5, 15), date(2031, 1, 1)])
def test_a_settlement_day_without_cash_to_come_is_refused(day: date) -> None:
    with pytest.raises(AbssimError) as caught:
        hold(accruing(), "A", day)
    assert caught.value.code == "E016"
    early = day < date(2024, 2, 1)
    assert caught.value.problems[0].hint.startswith("settle on" if early else "settle before the last payment")


def test_premium_is_cash() -> None:
    """A note called at a premium of 2.00 on its last date: 29.00 + 29.00 + 22.00 of 80.00, interest and the premium."""
    result = handmade_result()
    without = note_flows(result, "A").amounts
    result.note_flow[2, 0, NoteField.PREMIUM_PAID] = 200
    assert note_flows(result, "A").amounts - without == pytest.approx([0, 0, 0.25, 0])
    assert quote_at(result, "A", "yield", 0.0).price == pytest.approx(without.sum() + 0.25)


def test_roots_are_scipys() -> None:
    flows = note_flows(handmade_result(), "A")
    for price in (90.0, 99.0, 100.0, 104.0):
        root = brentq(lambda y, at=price: price_at(flows, y, "isma") - at, -0.5, 5.0, xtol=1e-14)
        assert yield_at(flows, price, "isma") == pytest.approx(root, abs=1e-11)


def test_the_document_is_in_percent() -> None:
    """Of B 6.00 of 150.00 is lost, of the pool 18.00 of 1000.00 when it ends."""
    run = accruing()
    cases = yield_document(yield_table([run], [run], ["B"], {"yield": [0.06]}))["cases"]
    assert (cases[0]["principal_loss_pct"], cases[0]["pool_net_loss_pct"]) == (4.0, 1.8)
    assert cases[0]["quotes"][0]["yield_pct"] == 6.0
