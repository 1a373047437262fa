"""What can be read of a series, as formulas over notes, accounts and ledgers: `series.S.*` and `transferor.*`.

Most are of this very moment, so that `opening.` and `previous.` stand before them like before any observable.
`DEFINED` ones are definitions: they read what was at the start of the date, and are judged once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from abssim.deal.account import Collection
from abssim.deal.deal import Deal
from abssim.deal.expression import Dimension
from abssim.deal.series import ALL, Series

FINANCE_CHARGES: tuple[Collection, ...] = ("interest", "fees", "penalty", "recovery", "discount", "advances")
PRINCIPAL: tuple[Collection, ...] = ("scheduled_principal", "prepayment", "repurchase")
ENDS_REVOLVING = ("amortization", "early_amortization", "enforcement")
"""Effects of triggers after which no series revolves."""


DEFINED: dict[str, tuple[Dimension, str]] = {
    "floating_numerator": ("amount", "collateral amount at the end of the date before"),
    "principal_numerator": ("amount", "the same, fixed for notes whose revolving period has ended"),
    "floating_allocation": ("number", "share of finance charges and defaults: numerator / max(receivables, all)"),
    "principal_allocation": ("number", "share of principal collections"),
    "finance_charge_collections": ("amount", "finance charges allocated to the series"),
    "principal_collections": ("amount", "principal allocated to the series"),
    "default_amount": ("amount", "defaults allocated to the series"),
    "portfolio_yield": ("number", "finance charges less defaults / collateral amount and accumulated cash, a year"),
    "base_rate": ("number", "interest and fees of the series / the same, a year"),
    "excess_spread": ("number", "portfolio yield less base rate"),
}
"""Definitions of a series (`series_parts`) in words."""


class Formula(NamedTuple):
    """A derived observable."""

    name: str
    dimension: Dimension
    text: str
    doc: str


def bracketed(name: str) -> str:
    """A name as expressions spell it: in square brackets where it has a hyphen."""
    return name if name.isidentifier() else f"[{name}]"


def plain(text: str) -> str:
    """The name that expressions spell so."""
    return re.sub(r"\.?\[([\w-]+)\]", r".\1", text)


def prefix(series: str) -> str:
    """How names of a series begin, in expressions."""
    return f"series.{bracketed(series)}"


def account_of(series: str, accumulation: str) -> str:
    """Account of an accumulation, in expressions."""
    return f"{prefix(series)}.accumulation.{bracketed(accumulation)}"


def notes_of(series: Series, key: str) -> tuple[str, ...]:
    """Notes of a class, of `all` classes, or the note itself."""
    if key == ALL:
        return tuple(note for own in series.classes.values() for note in own.notes)
    return series.classes[key].notes if key in series.classes else (key,)


def plus(parts: list[str]) -> str:
    """A sum; nothing is nothing."""
    return " + ".join(parts) or "0"


class Group(NamedTuple):
    """Notes whose revolving period ends together."""

    key: str
    """What accumulates together, or a class that does not accumulate (what is left of it)."""
    notes: tuple[str, ...]
    first: int
    """Payment date of the first deposit, 0 without accumulation."""


def groups(series: Series) -> list[Group]:
    """All notes of a series."""
    if series.fixed_by == "series":
        return [
            Group(ALL, notes_of(series, ALL), min((each.first for each in series.accumulation.values()), default=0))
        ]
    grouped = [Group(key, notes_of(series, key), terms.first) for key, terms in series.accumulation.items()]
    taken = {note for group in grouped for note in group.notes}
    for key, each in series.classes.items():
        left = tuple(note for note in each.notes if note not in taken)
        grouped += [Group(key, left, 0)] if left else []
    return grouped


def nominal_amounts(name: str, notes: tuple[str, ...]) -> list[str]:
    """Names of the nominal liquidation amounts of notes."""
    return [f"{prefix(name)}.{bracketed(note)}.nominal_liquidation_amount" for note in notes]


def deposit_limit(name: str, series: Series, key: str) -> str:
    """The most an accumulation takes: what its notes are worth at the time."""
    return plus(nominal_amounts(name, notes_of(series, key)))


def amortizing(deal: Deal, series: Series, earlier: bool = False) -> str:
    """Condition: the revolving period of the whole series has ended early, or the deal's has; `earlier`: by the date
    before."""
    own = [name for name in series.early_amortization if name in deal.triggers]
    others = [name for name, trigger in deal.triggers.items() if trigger.effect in ENDS_REVOLVING and name not in own]
    last, before = (deal.dates.revolving_periods + 1, "previous.") if earlier else (deal.dates.revolving_periods, "")
    return " or ".join([f"period > {last}", *(f"{before}trigger.{bracketed(name)}" for name in [*own, *others])])


def series_formulas(deal: Deal) -> Iterator[Formula]:
    """All of a deal, those of the transferor last."""
    for name, series in deal.series.items():
        for formula in (*_classes(name, series), *_whole(deal, name, series)):
            yield formula._replace(name=plain(formula.name))
    if deal.series:
        yield from _trust(deal)


def _classes(name: str, series: Series) -> Iterator[Formula]:
    own = prefix(name)
    for position, (key, terms) in enumerate(series.classes.items()):
        at = f"{own}.{bracketed(key)}"
        junior = [f"{own}.{bracketed(other)}" for other in [*series.classes][position + 1 :]]
        senior = [f"{own}.{bracketed(other)}" for other in [*series.classes][: position + 1]]
        balance = plus([f"note.{bracketed(note)}.balance" for note in terms.notes])
        yield Formula(f"{at}.balance", "amount", balance, "balance of the notes of the class")
        yield Formula(f"{at}.accumulated", "amount", _accumulated(name, series, key), "accumulated for the class")
        yield Formula(f"{at}.adjusted_balance", "amount", f"{at}.balance - {at}.accumulated", "balance not accumulated")
        if terms.required_subordination_pct is not None:
            share = terms.required_subordination_pct / 100.0
            text = f"({plus([f'{other}.adjusted_balance' for other in senior])}) * {share!r} / {1.0 - share!r}"
            text = text if series.subordination_unit is None else f"ceil({text}, {series.subordination_unit!r})"
            yield Formula(f"{at}.required_subordination", "amount", text, "what must rank below the class")
        below = f"{own}.required_subordinated_transferor_amount"
        layers = plus([*(f"{other}.adjusted_balance" for other in [at, *junior]), below])
        text = f"max(0, min({at}.adjusted_balance, {layers} - {own}.charge_offs.balance))"
        doc = "adjusted balance less the charge-offs and reallocated principal the class bears"
        yield Formula(f"{at}.nominal_liquidation_amount", "amount", text, doc)
        yield from _notes(name, series, key)
        under = [f"{other}.nominal_liquidation_amount" for other in junior]
        text = plus([*under, f"{own}.subordinated_transferor_amount"])
        yield Formula(f"{at}.subordination", "amount", text, "what ranks below the class")
        text = f"{at}.subordination / {own}.collateral_amount"
        yield Formula(f"{at}.credit_enhancement", "number", text, "subordination / collateral amount of the series")


def _notes(name: str, series: Series, key: str) -> Iterator[Formula]:
    """Each note's part of what its class is worth, by balance not accumulated."""
    at = f"{prefix(name)}.{bracketed(key)}"
    own = [note for note in series.classes[key].notes if note in series.accumulation]
    shared = f"({at}.accumulated{''.join(f' - {account_of(name, note)}.balance' for note in own)})"
    others = plus([f"note.{bracketed(note)}.balance" for note in series.classes[key].notes if note not in own])
    for note in (note for note in series.classes[key].notes if note != key):
        accumulated = (
            f"{account_of(name, note)}.balance"
            if note in own
            else f"{shared} * (note.{bracketed(note)}.balance / ({others}))"
        )
        share = f"(note.{bracketed(note)}.balance - {accumulated}) / {at}.adjusted_balance"
        text, doc = f"{at}.nominal_liquidation_amount * ({share})", "the note's part of the amount of its class"
        yield Formula(f"{prefix(name)}.{bracketed(note)}.nominal_liquidation_amount", "amount", text, doc)


