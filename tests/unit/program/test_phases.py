"""The order of a date: every phase has its place, and nothing is read before its phase."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abssim.dates import DateType
from abssim.deal.moment import MOMENTS, NAMED
from abssim.errors import DealError
from abssim.kind.account import ACCOUNT
from abssim.kind.base import Phase
from abssim.kind.fee import FEE
from abssim.kind.holder import HOLDER
from abssim.kind.ledger import LEDGER
from abssim.kind.note import NOTE
from abssim.program.lower.phases import JUDGED, PHASES
from abssim.projection.single import run
from tests.engine.small import LATER, QUIET, REST, small

THINGS = ((NOTE, "A"), (ACCOUNT, "cash"), (LEDGER, "book"), (FEE, "cost"), (HOLDER, "seller"))
PARTS = ("ledgers: {book: {}}", "fees: {cost: {amount: 1}}", "accounts: {cash: {collects: all, target: 1}}")
PAYS = "{name: cost, rule: pay_due, source: cash, payees: [cost]}"
BOOKS = '{name: book, rule: book, payees: [book], amount: "1"}'


def names(wanted: range) -> list[str]:
    """Figures of one thing of each kind that are final after some of the phases."""
    return [
        f"{kind.name}.{name}.{member.name.lower()}"
        for kind, name in THINGS
        for member, field in kind.fields.items()
        if field.phase in wanted
    ]


LATE, EARLY = range(Phase.CALL, Phase.PAY + 1), range(Phase.OPEN, Phase.JUDGE)


def read(name: str) -> None:
    """Load a deal whose trigger of the start reads a name."""
    trigger = f'triggers: {{early: {{when: "{name} > 0"}}}}'
    small([PAYS, BOOKS, LATER, REST], ["{interest: 5}"], *PARTS, trigger)


@pytest.mark.parametrize("name", names(LATE))
def test_what_is_read_before_its_phase_is_refused_with_the_chain(name: str) -> None:
    with pytest.raises(DealError) as caught:
        read(name)
    (problem,) = caught.value.problems
    assert problem.code == "E160"
    assert name in problem.message and problem.path == "triggers.early.when"


@pytest.mark.parametrize("name", [*names(EARLY), *(f"previous.{name}" for name in names(LATE))])
def test_what_is_known_by_then_or_of_the_date_before_is_read(name: str) -> None:
    read(name)


def test_every_phase_stands_in_its_place_and_lowers_its_own_moments() -> None:
    assert list(PHASES) == list(Phase)
    assert {*JUDGED} == {*NAMED}
    assert all(moment.name in PHASES[moment.phase].judged for moment in MOMENTS)
    assert [moment.phase for moment in MOMENTS] == sorted(moment.phase for moment in MOMENTS)


def test_a_date_that_is_no_payment_date_only_collects() -> None:
    """100 and 200 of interest: nothing is paid on a date of another type, all of it on the next payment date."""
    compiled = small([LATER, REST], ["{interest: 100}", "{interest: 200}"])
    assert run(compiled, QUIET).holder_paid[:, 0].tolist() == [100_00, 200_00]
    assert {*compiled.dates.types} == {DateType.PAYMENT}
    for other in (DateType.PURCHASE, DateType.FUNDING, DateType.TEST):
        dates = compiled.program.date.copy()
        dates["type"][0] = other
        changed = replace(compiled, program=compiled.program._replace(date=dates), machines={})
        result = run(changed, QUIET)
        assert result.holder_paid[:, 0].tolist() == [0, 300_00]
        assert result.account_flow[:, 0, ACCOUNT.enum["COLLECTED"]].tolist() == [100_00, 200_00]
