"""Naive steps of a waterfall: what is owed to whom, out of what, and what is bought with it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from abssim.deal.deal import Deal
from abssim.deal.observable import step_key
from abssim.deal.waterfall import Step
from abssim.kind.pool import PoolField
from tests.engine.naive_kinds import OTHERS, UNLIMITED

PRINCIPAL = ("scheduled_principal", "prepayment", "repurchase")
HEAVIEST = 2**54
Row = dict[str, int]
Owed = dict[Any, tuple[int, dict[Any, Fraction]]]
"""By group of payees: the weights they shared by, and what whole units have not given each member yet."""
PART = {"pay_due": "interest", "pay_amount": "principal", "pay_down_to": "principal", "book": "principal"}
PART |= {"pay_in_full": "all", "pay_remainder": "residual", "top_up": ""}


def blank(fields: Any) -> Row:
    return {field.name.lower(): 0 for field in fields}


class Steps:
    """The part of a twin that runs steps."""

    deal: Deal
    given: Any
    state: dict[str, Any]
    flows: dict[str, list[Row]]
    issued: dict[str, int]
    owed: dict[Any, Owed]
    """By way of sharing; empty at the start of each date."""
    regime: str
    t: int

    def _pay(self, step: Step) -> None:
        accounts = [*step.source, *step.support]
        cash = sum(max(0, self.state["account"][name]["balance"]) for name in accounts)
        wanted = step.amount if step.amount is not None else step.target
        asked = max(0, self.amount(wanted)) if wanted is not None else 0
        if step.rule == "top_up" and step.target is not None:
            (name,) = names(step.payees)
            self.state["account"][name]["target"] = asked
        claims = {name: self._claim(step, name) for name in names(step.payees)}
        weights = {name: self._weight(step, name, claims[name]) for name in claims}
        due = min(UNLIMITED, sum(claims.values()))
        if step.rule == "pay_amount":
            due = min(due, asked)
        if step.rule == "pay_down_to":
            due = max(0, due - asked)
        if step.rule == "pay_remainder":
            due = min(due, cash)
        self._cap(step, claims)
        paying = min(due, cash, sum(claims.values()))
        if step.cap is not None:
            paying = min(paying, max(0, self.amount(step.cap)))
        given = self._share(step, paying, claims, weights)
        self._round_down(step, given)
        row = self.state["step"][self.regime, step_key(step.name)]
        row["due"], row["paid"] = due, sum(given.values())
        row["shortfall"] = due - row["paid"]
        left = row["paid"]
        for name in accounts:
            account = self.state["account"][name]
            taken = min(left, max(0, account["balance"]))
            account["balance"] -= taken
            account["paid_out"] += taken
            row["from"][name] = taken
            left -= taken
        for name, amount in given.items():
            if amount:
                self._hand_over(step, name, amount)
        for ledger, what in step.books.items():
            giver = what.lstrip("-")
            moved = row["paid"] if giver == "paid" else row["from"][giver.removeprefix("from.")]
            self._raise(ledger, -moved if what.startswith("-") else moved)

    def _claim(self, step: Step, payee: str) -> int:
        """What a payee can be paid under a rule."""
        name, _, part = payee.partition(".")
        if payee == "purchase":
            stopping = [name for name, trigger in self.deal.triggers.items() if trigger.effect == "stop_purchases"]
            stopped = any(self.state["trigger"][name]["active"] for name in stopping)
            clock = self.state["clock"]
            return 0 if stopped or clock["called"] or not clock["offered"] else UNLIMITED
        if name in self.deal.notes:
            note = self.state["note"][name]
            interest = note["interest_due"] - note["interest_paid"]
            premium = note["premium_due"] - note["premium_paid"]
            by_part = {"interest": interest, "principal": note["balance"], "premium": premium, "residual": UNLIMITED}
            by_part["all"] = interest + premium + note["balance"]
            return by_part[part or PART[step.rule]]
        if payee in self.deal.ledgers and step.rule != "book":
            return max(0, self.state["ledger"][payee]["balance"])
        if payee in self.deal.accounts and step.rule == "top_up":
            account = self.state["account"][payee]
            return max(0, account["target"] - account["balance"])
        kind = self._other(payee)
        return OTHERS[kind].claim(self.state[kind][payee]) if kind else UNLIMITED

    def _other(self, payee: str) -> str:
        """The kind of somebody who is no note, account or ledger."""
        return next((kind for kind in OTHERS if payee in self.state[kind]), "")

    def _weight(self, step: Step, payee: str, claim: int) -> int:
        name, _, part = payee.partition(".")
        if name in self.deal.notes and (part or PART[step.rule]) in ("principal", "residual", "all"):
            original = step.pro_rata_by == "original_balance"
            return max(1, self.issued[name] if original else self.state["note"][name]["opening_balance"])
        return max(1, min(HEAVIEST, claim))

    def _share(self, step: Step, amount: int, claims: Row, weights: Row) -> Row:
        """What each payee takes; members of a group that earlier steps of the date paid too keep what they are owed."""
        kind = {name: (self._whose(name), self._part(step, name)) for name in claims}
        owed = self.owed.setdefault((step.rule == "book", step.pro_rata_by == "original_balance"), {})
        return share(step.payees, step.order, amount, claims, weights, owed, kind)

    def _whose(self, payee: str) -> str:
        """The note of a note's component; anybody else by the full name."""
        name = payee.partition(".")[0]
        return name if name in self.deal.notes else payee

    def _part(self, step: Step, payee: str) -> str:
        name, _, part = payee.partition(".")
        return (part or PART[step.rule]) if name in self.deal.notes else ""

    def _cap(self, step: Step, claims: Row) -> None:
        for name, cap in step.caps.items():
            claims[name] = min(claims[name], max(0, self.amount(cap)))

    def payment_unit(self, name: str) -> int:
        """Smallest payment of a note: of its face where payments per 100 are rounded, else one minor unit."""
        rounded = self.deal.notes[name].round_per_100
        return max(1, round(self.issued[name] * rounded / 100.0)) if rounded else 1

    def _round_down(self, step: Step, given: Row) -> None:
        """Payments to notes with a payment unit, unless they repay the note."""
        for payee, amount in given.items():
            name, _, part = payee.partition(".")
            if name not in self.deal.notes:
                continue
            unit = self.payment_unit(name)
            repays = (part or PART[step.rule]) in ("principal", "all") and amount == self._claim(step, payee)
            if not repays:
                given[payee] = amount // unit * unit

    def _hand_over(self, step: Step, payee: str, amount: int) -> None:
        name, _, part = payee.partition(".")
        if payee == "purchase":
            self._buy(amount)
        elif name in self.deal.notes:
            self._pay_note(self.state["note"][name], part or PART[step.rule], amount)
        elif payee in self.deal.accounts:
            self._deposit(payee, amount, "paid_in")
        elif payee in self.deal.ledgers:
            assert step.into is not None
            self._move(payee, -amount)
            self._deposit(step.into, amount, "paid_in")
        else:
            kind = self._other(payee)
            OTHERS[kind].pay(self.state[kind][payee], amount)

    @staticmethod
    def _pay_note(note: Row, part: str, amount: int) -> None:
        if part == "residual":
            note["residual_paid"] += amount
            return
        interest = min(amount, note["interest_due"] - note["interest_paid"]) if part in ("interest", "all") else 0
        premium = note["premium_due"] - note["premium_paid"] if part in ("premium", "all") else 0
        premium = min(amount - interest, premium)
        principal = amount - interest - premium
        note["interest_paid"] += interest
        note["premium_paid"] += premium
        note["principal_paid"] += principal
        note["balance"] -= principal

    def _raise(self, name: str, amount: int) -> None:
        """Raise a ledger up to its limit, and the next one by the rest; lowering stays with it."""
        terms = self.deal.ledgers[name]
        if amount <= 0 or terms.limit is None:
            self._move(name, amount)
            return
        room = max(0, max(0, self.amount(terms.limit)) - self.state["ledger"][name]["balance"])
        self._move(name, min(amount, room))
        assert terms.beyond is not None
        self._raise(terms.beyond, amount - min(amount, room))

    def _move(self, name: str, amount: int) -> None:
        ledger = self.state["ledger"][name]
        ledger["balance"] += amount
        ledger["debited" if amount >= 0 else "credited"] += abs(amount)

    def _book(self, step: Step) -> None:
        assert step.amount is not None
        amount = self.amount(step.amount, finite=True)
        claims = {name: self._claim(step, name) if amount >= 0 else UNLIMITED for name in names(step.payees)}
        weights = {name: self._weight(step, name, self._claim(step, name)) for name in claims}
        self._cap(step, claims)
        booked = min(abs(amount), UNLIMITED, sum(claims.values()))
        if step.cap is not None:
            booked = min(booked, max(0, self.amount(step.cap)))
        for name, part in self._share(step, booked, claims, weights).items():
            signed = part if amount >= 0 else -part
            if name in self.deal.ledgers:
                self._raise(name, signed)
            else:
                note = self.state["note"][name]
                note["write_down"] += signed
                note["cumulative_write_down"] += signed
                note["balance"] -= signed
        row = self.state["step"][self.regime, step_key(step.name)]
        row |= {"due": abs(amount), "paid": booked, "shortfall": abs(amount) - booked}

    def _vintage(self) -> list[Row]:
        """What a unit bought on the date turns into, by age."""
        month = self.given.dates.month
        return self.given.profile[min(month[self.t] - month[0], len(self.given.profile) - 1)]

    def _buy(self, cost: int) -> None:
        revolving = self.deal.revolving
        assert revolving is not None
        pool = revolving.pool or next(iter(self.deal.pools))
        face = max(cost, int(cost / self.given.price + 1e-9))
        self._pool_flow(pool, {"purchase": face, "purchase_cost": cost})
        self._pool_stock(pool, dict.fromkeys(("closing_balance", "current_balance", "adjusted_balance"), face))
        profile = self._vintage()
        left, npl, collected = face, 0, 0
        booked = blank(PoolField)
        for age, later in enumerate(self.flows[pool][self.row(self.t) :], 1):
            total = profile[min(age, len(profile) - 1)]
            row = vintage_row({field: value * float(face) for field, value in total.items()}, booked, left, npl)
            left, npl = row["closing_balance"], row["non_performing_balance"]
            earlier = (face - cost) * collected // face
            collected += sum(row[field] for field in PRINCIPAL)
            row["discount"] = (face - cost) * collected // face - earlier
            for field, value in row.items():
                later[field] += value


