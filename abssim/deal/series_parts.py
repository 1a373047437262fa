"""A trust with series written out in what every deal is made of: accounts, ledgers, definitions and steps.

`with_series` is the deal that is checked, compiled and explained. Every part has a name that begins with `series.`,
which no document can give, so nothing is written twice and problems lead back to the series.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from abssim.deal.account import Account, Ledger
from abssim.deal.deal import Deal
from abssim.deal.series import ALL, Series
from abssim.deal.series_formula import (
    FINANCE_CHARGES,
    PRINCIPAL,
    account_of,
    amortizing,
    bracketed,
    groups,
    nominal_amounts,
    notes_of,
    plain,
    plus,
    prefix,
)
from abssim.deal.series_step import for_each_series
from abssim.deal.waterfall import Step
from abssim.node import DocumentPath


def with_series(deal: Deal) -> Deal:
    """The deal with its series written out; one without series, or already written out, as it is.

    All that a series says counts as read: it stands in the parts it was written out in.
    """
    for series in deal.series.values():
        for part in (series, *series.classes.values(), *series.accumulation.values()):
            part.given()
    if not deal.series or any(name.startswith("series.") for name in deal.accounts):
        return deal
    defined = {plain(f"{prefix(name)}.{key}"): text for name in deal.series for key, text in _defined(deal, name)}
    history = {plain(f"{prefix(name)}.{key}"): value for name in deal.series for key, value in _history(deal, name)}
    written: dict[tuple[Any, ...], DocumentPath] = {}
    waterfalls = {}
    for regime, steps in deal.waterfalls.items():
        placed = [*_head(deal), *for_each_series(deal, regime, steps), *_tail(deal)]
        waterfalls[regime] = tuple(step for step, _ in placed)
        written |= {("waterfalls", regime, i): path for i, (_, path) in enumerate(placed)}
    parts = {
        "accounts": {**deal.accounts, **{plain(name): each for name, each in _accounts(deal)}},
        "ledgers": {**deal.ledgers, **{plain(name): each for name, each in _ledgers(deal)}},
        "definitions": {**defined, **deal.definitions},
        "history": {**history, **deal.history},
        "waterfalls": waterfalls,
    }
    full = deal.model_copy(update=parts)
    full._written, full._changed = written, deal._changed
    return full


def allocated_accounts(deal: Deal, sources: tuple[str, ...]) -> tuple[str, ...]:
    """Accounts of the trust that collect some of `sources`, or all there is."""
    return tuple(
        name
        for name, account in deal.accounts.items()
        if {*account.collects} & {*sources, "all"} and "series." not in name
    )


def _accounts(deal: Deal) -> Iterator[tuple[str, Account]]:
    for name, series in deal.series.items():
        yield f"{prefix(name)}.finance_charges", Account(supports=())
        yield f"{prefix(name)}.principal", Account(supports=())
        for key, terms in series.accumulation.items():
            target = _controlled(deal, name, key)
            earns = terms.reinvestment_pct
            account = Account(balance=terms.balance, target=target, reinvestment_pct=earns, supports=())
            yield account_of(name, key), account


def _controlled(deal: Deal, name: str, key: str) -> str:
    """What an accumulation should hold: equal deposits up to the balance of its notes."""
    series = deal.series[name]
    terms = series.accumulation[key]
    balance = plus([f"note.{bracketed(note)}.balance" for note in notes_of(series, key)])
    share = f"max(0, min(1, (period - {terms.first - 1}) / {terms.periods}))"
    return f"if({prefix(name)}.amortizing, 0, ({balance}) * {share})"


def _ledgers(deal: Deal) -> Iterator[tuple[str, Ledger]]:
    for name, series in deal.series.items():
        yield f"{prefix(name)}.charge_offs", Ledger(balance=series.charge_offs)


def _defined(deal: Deal, name: str) -> Iterator[tuple[str, str]]:
    """Definitions of a series: what was allocated to it on the date, and what it earned."""
    series, own = deal.series[name], prefix(name)
    yield "floating_numerator", f"opening.{own}.collateral_amount"
    yield from _fixed(deal, name, series)
    for kind in ("floating", "principal"):
        sum_of_all = plus([f"{prefix(other)}.{kind}_numerator" for other in deal.series])
        numerator, pool = f"{own}.{kind}_numerator", "opening.transferor.receivables"
        yield f"{kind}_allocation", f"{numerator} / max({pool}, {sum_of_all})"
    charges = plus([f"{bracketed(account)}.collected" for account in allocated_accounts(deal, FINANCE_CHARGES)])
    yield "finance_charge_collections", f"{own}.floating_allocation * ({charges})"
    principal = plus([f"{bracketed(account)}.collected" for account in allocated_accounts(deal, PRINCIPAL)])
    yield "principal_collections", f"{own}.principal_allocation * ({principal})"
    yield "default_amount", f"{own}.floating_allocation * pool.default"
    base = f"(opening.{own}.collateral_amount + opening.{own}.accumulated) * 12 / months"
    gained = plus([f"{own}.finance_charge_collections", *(f"{each}.income" for each in _earning(name, series))])
    yield "portfolio_yield", f"({gained} - {own}.default_amount) / {base}"
    interest = [f"note.{bracketed(note)}.accrued_interest" for note in notes_of(series, ALL)]
    yield "base_rate", f"({plus([*interest, *(f'fee.{bracketed(fee)}.accrued' for fee in series.fees)])}) / {base}"
    yield "excess_spread", f"{own}.portfolio_yield - {own}.base_rate"


def _fixed(deal: Deal, name: str, series: Series) -> Iterator[tuple[str, str]]:
    """The principal numerator: fixed for notes whose revolving period has ended, as long as any of them is left."""
    own, parts = prefix(name), []
    for group in groups(series):
        nominal = plus([f"opening.{each}" for each in nominal_amounts(name, group.notes)])
        fixed, over = f"{own}.{bracketed(group.key)}.fixed_amount", amortizing(deal, series, earlier=True)
        ended = f"period > {group.first} or {over}" if group.first else over
        yield f"{bracketed(group.key)}.fixed_amount", f"if({ended}, previous.{fixed}, {nominal})"
        parts.append(f"if({nominal} > 0, {fixed}, 0)")
    yield "principal_numerator", plus([*parts, f"opening.{own}.subordinated_transferor_amount"])


def _history(deal: Deal, name: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Amounts that were fixed before a start in mid-life."""
    for key, amount in deal.series[name].fixed_amount.items():
        yield f"{bracketed(key)}.fixed_amount", (amount,)


