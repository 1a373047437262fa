"""What cannot be negative: constants below zero where they would be taken as nothing, and ledgers with limits."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.constant import constant
from abssim.deal.deal import Deal
from abssim.deal.expression import parse
from abssim.deal.formulas import expressions
from abssim.errors import DealError, Problem, did_you_mean
from abssim.node import DocumentPath

_SIGNED = ("definitions", "triggers")


def check_signs(deal: Deal) -> Iterator[Problem]:
    """Problems of amounts that are negative on every date, of step-ups below zero, and of limits of ledgers.

    Also of what is booked: a formula may turn round on a date, a constant that is below zero on all has its sign wrong.
    """
    for path, text, expected in expressions(deal):
        if expected == "amount" and path[0] not in _SIGNED:
            yield from _amount(deal, path, text)
    for name, note in deal.notes.items():
        lowest = min(note.step_up.values(), default=0.0)
        if note.floating is None and lowest < 0:
            text = f"a coupon of {lowest:g} % would be paid by the holders"
            yield deal.problem("E162", ("notes", name, "step_up"), text, "a coupon is 0 or more")
    for name in deal.ledgers:
        yield from _ledger(deal, name, ("ledgers", name))


def _amount(deal: Deal, path: DocumentPath, text: str) -> Iterator[Problem]:
    try:
        value = constant(deal, parse(text))
    except (DealError, ZeroDivisionError, OverflowError):
        return
    if value is not None and value < 0:
        yield deal.problem(
            "E162", path, f"{value:g} is below zero, and nothing here can be", "write 0, or leave it out"
        )


def _ledger(deal: Deal, name: str, path: DocumentPath) -> Iterator[Problem]:
    ledger = deal.ledgers[name]
    if (ledger.limit is None) != (ledger.beyond is None):
        missing = "beyond" if ledger.beyond is None else "limit"
        text = "a limit needs a ledger that takes the rest, and the other way round"
        yield deal.problem("E163", path, text, f"add {missing}")
    chain = [name]
    while (following := deal.ledgers[chain[-1]].beyond) is not None:
        if following not in deal.ledgers:
            if len(chain) == 1:
                hint = did_you_mean(following, deal.ledgers)
                yield deal.problem("E163", (*path, "beyond"), f'no ledger "{following}"', hint)
            return
        if following in chain:
            if following == name:
                text = f"leads back to itself: {' → '.join([*chain, name])}"
                yield deal.problem("E163", (*path, "beyond"), text, "the last ledger has no limit")
            return
        chain.append(following)
