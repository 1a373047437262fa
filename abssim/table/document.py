"""What a deal or a scenario says, at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from abssim.amount import exact
from abssim.deal.deal import Deal
from abssim.document import dotted
from abssim.guard import in_lines
from abssim.money import to_minor
from abssim.node import DocumentPath
from abssim.program.compile import CompiledDeal
from abssim.program.describe import coupon, describe
from abssim.scenario.scenario import Scenario
from abssim.table.grid import grid, listing, stack
from abssim.table.number import day


def deal_tables(deal: Deal) -> RenderableType:
    """Dates, notes, the priority of payments by regime, triggers."""
    parts = [Text(in_lines(deal.name), style="bold"), listing(_facts(deal)), _notes(deal)]
    for regime, steps in deal.waterfalls.items():
        rows = [(f"{number}", step.name, describe(step)) for number, step in enumerate(steps, start=1)]
        parts.append(grid(f"Priority of payments: {regime}", ["#", "Step", "Pays"], rows, words=2, wrap=(2,)))
    if deal.triggers:
        rows = [(name, trigger.effect or "", trigger.when) for name, trigger in deal.triggers.items()]
        parts.append(grid("Triggers", ["Trigger", "Effect", "When"], rows, words=2, wrap=(2,)))
    return stack(parts)


def compiled_tables(compiled: CompiledDeal) -> RenderableType:
    """The deal, and what identifies it with its tapes."""
    dates = compiled.dates.payment
    facts = [
        ("Payment dates", f"{len(dates)}, {day(dates[0])} to {day(dates[-1])}"),
        ("Fingerprint", compiled.fingerprint[:16]),
    ]
    return stack([deal_tables(compiled.deal), listing(facts)])


def scenario_tables(scenario: Scenario) -> RenderableType:
    """Its name and reason, and whatever it says, a line each."""
    said = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"name", "reason"})
    lines = [(dotted(path), str(value)) for path, value in _leaves(said, ())]
    head = listing([("Scenario", scenario.name), ("Reason", scenario.reason)])
    return stack([head, grid("Assumptions", ["Field", "Value"], lines, words=2, wrap=(1,))])


def _facts(deal: Deal) -> list[tuple[str, str]]:
    dates = deal.dates
    return [
        *([("Description", deal.description)] if deal.description else []),
        ("Currency", deal.currency),
        ("Cut-off, closing", f"{day(dates.cut_off)}, {day(dates.closing)}"),
        ("Legal final", day(dates.legal_final)),
        ("Pools", ", ".join(deal.pools)),
        ("Base scenario", deal.scenario if isinstance(deal.scenario, str) else str(deal.scenario.get("name", ""))),
    ]


def _notes(deal: Deal) -> RenderableType:
    money = exact(deal.currency)
    rows = [
        [
            name,
            coupon(note),
            day(note.legal_final or deal.dates.legal_final),
            money.text(to_minor(note.balance, deal.currency)),
        ]
        for name, note in deal.notes.items()
    ]
    return grid("Notes", ["Class", "Coupon", "Legal final", f"Balance, {money.unit}"], rows, words=3)


def _leaves(value: Any, path: DocumentPath) -> Iterator[tuple[DocumentPath, Any]]:
    """The single values of a document and their places; lists of numbers and words are one value."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for number, below in enumerate(value):
            yield from _leaves(below, (*path, number))
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else value
