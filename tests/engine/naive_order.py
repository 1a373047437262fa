"""Naive order of a date: whatever reads what is not known yet is tried again later, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abssim.deal.deal import Deal
from tests.engine.naive_kinds import OTHERS

PAID = ("interest_paid", "principal_paid", "write_down", "residual_paid", "premium_paid")
Item = tuple[str, str]


class Stopped(Exception):
    """The path cannot go on."""


class NotKnown(Exception):
    """An expression reads what the date has not come to."""


class Order:
    """The part of a twin that knows what is still to be judged."""

    deal: Deal
    state: dict[str, Any]
    reader: Any
    pending: list[Item]
    passed: set[str]
    """Of capitalize, regime, call, due and pay: what has happened on the date."""
    judging: Item

    def begin(self) -> None:
        """Everything of a date is still to be judged."""
        deal = self.deal
        self.passed, self.judging = set(), ("", "")
        self.pending = [("note", name) for name in deal.notes]
        self.pending += [(kind, name) for kind, other in OTHERS.items() if other.accrued for name in self.state[kind]]
        self.pending += [("target", name) for name, account in deal.accounts.items() if account.target is not None]
        self.pending += [("receipt", name) for name, account in deal.accounts.items() if account.receives is not None]
        self.pending += [(trigger.test, name) for name, trigger in deal.triggers.items()]
        self.pending += [("definition", name) for name in (*deal.definitions, *self.reader.looked_back)]

    def settle(self) -> None:
        """Judge whatever can be judged by now, again and again."""
        left = len(self.pending) + 1
        while len(self.pending) < left:
            left = len(self.pending)
            for item in list(self.pending):
                if self._may(item):
                    self.attempt(item, self._judge(item))
            if "capitalize" not in self.passed and not any(kind == "note" for kind, _ in self.pending):
                for row in self.state["note"].values():
                    row["balance"] += row["capitalized"]
                self.passed.add("capitalize")
                left += 1

    def _may(self, item: Item) -> bool:
        """Targets are set after calls, triggers of the end are tested after the waterfall."""
        return {"target": "call", "end": "pay"}.get(item[0], "") in ("", *self.passed)

    def attempt(self, item: Item, judge: Callable[[str], None]) -> None:
        self.judging = item
        try:
            judge(item[1])
        except NotKnown:
            return
        finally:
            self.judging = ("", "")
        self.pending.remove(item)

    def judge_again(self) -> None:
        """Definitions judged by now, on the state as it has become."""
        self.pending += [("definition", name) for name in self.reader.fresh]
        self.reader.fresh = {}

    def passing(self, moment: str) -> None:
        """`moment` has come: more is known."""
        self.passed.add(moment)
        self.settle()

    def _judge(self, item: Item) -> Callable[[str], None]:
        raise NotImplementedError

    def waits_for(self, mark: str) -> bool:
        """The date of a trigger is not known before the trigger has been judged."""
        return ("start", mark) in self.pending and self.judging != ("start", mark)

    def is_known(self, name: str) -> bool:
        """An observable of the present date can be read."""
        parts = name.split(".")
        if parts[0] in ("account", "ledger"):
            parts = parts[1:]
        kind, last = parts[0], parts[-1]
        paying = "pay" in self.passed or self.judging[0] == "pay"
        if name == "excess_spread":
            return self._known_notes([*self.deal.notes], "accrued_interest", paying) and self._judged("fee", "")
        if kind in ("note", "notes"):
            return self._known_notes([parts[1]] if kind == "note" else [*self.deal.notes], last, paying)
        one = kind if kind in OTHERS else kind.removesuffix("s")
        if one in OTHERS and last in OTHERS[one].accrued:
            return self._judged(one, parts[1] if kind == one else "")
        if kind == "step" or last in ("paid", "paid_in", "paid_out", "debited", "credited"):
            return paying
        if kind == "trigger":
            return self._known_trigger(parts[1], last)
        if kind in self.deal.accounts and last in ("balance", "posted"):
            own = last == "balance" and self.judging == ("receipt", kind)
            return own or ("receipt", kind) not in self.pending
        if kind in self.deal.accounts and last == "target":
            return ("target", kind) not in self.pending if self.deal.accounts[kind].target is not None else paying
        if kind == "pool":
            after = {"purchase": "pay", "purchase_cost": "pay", "sale_proceeds": "call", "sold_balance": "call"}
            return after.get(last, "") in ("", *self.passed) or (after[last] == "pay" and paying)
        if kind == "regime" or name == "regime_period":
            return "regime" in self.passed
        return name != "called" or "call" in self.passed or self.judging[0] == "call"

    def _judged(self, kind: str, name: str) -> bool:
        return not any(item[0] == kind and name in (item[1], "") for item in self.pending)

    def _known_notes(self, names: list[str], field: str, paying: bool) -> bool:
        if field in ("accrued_interest", "notional", "capitalized"):
            return not any(("note", name) in self.pending for name in names)
        if field in ("balance", "factor") and any(self.deal.notes[name].capitalizes is not None for name in names):
            return "capitalize" in self.passed or self.judging[0] == "note"
        if field in ("interest_due", "accrued_not_due"):
            return "due" in self.passed
        if field == "premium_due":
            return "call" in self.passed
        return paying or field not in PAID

    def _known_trigger(self, name: str, field: str) -> bool:
        if self.deal.triggers[name].test == "start":
            return ("start", name) not in self.pending
        other = self.judging[0] == "end" and self.judging[1] != name
        return not (field == "breached" or other) or ("end", name) not in self.pending