def _head(deal: Deal) -> Iterator[tuple[Step, DocumentPath]]:
    """Collections, defaults and what accumulated cash earned go to the series before anything is paid."""
    for name in deal.series:
        own, path = prefix(name), ("series", name)
        yield _moved(deal, FINANCE_CHARGES, name, "finance charges", "finance_charge_collections"), path
        yield _moved(deal, PRINCIPAL, name, "principal", "principal_collections"), path
        cap, ledger = f"{own}.collateral_amount", (plain(f"{own}.charge_offs"),)
        amount = f"{own}.default_amount"
        yield Step(name=f"{name} allocated defaults", rule="book", payees=ledger, amount=amount, cap=cap), path
        if earning := _earning(name, deal.series[name]):
            amount, to = plus([f"{account}.income" for account in earning]), (plain(f"{own}.finance_charges"),)
            yield (
                Step(
                    name=f"{name} earnings",
                    rule="pay_amount",
                    source=tuple(map(plain, earning)),
                    payees=to,
                    amount=amount,
                ),
                path,
            )


def _earning(name: str, series: Series) -> tuple[str, ...]:
    """Accounts of accumulations that earn interest."""
    return tuple(account_of(name, key) for key, terms in series.accumulation.items() if terms.reinvestment_pct)


def _moved(deal: Deal, sources: tuple[str, ...], name: str, word: str, amount: str) -> Step:
    accounts, own = allocated_accounts(deal, sources), prefix(name)
    payees = (plain(f"{own}.{word.replace(' ', '_')}"),)
    return Step(
        name=f"{name} allocated {word}", rule="pay_amount", source=accounts, payees=payees, amount=f"{own}.{amount}"
    )


def _tail(deal: Deal) -> Iterator[tuple[Step, DocumentPath]]:
    """What was accumulated repays its notes on the last date of the accumulation, or when the series amortizes.

    As the subordination the transferor owes falls, so do the charge-offs it bears: what it has left stays, at most
    what is required.
    """
    for name, series in deal.series.items():
        if series.subordinated_transferor:
            own = prefix(name)
            required, ledger = f"{own}.required_subordinated_transferor_amount", f"{own}.charge_offs"
            amount = f"-max(0, min({ledger}.balance, opening.{required}, opening.{required} - {required}))"
            step = Step(
                name=f"{name} transferor's charge-offs released", rule="book", payees=(plain(ledger),), amount=amount
            )
            yield step, ("series", name)
        for key, terms in series.accumulation.items():
            path: DocumentPath = ("series", name, "accumulation", key)
            account = (plain(account_of(name, key)),)
            due = f"period >= {terms.first + terms.periods - 1} or {prefix(name)}.amortizing"
            yield (
                Step(
                    name=f"{name} {key} repaid from accumulation",
                    rule="pay_down_to",
                    source=account,
                    payees=notes_of(series, key),
                    target="0",
                    when=due,
                ),
                path,
            )
            yield Step(name=f"{name} {key} accumulation kept", rule="carry", source=account), path