def _accumulated(name: str, series: Series, key: str) -> str:
    """Cash accumulated for a class; an account for all classes counts for the senior ones first."""
    parts = []
    for accumulation in series.accumulation:
        account = f"{account_of(name, accumulation)}.balance"
        if accumulation == ALL:
            senior = [*series.classes][: [*series.classes].index(key)]
            before = "".join(f" - {prefix(name)}.{bracketed(other)}.balance" for other in senior)
            parts.append(f"max(0, min({prefix(name)}.{bracketed(key)}.balance, {account}{before}))")
        elif accumulation == key or accumulation in series.classes[key].notes:
            parts.append(account)
    return plus(parts)


def _whole(deal: Deal, name: str, series: Series) -> Iterator[Formula]:
    own = prefix(name)
    docs = {
        "balance": "balance of all notes of the series",
        "accumulated": "accumulated for all notes",
        "adjusted_balance": "balance of all notes less what is accumulated for them",
        "nominal_liquidation_amount": "that less the charge-offs and reallocated principal the notes bear",
    }
    for field, doc in docs.items():
        yield Formula(
            f"{own}.{field}", "amount", plus([f"{own}.{bracketed(key)}.{field}" for key in series.classes]), doc
        )
    at = f"{own}.required_subordinated_transferor_amount"
    yield Formula(at, "amount", _held(name, series), "what the classes' required subordination asks of the transferor")
    text = f"max(0, {at} - {own}.charge_offs.balance)"
    doc = "that less the charge-offs it bears"
    yield Formula(f"{own}.subordinated_transferor_amount", "amount", text, doc)
    text = f"{own}.nominal_liquidation_amount + {own}.subordinated_transferor_amount"
    yield Formula(f"{own}.collateral_amount", "amount", text, "the series' share of the pool: notes and transferor")
    yield from _states(deal, name, series)
    notes, fees = notes_of(series, ALL), series.fees
    parts = [f"note.{bracketed(note)}.interest_due - note.{bracketed(note)}.interest_paid" for note in notes]
    parts += [*(f"fee.{bracketed(fee)}.due - fee.{bracketed(fee)}.paid" for fee in fees), f"{own}.charge_offs.balance"]
    doc = "interest, fees and charge-offs of the series not covered yet"
    yield Formula(f"{own}.finance_charge_shortfall", "amount", plus(parts), doc)
    parts = [f"max(0, min({_open(name, key)}, {deposit_limit(name, series, key)}))" for key in series.accumulation]
    parts.append(f"if({own}.amortizing, {own}.nominal_liquidation_amount, 0)")
    doc = "deposits not made yet; of a series that amortizes its nominal liquidation amount"
    yield Formula(f"{own}.principal_shortfall", "amount", plus(parts), doc)


