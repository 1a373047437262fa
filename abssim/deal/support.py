"""Which notes the cash of an account stands behind: as the deal says, or as its waterfalls show.

Where an account does not say what it `supports`, it supports the notes whose interest or principal some step may pay
out of it, as a source or as a support. What passes through another account first is not followed: there it is cash
among other cash. An account that takes collections supports nothing by itself: its cash is the pool's.
"""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.payee import kind_of, leaves
from abssim.deal.waterfall import Step
from abssim.errors import Problem, did_you_mean

_PAYS = ("note", "note.interest", "note.principal")
"""Kinds of payees through which a note is served; premium and residual are beyond what it is owed."""


def supported_notes(deal: Deal) -> dict[str, tuple[str, ...]]:
    """Notes behind which each account stands, both in the deal's order."""
    return {name: _supported(deal, name) for name in deal.accounts}


def check_supports(deal: Deal) -> Iterator[Problem]:
    """Notes that do not exist."""
    for account, terms in deal.accounts.items():
        for name in terms.supports or ():
            if name not in deal.notes:
                path = ("accounts", account, "supports")
                yield deal.problem("E190", path, f'no note "{name}"', did_you_mean(name, deal.notes))


def _supported(deal: Deal, account: str) -> tuple[str, ...]:
    said = deal.accounts[account].supports
    if said is not None:
        return tuple(note for note in deal.notes if note in said)
    if deal.accounts[account].collects:
        return ()
    steps = [step for steps in deal.waterfalls.values() for step in steps if account in (*step.source, *step.support)]
    served = {note for step in steps for note in _served(deal, step)}
    return tuple(note for note in deal.notes if note in served)


def _served(deal: Deal, step: Step) -> Iterator[str]:
    """Notes whose interest or principal a step pays."""
    if step.rule in ("book", "pay_remainder"):
        return
    for payee in leaves(step.payees):
        if kind_of(deal, payee.text) in _PAYS:
            yield payee.text.partition(".")[0]
