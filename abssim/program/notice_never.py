"""Terms of a deal that never come into play within its life: what falls due on no date, conditions that cannot hold,
calls that may never be exercised, days that had passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from abssim.deal.check_unit import percents
from abssim.deal.contradiction import never_holds
from abssim.deal.deal import Deal
from abssim.deal.expression import parse
from abssim.deal.formulas import expressions
from abssim.deal.reach import Interval, reach
from abssim.document import dotted
from abssim.program.compile import CompiledDeal
from abssim.word import counted


def never_notices(compiled: CompiledDeal) -> Iterator[str]:
    """A line for each of them."""
    yield from _due_on_no_date(compiled)
    yield from _too_few_dates(compiled)
    yield from _conditions(compiled)
    yield from _percents(compiled.deal)
    yield from _calls(compiled)


def _due_on_no_date(compiled: CompiledDeal) -> Iterator[str]:
    """Fees and interest of every n-th date of the deal's life, of which none is left."""
    numbers, deal = compiled.dates.number, compiled.deal
    for name, fee in deal.fees.items():
        if not any(number % fee.every == 0 for number in numbers):
            yield f"fees.{name}.every: charged on no date, those of the deal are number {numbers[0]} to {numbers[-1]}"
    for name, note in deal.notes.items():
        for regime, every in note.pays.items():
            last = deal.dates.revolving_periods if regime == "revolving" else numbers[-1]
            left = [number for number in numbers if number <= last]
            if left and not any(number % every == 0 for number in left):
                yield (
                    f"notes.{name}.pays.{regime}: interest falls due on no date of it, those are number {left[0]} to "
                    f"{left[-1]}"
                )


def _too_few_dates(compiled: CompiledDeal) -> Iterator[str]:
    """Triggers that need more dates to fire, or to be lifted, than there are."""
    left = len(compiled.dates.number)
    for name, trigger in compiled.deal.triggers.items():
        if not trigger.fired and trigger.periods - trigger.count > left:
            yield f"triggers.{name}: cannot fire, {counted(left, 'date')} left and {trigger.periods} breaches needed"
        if trigger.curable and trigger.cure_after > left:
            yield f"triggers.{name}: cannot be lifted, {counted(left, 'date')} left and {trigger.cure_after} needed"


def _conditions(compiled: CompiledDeal) -> Iterator[str]:
    """Conditions that do not hold on any date, whatever happens."""
    known = _known(compiled)
    for path, text, expected in expressions(compiled.deal):
        if expected == "flag" and never_holds(parse(text), known):
            yield f"{dotted(path)}: holds on no date of the deal, so what it is a condition of never happens"


def _percents(deal: Deal) -> Iterator[str]:
    """Ratios that are compared with a percentage."""
    for path, text, _ in expressions(deal):
        for name, value in dict.fromkeys(percents(deal, parse(text))):
            yield (
                f"{dotted(path)}: compares {name} with {value:g}, which is {100 * value:g} %: ratios are decimals, and "
                f"{value:g} % is {value / 100:g}"
            )


def _known(compiled: CompiledDeal) -> dict[str, Interval]:
    """What the calendar, schedules, and definitions made of them can come to."""
    deal, dates = compiled.deal, compiled.dates
    known = {"period": Interval(dates.number[0], dates.number[-1]), "month": Interval(dates.month[0], dates.month[-1])}
    for name, schedule in deal.schedules.items():
        known[f"schedule.{name}"] = Interval(min(schedule.values()), max(schedule.values()))
    for name in compiled.builder.symbols.order:
        known[name] = reach(parse(deal.definitions[name]), known)
    return known


def _calls(compiled: CompiledDeal) -> Iterator[str]:
    """Calls without a date, and days that passed before a start in mid-life."""
    deal, dates = compiled.deal, compiled.dates
    for c, name in enumerate(deal.calls):
        passed = _passed(deal, name, max(dates.previous_unadjusted or date.min, dates.previous_payment or date.min))
        if passed:
            listed = ", ".join(str(day) for day in passed)
            yield f"calls.{name}.dates: {listed} passed before the first payment date, {dates.payment[0]}"
        if not compiled.program.call_allowed[:, c].any():
            yield f"calls.{name}: may be exercised on no payment date, the last is {dates.payment[-1]}"


def _passed(deal: Deal, name: str, start: date) -> list[date]:
    return [day for day in deal.calls[name].dates if day <= start]
