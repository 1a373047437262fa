"""The priority of payments: seven rules, and what modifies them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from abssim.deal.base import Condition, Expression, Part, PayeeTree, Sum, Words

RuleName = Literal["pay_due", "pay_amount", "pay_down_to", "pay_in_full", "top_up", "book", "pay_remainder", "carry"]


class Step(Part):
    """One step. What is not paid is the step's shortfall, readable by later steps as `step.NAME.shortfall`."""

    name: Annotated[str, Strict(), Field(min_length=1, max_length=80)]
    """Words of the document; in expressions with _ for every character that is no letter or digit."""
    rule: RuleName
    """What is owed. `pay_due`: interest of notes, fees. `pay_amount`: `amount`, as principal of notes or to accounts.
    `pay_down_to`: what brings the payees' balances together down to `target`. `pay_in_full`: interest, then principal.
    `top_up`: what brings an account to its target. `book`: `amount` on a ledger or note, without cash.
    `pay_remainder`: all that is left. `carry`: all that is left stays in the account."""
    source: Words = ()
    """Accounts that pay, in order."""
    payees: PayeeTree = ()
    """Names of notes, fees, accounts and all others that can be paid; `purchase`. A list inside the list takes the
    other order. A note's component can be named: `A.interest`, `A.principal`, `A.premium`, `A.residual`."""
    order: Literal["sequential", "pro_rata"] = "sequential"
    """Pro rata goes by amount due for interest and fees, by `pro_rata_by` for principal. A group of payees is rounded
    once a date, however many steps pay it: the largest remainder takes the odd unit, and goes on from step to step."""
    pro_rata_by: Literal["current_balance", "original_balance"] | None = None
    """What notes count for where they share principal: their balance at the date's start (the default), or at
    closing."""
    amount: Sum | None = None
    """Owed under `pay_amount`, booked under `book`."""
    target: Sum | None = None
    """Balance that `pay_down_to` or `top_up` leads to; for `pay_down_to`, below zero is zero."""
    cap: Sum | None = None
    """At most this, for the step as a whole."""
    caps: dict[str, Expression] = Field(default={})
    """At most this, by payee."""
    when: Condition | None = None
    """The step is skipped on dates where this does not hold."""
    support: Words = ()
    """Accounts that pay what the sources cannot, in order."""
    books: dict[str, str] = Field(default={})
    """Ledgers that move in the same step: by `paid`, or by what one account gave (`from.principal`); with a minus sign
    downwards."""
    into: str | None = None
    """Account that receives cash paid against a ledger."""
    series: Words = ()
    """Written once for these series, or for `all`: in every part of the step `this` stands for each of them, as in
    `this.finance_charges`, `this.A` (the notes of class A), `this.notes`, `this.fees`, `this.charge_offs`,
    `this.accumulation`, `step.this.NAME.paid`."""
