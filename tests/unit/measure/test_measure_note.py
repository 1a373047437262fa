"""Lives, windows, losses, prices: against figures worked by hand."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.decrement import decrement
from abssim.measure.enhancement import class_of, enhancement, ranks, supporting_accounts
from abssim.measure.note import is_settled, note_measure, note_measures, shows_all_cash, total_wal
from abssim.measure.price import (
    COMPOUNDING,
    Flows,
    convexity,
    discount_margin,
    modified_duration,
    note_flows,
    price_at,
    quote_at,
    yield_at,
)
from abssim.measure.termsheet import term_sheet
from abssim.measure.timing import start_date, years
from abssim.report.decrement import decrement_document
from abssim.result import RunResult
from abssim.table.footnote import late_words
from tests.unit.measure.handmade import handmade_result


@pytest.fixture
def result() -> RunResult:
    return handmade_result()


def test_years_run_from_closing_with_a_stub(result: RunResult) -> None:
    assert years(result) == pytest.approx([25 / 360, 55 / 360, 85 / 360, 115 / 360])
    assert years(result, "act/365") == pytest.approx([26 / 365, 55 / 365, 86 / 365, 116 / 365])


def test_a_run_from_mid_life_starts_a_period_before_its_first_date(result: RunResult) -> None:
    dates = dataclasses.replace(result.dates, number=(5, 6, 7, 8), previous_unadjusted=date(2024, 1, 15))
    assert start_date(dataclasses.replace(result, dates=dates)) == date(2024, 1, 15)


def test_note_a(result: RunResult) -> None:
    note = note_measure(result, "A")
    wal = (29_000 * 25 + 29_000 * 55 + 22_000 * 85) / 80_000 / 360
    assert note.wal == pytest.approx(wal)
    assert (note.window, note.expected_final) == ((1, 3), date(2024, 4, 15))
    assert (note.principal_first, note.principal_last) == (date(2024, 2, 15), date(2024, 4, 15))
    assert (note.interest_paid, note.principal_paid, note.principal_loss, note.interest_shortfall) == (
        583,
        80_000,
        0,
        0,
    )


def test_note_b_is_left_with_a_loss_and_was_short_of_interest_once(result: RunResult) -> None:
    note = note_measure(result, "B")
    assert (note.principal_loss, note.interest_shortfall, note.interest_unpaid) == (600, 25, 0)
    assert note.expected_final is None
    assert note.wal == pytest.approx((2_000 * 85 + 12_400 * 115) / 14_400 / 360)


def test_balance_left_at_the_legal_final_date_is_lost_even_if_paid_later(result: RunResult) -> None:
    terms = dataclasses.replace(result.notes_terms[1], legal_final=date(2024, 4, 15))
    early = dataclasses.replace(result, notes_terms=(result.notes_terms[0], terms))
    assert note_measure(early, "B").principal_loss == 13_000
    late = early.late(1)
    assert (late.balance, late.paid) == (13_000, 12_400)
    assert late_words(early) == (
        " B is not repaid by its legal final, 2024-04-15: 130.00 are open then and are its principal loss, although "
        "124.00 are paid later and count as paid, for WAL, window, yield and duration too."
    )
    assert late_words(result) == ""


@pytest.mark.parametrize(("legal_final", "settled"), [(date(2024, 5, 15), True), (date(2024, 5, 16), False)])
def test_a_note_is_settled_on_its_legal_final_date(result: RunResult, legal_final: date, settled: bool) -> None:
    """6.00 are left of B, and loans that could pay them: lost on that date and not before."""
    result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE] = 1_000
    terms = dataclasses.replace(result.notes_terms[1], legal_final=legal_final)
    note = note_measure(dataclasses.replace(result, notes_terms=(result.notes_terms[0], terms)), "B")
    assert (note.settled, note.principal_loss) == (settled, 600 if settled else 0)
    assert np.isfinite(note.wal) == settled


def test_residual_note_loses_what_its_cash_does_not_return(result: RunResult) -> None:
    terms = dataclasses.replace(result.notes_terms[1], kind="residual")
    result.note_flow[:, 1] = 0
    result.note_flow[0, 1, NoteField.OPENING_BALANCE] = 15_000
    result.note_flow[:, 1, NoteField.BALANCE] = 15_000
    result.note_flow[:, 1, NoteField.RESIDUAL_PAID] = (4_000, 5_000, 0, 5_000)
    short = dataclasses.replace(result, notes_terms=(result.notes_terms[0], terms))
    assert note_measure(short, "B").principal_loss == 1_000
    assert note_measure(short, "B").expected_final is None
    result.note_flow[3, 1, NoteField.RESIDUAL_PAID] = 9_000
    full = note_measure(short, "B")
    assert full.principal_loss == 0
    assert (full.window, full.expected_final) == (None, None)
    assert np.isnan(full.wal)


def test_life_and_window_of_a_residual_note_count_principal_only(result: RunResult) -> None:
    """Residual cash is not principal, whatever is left of the balance: 2 000 and 12 400 on dates 3 and 4."""
    terms = dataclasses.replace(result.notes_terms[1], kind="residual")
    result.note_flow[:, 1, NoteField.RESIDUAL_PAID] = (4_000, 5_000, 700, 5_000)
    note = note_measure(dataclasses.replace(result, notes_terms=(result.notes_terms[0], terms)), "B")
    assert note.wal == pytest.approx((2_000 * 85 + 12_400 * 115) / 14_400 / 360)
    assert note.window == (3, 4)


def interest_only(result: RunResult) -> RunResult:
    """The run, its note B an interest-only note on the balance of A."""
    terms = dataclasses.replace(result.notes_terms[1], kind="interest-only", initial_balance=0)
    a = result.note_flow[:, 0, NoteField.OPENING_BALANCE].copy()
    result.note_flow[:, 1] = 0
    result.note_flow[:, 1, NoteField.NOTIONAL] = a
    result.note_flow[:, 1, NoteField.INTEREST_PAID] = a // 100
    return dataclasses.replace(result, notes_terms=(result.notes_terms[0], terms))


def test_an_interest_only_note_has_no_yield_at_par_and_its_decrement_is_of_the_notional(result: RunResult) -> None:
    run = interest_only(result)
    row = term_sheet(run, run)[1]
    assert np.isnan([row.yield_at_par, row.modified_duration, row.measure.wal]).all()
    table = decrement("cpr", {5.0: run}, {5.0: run})
    assert {cell.note for cell in table.cells} == {"A", "B"}
    assert [cell.percent for cell in table.cells if cell.note == "B"] == pytest.approx([100, 63.75, 27.5, 0, 0])
    assert table.notional == {"B"}


def test_an_interest_only_note_of_a_pool_that_lives_on_is_not_all_shown(result: RunResult) -> None:
    run = interest_only(result)
    assert shows_all_cash(run, 1)
    run.pool_flow[-1, 0, PoolField.CLOSING_BALANCE] = 1
    assert is_settled(run, 1) and not shows_all_cash(run, 1)
    assert np.isnan(quote_at(run, "B", "price", 3.0).yield_rate)
    run.note_flow[:, 1, NoteField.NOTIONAL] = (80_000, 60_000, 40_000, 20_000)
    cells = decrement("cpr", {5.0: run}, {5.0: run}, ["B"]).cells
    assert [cell.percent for cell in cells] == pytest.approx([100, 75, 50, 25, 25])


def test_decrement_to_maturity_is_of_the_runs_that_are_never_called(result: RunResult) -> None:
    held = handmade_result()
    held.note_flow[2, 0, NoteField.BALANCE] = 8_000
    to_call, to_maturity = (decrement("abs", {1.0: result}, {1.0: held}, ["A"], end) for end in ("call", "maturity"))
    assert [cell.percent for cell in to_call.cells][3] == 0.0
    assert [cell.percent for cell in to_maturity.cells][3] == pytest.approx(10.0)
    assert decrement_document(to_maturity)["to"] == "maturity"


def test_total_life_weighs_all_notes(result: RunResult) -> None:
    cash = np.array([29_000, 29_000, 24_000, 12_400])
    assert total_wal(result) == pytest.approx(cash @ [25, 55, 85, 115] / cash.sum() / 360)


def test_yield_by_hand() -> None:
    bullet = Flows(np.array([1.0, 2.0]), np.array([5.0, 105.0]))
    assert yield_at(bullet, 100.0, "isma") == pytest.approx(0.05)
    assert yield_at(bullet, 100.0, "bond_equivalent") == pytest.approx(2 * (1.05**0.5 - 1))
    assert yield_at(bullet, 100.0, "monthly") == pytest.approx(12 * (1.05 ** (1 / 12) - 1))
    assert price_at(bullet, 0.05, "isma") == pytest.approx(100.0)
    assert modified_duration(bullet, 0.05, "isma") == pytest.approx((5 / 1.05 + 2 * 105 / 1.05**2) / 105)


def test_yield_of_worthless_cash_is_not_a_number() -> None:
    assert np.isnan(yield_at(Flows(np.array([1.0, 2.0]), np.array([0.0, 0.0]))))


def test_duration_and_convexity_are_derivatives_of_price(result: RunResult) -> None:
    flows = note_flows(result, "A")
    for convention in COMPOUNDING:
        rate, step = yield_at(flows, 99.0, convention), 1e-4
        up, mid, down = (price_at(flows, rate + move, convention) for move in (step, 0.0, -step))
        assert mid == pytest.approx(99.0)
        assert modified_duration(flows, rate, convention) == pytest.approx((down - up) / (2 * step) / mid, rel=1e-6)
        assert convexity(flows, rate, convention) == pytest.approx((down - 2 * mid + up) / step**2 / mid, rel=1e-3)


def test_discount_margin_of_a_note_at_par_is_its_spread(result: RunResult) -> None:
    result.note_flow[:, 0, NoteField.INTEREST_PAID] = np.rint(
        result.note_flow[:, 0, NoteField.OPENING_BALANCE] * 0.05 * result.notes_terms[0].year_fractions
    )
    terms = dataclasses.replace(result.notes_terms[0], index_rates=np.full(4, 0.04))
    floating = dataclasses.replace(result, notes_terms=(terms, result.notes_terms[1]))
    assert discount_margin(floating, "A") == pytest.approx(0.01, abs=1e-4)
    assert discount_margin(floating, "A", price=99.0) > 0.05
    assert np.isnan(discount_margin(result, "A"))


@given(
    st.lists(st.floats(0.0, 50.0), min_size=2, max_size=40), st.floats(-0.3, 1.5), st.sampled_from(sorted(COMPOUNDING))
)
def test_yield_inverts_price(amounts: list[float], rate: float, convention: str) -> None:
    flows = Flows(np.arange(1, len(amounts) + 1) / 12.0, np.array([*amounts[:-1], amounts[-1] + 1.0]))
    price = price_at(flows, rate, convention)  # type: ignore[arg-type]
    assert yield_at(flows, price, convention) == pytest.approx(rate, abs=1e-7)  # type: ignore[arg-type]


def test_enhancement_at_closing_and_later(result: RunResult) -> None:
    a, b = enhancement(result)
    assert (a.subordination, a.overcollateralization, a.reserve) == pytest.approx((0.15, 0.05, 0.02))
    assert (b.subordination, b.total) == pytest.approx((0.0, 0.07))
    later = enhancement(result, 1)[0]
    assert (later.subordination, later.overcollateralization, later.reserve) == pytest.approx((0.375, 0.075, 0.05))
    assert supporting_accounts(result, "A") == [1]


def test_cash_counts_for_the_notes_its_account_supports(result: RunResult) -> None:
    a, b = enhancement(dataclasses.replace(result, supports={"reserve": ("A",), "collections": ()}))
    assert (a.reserve, a.total) == pytest.approx((0.02, 0.22))
    assert (b.reserve, b.total) == pytest.approx((0.0, 0.05))


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("A", "A"),
        ("A1", "A"),
        ("A-2a", "A"),
        ("A2b", "A"),
        ("B", "B"),
        ("sub", "sub"),
        ("优先A1", "优先A"),
        ("次级", "次级"),
    ],
)
def test_class_of_a_note(note: str, expected: str) -> None:
    assert class_of(note) == expected


def test_only_notes_of_the_first_class_rank_equally() -> None:
    assert ranks(("A1", "A-2a", "A3", "M1", "M2", "B")) == [0, 0, 0, 3, 4, 5]


def test_sub_classes_do_not_support_each_other(result: RunResult) -> None:
    names = {**result.names, "note": ("A1", "A2")}
    same = dataclasses.replace(result, names=names)
    assert [row.subordination for row in enhancement(same)] == [0.0, 0.0]


def test_term_sheet(result: RunResult) -> None:
    a, b = term_sheet(result, result)
    assert a.share_of_pool == pytest.approx(0.8)
    assert a.wal_to_maturity == a.measure.wal
    assert a.yield_at_par == pytest.approx(0.0506, abs=1e-4)
    assert b.yield_at_par < 0
    assert [m.name for m in note_measures(result)] == ["A", "B"]


def test_decrement_pads_to_the_longest_speed(result: RunResult) -> None:
    short = dataclasses.replace(
        result,
        trace=result.trace[:3],
        dates=dataclasses.replace(
            result.dates,
            **{name: getattr(result.dates, name)[:3] for name in ("payment", "unadjusted", "month", "number")},
        ),
    )
    table = decrement("abs", {0.5: result, 1.3: short}, {0.5: result, 1.3: short}, ["A"])
    document = decrement_document(table)
    assert [c["percent"] for c in document["cells"] if c["speed"] == 0.5] == [100.0, 63.75, 27.5, 0.0, 0.0]
    assert [c["percent"] for c in document["cells"] if c["speed"] == 1.3] == [100.0, 63.75, 27.5, 0.0, 0.0]
    assert document["cells"][0] == {"note": "A", "date": "2024-01-20", "speed": 0.5, "percent": 100.0}
    assert document["lives"][0] == {"note": "A", "speed": 0.5, "to_call": 0.145486, "to_maturity": 0.145486}
