"""Prices against closed forms and printed figures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from abssim.engine.layout import NoteField
from abssim.measure.price import (
    Flows,
    convexity,
    modified_duration,
    note_face,
    price_at,
    price_at_margin,
    quote_at,
    yield_at,
)
from abssim.measure.yieldtable import yield_document, yield_table
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
    assert note_face(result, "B") == 50_000
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
    document = yield_document(yield_table([result], [result], ["B"], "price", [100.0]))
    assert document["cases"][0]["quotes"][0]["yield_pct"] is None
    assert document["cases"][0]["principal_loss_pct"] == 0.0


def test_the_table_lists_cases_by_note_and_scenario() -> None:
    result = handmade_result()
    held = dataclasses.replace(result)
    table = yield_table([result, result], [result, held], ["B", "A"], "price", [99.0, 100.0])
    assert [terms.name for terms, _ in table.notes] == ["A", "B"]
    assert [case.end for case in table.notes[0][1]] == ["call", "maturity"] * 2
    assert table.called
    assert not yield_table([result], [result], ["A"], "price", [100.0]).called
