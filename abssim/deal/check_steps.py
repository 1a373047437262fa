"""What must hold of what expressions read: steps read what the waterfall has settled by then, and nobody reads what is
never set."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.expression import names_in, parse
from abssim.deal.formulas import expressions
from abssim.deal.known import CARRIED
from abssim.deal.observable import step_key
from abssim.deal.symbols import Symbols
from abssim.deal.waterfall import Step
from abssim.errors import DealError, Problem
from abssim.node import DocumentPath


def check_steps(deal: Deal, symbols: Symbols) -> Iterator[Problem]:
    """A problem for each name a step reads before the waterfall has settled it, or anybody though nothing sets it."""
    for path, text, expected in expressions(deal):
        try:
            symbols.typed(text, expected)
        except DealError:
            continue
        for name in dict.fromkeys(node.name for node in names_in(parse(text))):
            account = _without_target(deal, symbols.split(name)[1])
            if account:
                hint = f"add accounts.{account}.target, or target to a top_up of {account}"
                yield deal.problem("E160", path, f"reads {name}, which nothing sets", hint)
            elif path[0] == "waterfalls":
                yield from _read(deal, symbols, path, name)


def _without_target(deal: Deal, base: str) -> str:
    """The account whose target is read and neither given nor set by any step; empty if there is none."""
    kind, _, field = base.rpartition(".")
    name = kind.removeprefix("account.")
    if field != "target" or name not in deal.accounts or deal.accounts[name].target is not None:
        return ""
    steps = (step for regime in deal.waterfalls.values() for step in regime)
    return "" if any(_sets_target(step, name) for step in steps) else name


def _sets_target(step: Step, account: str) -> bool:
    return step.rule == "top_up" and step.target is not None and account in step.payees


def _read(deal: Deal, symbols: Symbols, path: DocumentPath, name: str) -> Iterator[Problem]:
    prefix, base = symbols.split(name)
    first, _, rest = base.partition(".")
    kind, _, field = base.rpartition(".")
    account = kind.removeprefix("account.")
    if prefix in ("opening", "previous"):
        return
    if first == "step":
        yield from _step(deal, path, name, base, rest.split("."))
    elif f"{first.removesuffix('s')}.{field}" in CARRIED and not prefix:
        due, paid = CARRIED[f"{first.removesuffix('s')}.{field}"]
        now = f"{kind}.{due} - {kind}.{paid}"
        text = f"reads {name}, which is booked when the waterfall has ended"
        hint = f"write opening.{name} for what was unpaid before this date, or {now} for what is unpaid now"
        yield deal.problem("E160", path, text, hint)
    elif field == "target" and account in deal.accounts and not _has_target(deal, account, path):
        text = f"reads {name}, which no earlier step sets"
        hint = f"add accounts.{account}.target, or move the step behind the top_up that has the target"
        yield deal.problem("E160", path, text, hint)


def _step(deal: Deal, path: DocumentPath, name: str, base: str, parts: list[str]) -> Iterator[Problem]:
    """A step that has not been paid yet; `parts` is `[regime,] step, field…`."""
    regime, index = path[1], path[2]
    named = parts[0] if parts[0] in deal.waterfalls else regime
    key = parts[1] if parts[0] in deal.waterfalls else parts[0]
    keys = [step_key(step.name) for step in deal.waterfalls[regime]] if named == regime else []
    if key in keys[:index] or (key not in keys and name != base):
        return
    if key in keys:
        text = f"reads {name} before it is known: that is {'this step' if keys[index] == key else 'a later step'}"
        yield deal.problem("E160", path, text, f"move the step, or write previous.{base}")
    else:
        text = f"reads {name}, which is 0 where {regime} is in force: that waterfall has no such step"
        yield deal.problem("E160", path, text, f"write previous.{base}, or name a step of this waterfall")


def _has_target(deal: Deal, account: str, path: DocumentPath) -> bool:
    """The account has a target of its own, or a step before has set one."""
    before = deal.waterfalls[path[1]][: path[2]]
    return deal.accounts[account].target is not None or any(_sets_target(step, account) for step in before)
