"""Ends that do not meet: legal finals between payment dates, loans that go on after the last one, and initial balances
that are not those at the start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from abssim.amount import exact
from abssim.collateral.expected import Collateral
from abssim.dates import PeriodDates
from abssim.deal.deal import Deal
from abssim.money import to_minor
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario
from abssim.word import counted


def end_notices(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """A line for each of them."""
    yield from _between(compiled.deal, compiled.dates)
    yield from _outliving(compiled, scenario)
    yield from _outliving_bought(compiled)
    yield from _initial_of_started(compiled) if compiled.deal.dates.started_periods else _initial(compiled)


def _between(deal: Deal, dates: PeriodDates) -> Iterator[str]:
    """Legal finals that are no payment date, neither as scheduled nor as moved; one line for each day."""
    last = [max(both) for both in zip(dates.unadjusted, dates.payment, strict=True)]
    named: dict[date, list[str]] = {deal.dates.legal_final: ["dates.legal_final"]}
    for name, note in deal.notes.items():
        if note.legal_final is not None:
            named.setdefault(note.legal_final, []).append(f"notes.{name}.legal_final")
    for day, places in named.items():
        before = [paid for paid in last if paid < day]
        if before and day not in {*dates.unadjusted, *dates.payment}:
            yield f"{', '.join(places)}: {day} is no payment date, the last one before it is {before[-1]}"


def _outliving(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Loans whose contracts go on after the last payment date."""
    for name, pool in compiled.assets.pools.items():
        if isinstance(pool, Collateral):
            loans, left = pool.outliving(scenario, compiled.dates.month[-1] + pool.settings.earlier)
            if left:
                yield (
                    f"pools.{name}: the terms of {counted(loans, 'loan')} end after the last payment date, "
                    f"{compiled.dates.payment[-1]}, by which their contracts leave "
                    f"{exact(compiled.deal.currency).text(left)}"
                )


def _outliving_bought(compiled: CompiledDeal) -> Iterator[str]:
    """Loans that would, were they bought on the last date of a revolving period that ends before the deal does."""
    terms, bought, dates = compiled.deal.revolving, compiled.assets.replenishment, compiled.dates
    last = sum(number <= compiled.deal.dates.revolving_periods for number in dates.number)
    if terms is None or bought is None or not 0 < last < len(dates.number):
        return
    if terms.last_term_before_legal_final is not None:
        return
    loans = int(np.sum(bought.collateral.tape.remaining_term > dates.month[-1] - dates.month[last - 1]))
    if loans:
        yield (
            f"revolving: bought on {dates.payment[last - 1]}, {counted(loans, 'loan')} of the replenishment would end "
            f"after the last payment date, {dates.payment[-1]}; last_term_before_legal_final leaves them out"
        )


def _initial(compiled: CompiledDeal) -> Iterator[str]:
    """An initial balance unlike the one at the cut-off, of a deal that begins then."""
    money = exact(compiled.deal.currency)
    for name, pool in compiled.assets.pools.items():
        given = compiled.deal.pools[name].initial_balance
        there = {pool.opening_balance, pool.opening_balance + pool.opening_non_performing}
        if given is not None and to_minor(given, compiled.deal.currency) not in there:
            yield (
                f"pools.{name}.initial_balance {money.text(to_minor(given, compiled.deal.currency))} is not the "
                f"balance at the cut-off, {money.text(pool.opening_balance)}, and the deal has not started "
                "(dates.started_periods is 0): factors and ratios go by it"
            )


def _initial_of_started(compiled: CompiledDeal) -> Iterator[str]:
    """An initial balance below what is there at a start in mid-life, of a pool for which nothing has been bought."""
    money, currency = exact(compiled.deal.currency), compiled.deal.currency
    for name, pool in compiled.assets.pools.items():
        terms = compiled.deal.pools[name]
        initial, bought = terms.initial_balance, to_minor(terms.to_date.purchase, currency)
        if initial is None:
            yield (
                f"pools.{name}: initial_balance is not said, so factors and ratios go by the balance at the start, "
                f"{money.text(pool.opening_balance)}, which is not that of the deal's beginning"
            )
        elif to_minor(initial, currency) + bought < pool.opening_balance:
            yield (
                f"pools.{name}.initial_balance {money.text(to_minor(initial, currency))} is less than the balance at "
                f"the start, {money.text(pool.opening_balance)}, and to_date.purchase says of nothing bought since: "
                "factors and ratios go by it"
            )
