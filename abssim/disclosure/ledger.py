"""The cash of a payment date, item by item: every inflow, then every step of the priority of payments, until nothing is
left.

Accounts that take collections are the funds of the date. Cash that a step puts into another account (a reserve) leaves
them, cash that a step takes from there comes in; what stays in them is the last item. So the last balance is zero, and
the residual is an item of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from abssim.deal.deal import Deal
from abssim.deal.payee import leaves
from abssim.deal.waterfall import Step
from abssim.errors import DisclosureError, Problem
from abssim.kind.account import AccountField
from abssim.kind.step import StepField
from abssim.measure.waterfall import steps_in_force
from abssim.result import RunResult

_A = AccountField
_WITHOUT_CASH = ("book", "carry")


@dataclass(frozen=True)
class Item:
    """An item in minor units: an amount that comes in, or negative one that goes out."""

    id: str
    name: str
    amount: int


def ledger(deal: Deal, result: RunResult, t: int) -> list[tuple[Item, int]]:
    """The items with the funds left after each. DisclosureError E812 where something remains.

    `deal` is the one that was compiled, its series written out.
    """
    found, left = [], 0
    for item in (*_inflows(deal, result, t), *_outflows(deal, result, t)):
        left += item.amount
        found.append((item, left))
    if left:
        text = f"{left:,} minor units of payment date {result.dates.number[t]} are in no item"
        raise DisclosureError(Problem("E812", deal.file.name, "IVSF6", text, "a step pays accounts and others"))
    return found


def residual(deal: Deal, result: RunResult, t: int) -> int:
    """What the steps that pay all that is left have paid out."""
    funds, accounts = _funds(deal), set(deal.accounts)
    steps = (_step(deal, result, s) for s in steps_in_force(result, t))
    paid = zip(steps_in_force(result, t), steps, strict=True)
    return sum(
        int(result.step_flow[t, s, StepField.PAID])
        for s, step in paid
        if step.rule == "pay_remainder" and not _accounts_of(step) & (accounts | set(funds))
    )


def _funds(deal: Deal) -> list[str]:
    return [name for name, account in deal.accounts.items() if account.collects]


def _step(deal: Deal, result: RunResult, s: int) -> Step:
    """A step of the deal, by its place among those of its regime."""
    terms = result.steps_terms[s]
    before = sum(other.regime == terms.regime for other in result.steps_terms[:s])
    return next(steps for regime, steps in deal.waterfalls.items() if regime == terms.regime)[before]


def _accounts_of(step: Step) -> set[str]:
    """Names that a step pays, and where cash paid against a ledger goes."""
    return {step.into} if step.into else {leaf.text for leaf in leaves(step.payees)}


def _inflows(deal: Deal, result: RunResult, t: int) -> Iterator[Item]:
    funds = _funds(deal)
    for name, row in zip(result.names["account"], result.account_flow[t].tolist(), strict=True):
        if name in funds:
            yield Item(f"IN-{name}", f"collections into {name}", row[_A.COLLECTED])
            yield from _unless_zero(
                Item(f"CARRIED-{name}", f"carried in {name} from the date before", row[_A.OPENING_BALANCE])
            )
            yield from _unless_zero(Item(f"INCOME-{name}", f"income of {name}", row[_A.INCOME]))
            yield from _unless_zero(Item(f"POSTED-{name}", f"put into {name} from outside", row[_A.POSTED]))
    drawn = result.draw_flow[t].sum(axis=0).tolist()
    for source, amount in zip(result.sources, drawn, strict=True):
        if source not in funds:
            yield Item(f"DRAW-{source}", f"drawn and released from {source}", amount)


def _outflows(deal: Deal, result: RunResult, t: int) -> Iterator[Item]:
    funds = _funds(deal)
    for s in steps_in_force(result, t):
        step, terms = _step(deal, result, s), result.steps_terms[s]
        if step.rule not in _WITHOUT_CASH:
            paid = int(result.draw_flow[t, s].sum())
            yield Item(terms.name, terms.name, 0 if _accounts_of(step) <= set(funds) else -paid)
    for name, row in zip(result.names["account"], result.account_flow[t].tolist(), strict=True):
        if name in funds:
            yield from _unless_zero(Item(f"KEPT-{name}", f"kept in {name} for the next date", -row[_A.BALANCE]))


def _unless_zero(item: Item) -> Iterator[Item]:
    if item.amount:
        yield item