def vintage_row(total: dict[str, float], booked: Row, opening: int, opening_npl: int) -> Row:
    """What cumulative figures, rounded down, have grown by since the month before; `booked` goes along."""
    row = blank(PoolField)

    def take(field: str, most: float) -> int:
        row[field] = int(max(0, min(most, math.floor(total[field] * (1.0 + 1e-15) + 1e-6) - booked[field])))
        booked[field] += row[field]
        return row[field]

    def grown(field: str) -> int:
        return math.floor(total[field] * (1.0 + 1e-15) + 1e-6) - booked[field]

    interest, principal, owed = grown("interest"), grown("scheduled_principal"), 0
    for field in ("interest", "fee", "penalty", "advanced_interest", "lost_interest"):
        take(field, math.inf)
    if principal < 0 < interest:
        row["capitalized_interest"] = min(-principal, interest)
        row["interest"] -= row["capitalized_interest"]
        booked["scheduled_principal"] -= row["capitalized_interest"]
    if interest < 0 < principal:
        owed = min(opening, -interest, principal)
        booked["interest"] -= owed
        booked["scheduled_principal"] += owed
    row["opening_balance"] = opening
    left = opening + row["capitalized_interest"] - owed
    for field in ("scheduled_principal", "prepayment", "repurchase", "dilution", "default"):
        left -= take(field, left)
    row["dilution"] += owed
    if total["closing_balance"] < 0.5:
        row["scheduled_principal"] += left
        left = 0
    row["closing_balance"] = current = left
    for field in ("dpd_1_30_balance", "dpd_31_60_balance", "dpd_61_90_balance"):
        row[field] = min(current, math.floor(total[field] * (1.0 + 1e-15) + 1e-6))
        current -= row[field]
    row["current_balance"] = current
    restructured = math.floor(total["restructured_balance"] * (1.0 + 1e-15) + 1e-6)
    row["restructured_balance"] = max(0, min(current, restructured))
    below = max(0.0, total["closing_balance"] - total["adjusted_balance"])
    row["adjusted_balance"] = max(0, left - math.floor(below * (1.0 + 1e-15) + 1e-6))
    npl = opening_npl + row["default"]
    for field in ("advanced_principal", "recovery", "loss"):
        npl -= take(field, npl)
    if total["non_performing_balance"] < 0.5:
        row["loss"] += npl
        booked["loss"] += npl
        npl = 0
    row["non_performing_balance"] = npl
    take("collection_cost", row["recovery"])
    return row


