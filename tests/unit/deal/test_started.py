"""What a deal says of its start in mid-life can be; lives are counted from the last payment date, and say so."""

from __future__ import annotations

import pytest

from abssim.errors import DealError
from abssim.measure.note import note_measures
from abssim.program.notice_ends import end_notices
from abssim.projection.single import run
from abssim.study.study import Study
from abssim.table.footnote import residual_words, start_words
from abssim.table.termsheet import term_sheet_tables
from tests.engine.small import LATER, NOTES, QUIET, REST, small
from tests.unit.table.test_tables import text

STARTED = {"dates": ", first_payment: 2025-02-15, started_periods: 30", "cut_off": "2027-07-01"}
PAID = "{name: paid, rule: pay_in_full, source: cash, payees: [A, B]}"
POOL = "pools: {p: {opening_balance: 900, %scollections: [{interest: 10, scheduled_principal: 900}]}}"


def problems(notes: str = NOTES, terms: str = "", steps: tuple[str, ...] = (), *parts: str) -> list[tuple[str, str]]:
    try:
        small([*steps, LATER, REST], [], *parts, notes=notes, pools=POOL % terms, **STARTED)
    except DealError as error:
        return [(problem.code, problem.path) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("terms", "refused"),
    [
        ("opening_balance: 1001", True),
        ("opening_balance: 1000", False),
        ("opening_balance: 1001, coupon_pct: 1, capitalizes: period < 40", False),
    ],
)
def test_a_note_above_its_initial_balance(terms: str, refused: bool) -> None:
    notes = NOTES.replace("balance: 1000", f"balance: 1000, {terms}")
    assert problems(notes) == ([("E149", "notes.A.opening_balance")] if refused else [])


@pytest.mark.parametrize(
    ("sums", "refused"),
    [
        ("default: 100, recovery: 60, loss: 41", True),
        ("recovery: 1", True),
        ("default: 100, recovery: 60, loss: 40", False),
    ],
)
def test_running_sums_that_cannot_be(sums: str, refused: bool) -> None:
    found = problems(terms=f"to_date: {{{sums}}}, ")
    assert found == ([("E149", "pools.p.to_date")] if refused else [])


def test_what_is_booked_may_turn_round_but_no_constant_does() -> None:
    step = '{name: loss, rule: book, payees: [d], amount: "%s"}'
    for amount, refused in (("-100", True), ("2 * -5", True), ("-pool.recovery", False), ("100", False)):
        found = problems(NOTES, "", (step % amount,), "ledgers: {d: {}}")
        assert found == ([("E162", "waterfalls.amortization[0].amount")] if refused else [])


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ("initial_balance: 1500, ", ""),
        ("initial_balance: 899.99, to_date: {purchase: 0.01}, ", ""),
        (
            "initial_balance: 5, ",
            "pools.p.initial_balance 5.00 is less than the balance at the start, 900.00, and to_date.purchase says of "
            "nothing bought since: factors and ratios go by it",
        ),
        (
            "",
            "pools.p: initial_balance is not said, so factors and ratios go by the balance at the start, 900.00, which "
            "is not that of the deal's beginning",
        ),
    ],
)
def test_an_initial_balance_below_what_is_there(terms: str, told: str) -> None:
    compiled = small([LATER, REST], [], pools=POOL % terms, **STARTED)
    assert [line for line in end_notices(compiled, QUIET) if "initial_balance" in line] == ([told] if told else [])


def test_lives_are_counted_from_the_last_payment_date() -> None:
    """30 dates have passed by 15 July 2027; all is repaid on 15 August, a month later."""
    notes = "notes: {A: {balance: 1000, opening_balance: 900}, R: {balance: 500, opening_balance: 5}}"
    steps = [PAID.replace("[A, B]", "[A]"), "{name: rest, rule: pay_remainder, source: cash, payees: [R]}"]
    started = run(small(steps, [], notes=notes, pools=POOL % "initial_balance: 1500, ", **STARTED), QUIET)
    shown = " ".join(text(term_sheet_tables(Study(started, None, None)), 100).split())
    assert "30/360 from 2027-07-15, the last payment date before the run." in shown
    assert "from closing" not in shown
    assert start_words(started) == "2027-07-15, the last payment date before the run"
    begun = run(small([PAID, REST], ["{scheduled_principal: 1500}"]), QUIET)
    assert start_words(begun) == "closing"


def test_what_the_loss_of_a_residual_class_is() -> None:
    """Of 1,510 the note takes 1,000 and 0.83 of interest; 509.17 of residual cash leave 90.83 of a class of 600."""
    notes = "notes: {A: {balance: 1000, coupon_pct: 1}, R: {balance: 600}}"
    steps = [PAID.replace("[A, B]", "[A]"), "{name: rest, rule: pay_remainder, source: cash, payees: [R.residual]}"]
    found = run(small(steps, ["{interest: 10, scheduled_principal: 1500}"], notes=notes, opening=1500), QUIET)
    assert [measure.principal_loss for measure in note_measures(found)] == [0, 9083]
    words = "Principal loss, also at a break-even, of R: balance not repaid less residual cash received."
    shown = " ".join(text(term_sheet_tables(Study(found, None, None)), 100).split())
    assert words in shown
    assert "Subordination goes by the order of the notes, whatever is paid first." in shown
    assert residual_words(found.notes_terms[:1]) == ""