def _open(name: str, key: str) -> str:
    """What an accumulation lacks of its target."""
    return f"{account_of(name, key)}.target - {account_of(name, key)}.balance"


def _held(name: str, series: Series) -> str:
    """The largest difference between what must and what does rank below a class."""
    if not series.subordinated_transferor:
        return "0"
    gaps = []
    for position, (key, terms) in enumerate(series.classes.items()):
        if terms.required_subordination_pct is not None:
            junior = [*series.classes][position + 1 :]
            notes = "".join(f" - {prefix(name)}.{bracketed(other)}.adjusted_balance" for other in junior)
            gaps.append(f"{prefix(name)}.{bracketed(key)}.required_subordination{notes}")
    return f"max({', '.join(['0', *gaps])})"


def _states(deal: Deal, name: str, series: Series) -> Iterator[Formula]:
    own = prefix(name)
    begun = [
        f"period >= {each.first} and {plus([f'note.{bracketed(note)}.balance' for note in notes_of(series, key)])} > 0"
        for key, each in series.accumulation.items()
    ]
    yield Formula(f"{own}.amortizing", "flag", amortizing(deal, series), "the series amortizes, early or by schedule")
    text = f"not {own}.amortizing and ({' or '.join(f'({each})' for each in begun) or 'period < 0'})"
    yield Formula(f"{own}.accumulating", "flag", text, "cash is accumulated for some of its notes")
    text = f"not {own}.amortizing and not {own}.accumulating"
    yield Formula(f"{own}.revolving", "flag", text, "neither of the two")


def _trust(deal: Deal) -> Iterator[Formula]:
    for field, doc in (
        ("collateral_amount", "collateral amounts of all series"),
        ("finance_charge_shortfall", "interest, fees and charge-offs not covered yet: all series"),
        ("principal_shortfall", "deposits not made yet and amortizing amounts: all series"),
    ):
        yield Formula(f"series.{field}", "amount", plus([f"{prefix(name)}.{field}" for name in deal.series]), doc)
    terms = deal.transferor
    funded = f" + {bracketed(terms.excess_funding)}.balance" if terms and terms.excess_funding else ""
    yield Formula("transferor.receivables", "amount", f"pool.balance{funded}", "pool and excess funding")
    text = "transferor.receivables - series.collateral_amount"
    yield Formula("transferor.amount", "amount", text, "the seller's interest: pool less all collateral amounts")
    if terms and terms.required_pct is not None:
        text = f"pool.balance * {terms.required_pct / 100.0!r}"
        yield Formula("transferor.required_amount", "amount", text, "least transferor amount")