def names(payees: Any) -> list[str]:
    """Every payee of a tree."""
    return [payees] if isinstance(payees, str) else [name for each in payees for name in names(each)]


def key_of(payees: Any, kind: Any) -> Any:
    """A payee as its group knows it, in whatever order it stands."""
    return kind.get(payees, payees) if isinstance(payees, str) else frozenset(key_of(each, kind) for each in payees)


def share(
    payees: Any, order: str, amount: int, claims: Row, weights: Row, owed: Owed | None = None, kind: Any = None
) -> Row:
    """What each payee of a tree takes of `amount`; a list inside a list takes the other order."""
    owed, kind = {} if owed is None else owed, kind or {}
    if isinstance(payees, str):
        return {payees: amount}
    needs = [sum(claims[name] for name in names(each)) for each in payees]
    if order == "sequential":
        parts = []
        for need in needs:
            parts.append(min(amount, need))
            amount -= parts[-1]
    else:
        weight = [sum(weights[name] for name in names(each)) for each in payees]
        keys = [key_of(each, kind) for each in payees]
        total, before = owed.get(frozenset(keys), (0, {}))
        parts, total, left = pro_rata(amount, needs, weight, total, [before.get(key, Fraction(0)) for key in keys])
        owed[frozenset(keys)] = total, {keys[i]: each for i, each in left.items()}
    other = "pro_rata" if order == "sequential" else "sequential"
    given: Row = {}
    for each, part in zip(payees, parts, strict=True):
        given |= share(each, other, part, claims, weights, owed, kind)
    return given


