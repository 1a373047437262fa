"""What must hold of the waterfalls: payees exist and suit their rule, and every source comes to an end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from abssim.deal.collection import collecting_accounts, produced_sources
from abssim.deal.deal import Deal
from abssim.deal.observable import step_key
from abssim.deal.payee import PAYABLE, claim_of, kind_of, leaves, payee_names, sharing, thing_of
from abssim.deal.thing import drawable, payable
from abssim.deal.waterfall import Step
from abssim.errors import Problem, did_you_mean
from abssim.kind.claim import Rule
from abssim.kind.table import KINDS
from abssim.node import DocumentPath

NEEDS = {
    "pay_due": ("source", "payees"),
    "pay_amount": ("source", "payees", "amount"),
    "pay_down_to": ("source", "payees", "target"),
    "pay_in_full": ("source", "payees"),
    "top_up": ("source", "payees"),
    "book": ("payees", "amount"),
    "pay_remainder": ("source", "payees"),
    "carry": ("source",),
}
_MODIFIERS = ("cap", "caps", "order", "when", "support", "books")
TAKES = {
    "pay_due": _MODIFIERS,
    "pay_amount": (*_MODIFIERS, "pro_rata_by", "into"),
    "pay_down_to": (*_MODIFIERS, "pro_rata_by", "into"),
    "pay_in_full": (*_MODIFIERS, "pro_rata_by"),
    "top_up": (*_MODIFIERS, "target"),
    "book": ("cap", "caps", "order", "pro_rata_by", "when"),
    "pay_remainder": ("cap", "caps", "order", "pro_rata_by", "when", "books"),
    "carry": ("when",),
}
"""What a rule takes beside what it needs."""


def check_waterfalls(deal: Deal) -> Iterator[Problem]:
    """All problems of the waterfalls."""
    problems = list(_written(deal))
    yield from problems or _unpaid(deal)


def _written(deal: Deal) -> Iterator[Problem]:
    """Problems of what is written."""
    yield from _regimes(deal)
    for regime, steps in deal.waterfalls.items():
        path: DocumentPath = ("waterfalls", regime)
        seen: dict[str, int] = {}
        for index, step in enumerate(steps):
            key = step_key(step.name)
            if key in seen:
                text = f'step {seen[key] + 1} is already called "{step.name}" (as {key})'
                yield deal.problem("E128", (*path, index, "name"), text, "give every step its own name")
            seen.setdefault(key, index)
            yield from _step(deal, step, (*path, index))
        yield from _ends(deal, steps, path)


def _regimes(deal: Deal) -> Iterator[Problem]:
    present = [regime for regime, steps in deal.waterfalls.items() if steps]
    first = "revolving" if deal.dates.revolving_periods else "amortization"
    if first not in present and "revolving" not in present:
        text = f'there is no waterfall "{first}", which the deal starts with'
        yield deal.problem("E133", ("waterfalls",), text, f"write waterfalls.{first}")
    for regime, steps in deal.waterfalls.items():
        if not steps:
            yield deal.problem("E133", ("waterfalls", regime), "has no steps", "leave it out to use a milder regime's")


def _step(deal: Deal, step: Step, path: DocumentPath) -> Iterator[Problem]:
    yield from _fields(deal, step, path)
    yield from _payees(deal, step, path)
    yield from _accounts(deal, step, path)
    yield from _books(deal, step, path)


def _unpaid(deal: Deal) -> Iterator[Problem]:
    """What falls due and no step of any waterfall pays; asked of waterfalls that are otherwise in order."""
    paid = _paid(deal)
    for kind, name in _due_by_name(deal):
        if name not in paid:
            yield _nobody(deal, (KINDS[kind].plural, name), f'{kind} "{name}"', f"pay_due step with {name}")
    yield from _unpaid_notes(deal, paid)
    if not any(claim.endswith(".premium") for claim in paid):
        for name in (name for name, call in deal.calls.items() if call.make_whole):
            hint = f"pay_due step with {next(iter(deal.notes))}.premium"
            yield _nobody(deal, ("calls", name, "make_whole"), "the premium", hint)


def _due_by_name(deal: Deal) -> Iterator[tuple[str, str]]:
    """Kind and name of everything that falls due as a whole: fees."""
    for kind, names in payable(deal).items():
        if any(Rule.PAY_DUE in claim.alone and not claim.part for claim in KINDS[kind].claims):
            yield from ((kind, name) for name in names)


def _unpaid_notes(deal: Deal, paid: set[str]) -> Iterator[Problem]:
    """Interest and principal of notes that have not been repaid before the deal starts.

    Principal only where some note's is paid: a sketch that repays nothing has not forgotten one.
    """
    repaid = {claim.partition(".")[0] for claim in paid if claim.endswith((".principal", ".residual"))}
    for name, note in deal.notes.items():
        outstanding = note.balance if note.opening_balance is None else note.opening_balance
        accrues = note.coupon_pct or note.floating or any(note.step_up.values())
        bears = accrues and note.capitalizes is None and (outstanding or note.opening_shortfall or note.notional)
        if bears and f"{name}.interest" not in paid:
            yield _nobody(deal, ("notes", name), f'interest of note "{name}"', f"pay_due step with {name}")
        if outstanding and repaid and name not in repaid:
            yield _nobody(deal, ("notes", name), f'principal of note "{name}"', f"pay_down_to step with {name}")


def _paid(deal: Deal) -> set[str]:
    """Everything that some step of some waterfall pays, parts of notes by their full names."""
    paid: set[str] = set()
    for step in (step for steps in deal.waterfalls.values() for step in steps if step.rule != "book"):
        for leaf in leaves(step.payees):
            claim = claim_of(deal, step.rule, leaf.text)
            parts = [f"{leaf.text}.{part.part}" for part in claim.parts] if claim else []
            paid |= {*(parts or [_claim(deal, step, leaf.text)])}
    return paid


def _nobody(deal: Deal, path: DocumentPath, what: str, step: str) -> Problem:
    """The problem that nobody pays something, at what falls due."""
    return deal.problem("E135", path, f"no step pays {what}", f"add a {step} among its payees")


def _fields(deal: Deal, step: Step, path: DocumentPath) -> Iterator[Problem]:
    given = {name for name in step.model_fields_set if getattr(step, name)} - {"name", "rule"}
    needed = NEEDS[step.rule]
    for name in needed:
        if name not in given:
            text = f"{step.rule} needs {'an' if name == 'amount' else 'a'} {name}".replace("a payees", "payees")
            yield deal.problem("E124", path, text, f"add {name}: …")
    for name in sorted(given - set(needed) - set(TAKES[step.rule])):
        hint = f"{step.rule} takes {', '.join((*needed, *TAKES[step.rule]))}"
        yield deal.problem("E125", (*path, name), f"{step.rule} does not use {name}", hint)


def _payees(deal: Deal, step: Step, path: DocumentPath) -> Iterator[Problem]:
    written = list(leaves(step.payees, (*path, "payees")))
    kinds = [kind_of(deal, leaf.text) for leaf in written]
    for leaf, kind in zip(written, kinds, strict=True):
        if kind is None:
            text = f'nobody is called "{leaf.text}"'
            yield deal.problem("E120", leaf.path, text, did_you_mean(leaf.text, payee_names(deal)))
        elif kind not in PAYABLE[step.rule] and step.rule != "carry":
            hint = f"it pays {', '.join(PAYABLE[step.rule])}"
            yield deal.problem("E121", leaf.path, f'{step.rule} cannot pay the {kind} "{leaf.text}"', hint)
        else:
            yield from _payee_terms(deal, step, leaf.text, kind, leaf.path)
    names = [leaf.text for leaf in written]
    claims = [_claim(deal, step, leaf.text) for leaf in written]
    for index, leaf in enumerate(written):
        if claims[index] in claims[:index]:
            yield deal.problem("E121", leaf.path, f'"{leaf.text}" is paid twice in one step', "name it once")
    shares = sharing(step.payees, step.order == "pro_rata")
    if step.pro_rata_by and not any(_weighs(deal, step, name) for name in shares):
        text = "no notes of this step share by balance"
        yield deal.problem("E136", (*path, "pro_rata_by"), text, "add order: pro_rata, or a list inside payees")
    for name in step.caps:
        if name not in names:
            yield deal.problem("E129", (*path, "caps", name), f'"{name}" is no payee here', did_you_mean(name, names))
    onward = [claim.into for leaf in written if (claim := claim_of(deal, step.rule, leaf.text))]
    if any(onward) and step.into is None:
        text = "cash paid against a ledger must go to an account"
        yield deal.problem("E124", path, text, "add into: ACCOUNT")
    if step.into is not None and "ledger" not in kinds and None not in kinds:
        text = "into is only for payments against a ledger"
        yield deal.problem("E125", (*path, "into"), text, "name the account as payee")


def _claim(deal: Deal, step: Step, payee: str) -> str:
    """The part of a note that is paid, by its full name: under `pay_due`, `A` and `A.interest` are the same."""
    claim = claim_of(deal, step.rule, payee)
    return f"{thing_of(deal, payee)}.{claim.part}" if claim and claim.part else payee


def _weighs(deal: Deal, step: Step, payee: str) -> bool:
    """A payee that counts for its balance where payees share."""
    claim = claim_of(deal, step.rule, payee)
    return claim is not None and claim.weight is not None


def _payee_terms(deal: Deal, step: Step, payee: str, kind: str, path: DocumentPath) -> Iterator[Problem]:
    """What a payee itself must have for the rule to make sense."""
    note = deal.notes.get(payee.partition(".")[0])
    idle = note is not None and note.coupon_pct is None and note.floating is None and not note.step_up
    if step.rule == "pay_due" and kind in ("note", "note.interest") and idle:
        hint = f"give notes.{payee.partition('.')[0]} a coupon, or use pay_remainder"
        yield deal.problem("E121", path, f'"{payee}" bears no interest', hint)
    if step.rule == "top_up" and step.target is None and deal.accounts[payee].target is None:
        text = f'account "{payee}" has no target'
        yield deal.problem("E124", path, text, f"add accounts.{payee}.target, or target to the step")
    if step.rule == "top_up" and step.target is not None and len(list(leaves(step.payees))) > 1:
        yield deal.problem("E121", path, "a target of the step is for one account", "use targets of the accounts")
    if kind == "purchase" and deal.revolving is None:
        yield deal.problem("E134", path, "the deal buys nothing", "add revolving: …")


def _accounts(deal: Deal, step: Step, path: DocumentPath) -> Iterator[Problem]:
    listed = [(name, (*path, "source", index)) for index, name in enumerate(step.source)]
    listed += [(name, (*path, "support", index)) for index, name in enumerate(step.support)]
    if step.into is not None:
        listed.append((step.into, (*path, "into")))
    paid = {leaf.text for leaf in leaves(step.payees)} | {step.into}
    seen: set[str] = set()
    for name, place in listed:
        known = drawable(deal) if "support" in place else deal.accounts
        if name not in known:
            yield deal.problem("E122", place, f'no account "{name}"', did_you_mean(name, known))
        elif place[-1] != "into" and name in seen:
            yield deal.problem("E122", place, f'"{name}" is drawn on twice in one step', "name it once")
        elif place[-1] != "into" and name in paid:
            yield deal.problem("E122", place, f'"{name}" would pay itself', "leave it out on one side")
        seen.add(name)


def _books(deal: Deal, step: Step, path: DocumentPath) -> Iterator[Problem]:
    for ledger, what in step.books.items():
        place = (*path, "books", ledger)
        if ledger not in deal.ledgers:
            yield deal.problem("E123", place, f'no ledger "{ledger}"', did_you_mean(ledger, deal.ledgers))
        match = re.fullmatch(r"-?(paid|from\.([\w.-]+))", what)
        if match is None:
            hint = "write paid, from.ACCOUNT, or either with a minus sign"
            yield deal.problem("E123", place, f'"{what}" cannot be booked', hint)
        elif match[2] and match[2] not in (*step.source, *step.support):
            hint = did_you_mean(match[2], (*step.source, *step.support))
            yield deal.problem("E123", place, f'the step does not draw on "{match[2]}"', hint)


def _ends(deal: Deal, steps: tuple[Step, ...], path: DocumentPath) -> Iterator[Problem]:
    """Each account that collects or pays must be emptied, or carried, by its last step; purchases may be stopped."""
    collected = {a for p in deal.pools for s in produced_sources(deal) for a in collecting_accounts(deal, p, s)}
    collected |= {name for name in deal.accounts if name.startswith("series.")}
    sources = {name for step in steps for name in step.source}
    for account in [name for name in deal.accounts if name in collected | sources]:
        using = [i for i, step in enumerate(steps) if account in step.source]
        yield from _kept_in_vain(deal, steps, account, path)
        ends = [i for i in using if _is_end(steps[i])]
        if not ends:
            place = (*path, using[-1]) if using else path
            text = f'what is left in "{account}" goes nowhere'
            ends_with = f"{{rule: pay_remainder, source: {account}, payees: […]}}"
            hint = f"end with {ends_with}, or {{rule: carry, source: {account}}}"
            yield deal.problem("E126", place, text, hint)
            continue
        for i in range(ends[0] + 1, len(steps)):
            yield from _after_end(deal, steps[i], account, steps[ends[0]].name, (*path, i))


def _kept_in_vain(deal: Deal, steps: tuple[Step, ...], account: str, path: DocumentPath) -> Iterator[Problem]:
    """A `carry` under a condition keeps nothing from the steps behind it."""
    for i, step in enumerate(steps):
        drawing = [each for each in steps[i + 1 :] if each.rule != "carry"]
        later = [each.name for each in drawing if account in (*each.source, *each.support)]
        if step.rule == "carry" and step.when is not None and account in step.source and later:
            text = f'keeps "{account}" under a condition, and "{later[0]}" draws on it all the same'
            hint = f'give "{later[0]}" the opposite condition in its when'
            yield deal.problem("E127", (*path, i), text, hint)


def _is_end(step: Step) -> bool:
    plain = step.rule in ("pay_remainder", "carry") and step.when is None and step.cap is None and not step.caps
    return plain and {leaf.text for leaf in leaves(step.payees)} != {"purchase"}


def _after_end(deal: Deal, step: Step, account: str, end: str, path: DocumentPath) -> Iterator[Problem]:
    hint = f'move the step before "{end}"'
    if account in (*step.source, *step.support):
        yield deal.problem("E127", path, f'draws on "{account}" after its last step "{end}"', hint)
    if account == step.into or account in {leaf.text for leaf in leaves(step.payees)}:
        yield deal.problem("E127", path, f'pays into "{account}" after its last step "{end}"', hint)
