"""Terms of regimes that the deal never comes into, and of purchases that no step makes: they are told."""

from __future__ import annotations

from collections.abc import Iterator, Set

from abssim.dates import PeriodDates
from abssim.deal.base import REGIMES, RegimeName
from abssim.deal.deal import Deal
from abssim.deal.expression import names_in, parse
from abssim.deal.formulas import expressions
from abssim.deal.payee import buys_in


def regime_notices(deal: Deal, dates: PeriodDates) -> Iterator[str]:
    """A line for each regime that is never in force and yet has terms, for effects of triggers that change nothing, and
    for purchases without a step."""
    reached = reachable(deal, dates)
    acting = {_waterfall(deal, regime) for regime in reached}
    for regime in REGIMES:
        idle = [f"waterfalls.{regime}"] if regime in deal.waterfalls and regime not in acting else []
        idle += _pays(deal, regime) if regime not in reached else []
        if idle:
            yield f"{', '.join(idle)}: without effect, {_reason(deal, regime)}"
    yield from _idle_effects(deal, reached)
    if deal.revolving is not None and not buys_in(deal):
        yield "revolving: without effect, no step pays purchase"


def reachable(deal: Deal, dates: PeriodDates) -> set[RegimeName]:
    """Regimes that can be in force on a date left: of the calendar, of calls and of effects of triggers."""
    revolving = [number <= deal.dates.revolving_periods for number in dates.number]
    effects = {trigger.effect for trigger in deal.triggers.values()}
    found: set[RegimeName] = {regime for regime in REGIMES if regime in effects}
    found |= {"revolving"} if any(revolving) else set()
    return found | ({"amortization"} if deal.calls or not all(revolving) else set())


def _waterfall(deal: Deal, regime: RegimeName) -> RegimeName:
    """The regime whose waterfall pays in one: one without waterfall has that of the next less severe."""
    milder = REGIMES[: REGIMES.index(regime) + 1]
    return next((each for each in reversed(milder) if each in deal.waterfalls), regime)


def _idle_effects(deal: Deal, reached: Set[RegimeName]) -> Iterator[str]:
    """Effects of triggers that change nothing; with series, each of them ends the revolving period of all."""
    for name, trigger in deal.triggers.items() if not deal.series else ():
        regime = None if trigger.effect == "stop_purchases" or "revolving" in reached else trigger.effect
        reason = "" if regime is None else _same(deal, regime)
        if reason:
            yield f"triggers.{name}.effect: {regime} has no effect, {reason}"


def _same(deal: Deal, regime: RegimeName) -> str:
    """Why a regime is as good as amortization, in words; empty if it is not, or an expression asks for regimes."""
    parts = {
        part for formula in expressions(deal) for name in names_in(parse(formula.text)) for part in name.name.split(".")
    }
    if not parts.isdisjoint({"regime", "regime_period"}) or _pays(deal, regime):
        return ""
    if _waterfall(deal, regime) != _waterfall(deal, "amortization"):
        return ""
    return "nothing revolves" if regime == "amortization" else f"there is no waterfalls.{regime}"


def _pays(deal: Deal, regime: RegimeName) -> list[str]:
    return [f"notes.{name}.pays.{regime}" for name, note in deal.notes.items() if regime in note.pays]


def _reason(deal: Deal, regime: RegimeName) -> str:
    periods = deal.dates.revolving_periods
    if regime == "revolving":
        left = " left" if deal.dates.started_periods else ""
        return f"no payment date{left} revolves (dates.revolving_periods is {periods})"
    if regime == "amortization":
        return f"every payment date revolves (dates.revolving_periods is {periods}), and no trigger or call ends that"
    return f"no trigger has effect: {regime}"