def pro_rata(
    amount: int, needs: Sequence[int], weights: Sequence[int], of: int = 0, owed: Sequence[Fraction] = ()
) -> tuple[list[int], int, dict[int, Fraction]]:
    """By weight, nobody beyond its need; odd units go to the largest remainders, the first where they are equal.

    `owed` goes on from an earlier amount if that was shared by weights of the same sum, `of`. Returns parts, the sum of
    weights, and what each member that is not filled is owed now.
    """
    parts = [0] * len(needs)
    waiting = sorted(range(len(needs)), key=lambda i: Fraction(needs[i], weights[i]))
    while waiting:
        total = sum(weights[i] for i in waiting)
        least = waiting[0]
        if needs[least] > Fraction(amount * weights[least], total):
            break
        parts[least] = needs[least]
        amount -= needs[least]
        waiting.pop(0)
    if not waiting:
        return parts, 0, {}
    left = amount
    lag = {i: owed[i] if total == of else Fraction(0) for i in sorted(waiting)}
    for i in lag:
        exact = Fraction(amount * weights[i], total)
        parts[i] = math.floor(exact)
        lag[i] += exact - parts[i]
        left -= parts[i]
    for _ in range(left):
        most = max(lag, key=lambda i: (lag[i], -i))
        parts[most] += 1
        lag[most] -= 1
    return parts, total, lag


def accreted(rows: Sequence[Row], price: float) -> list[int]:
    """Income of each period of assets bought at `price`: what of the principal repays the face that was bought, in
    fractions; principal, losses and dilution come out of that face and of interest added since in proportion."""
    face = Fraction(rows[0]["opening_balance"])
    repaid, found = Fraction(0), [0]
    for row in rows:
        balance = row["opening_balance"] + row["capitalized_interest"]
        paid = row["scheduled_principal"] + row["prepayment"] + row["repurchase"]
        gone = paid + row["dilution"] + row["default"]
        if balance:
            repaid += face * paid / balance
            face -= face * gone / balance
        found.append(math.floor(repaid * (1 - Fraction(price)) + Fraction(1, 10**6)))
    return [after - before for before, after in pairwise(found)]
