"""What expressions can read: the table of observables, each a place in the state or a formula over others.

Derived observables are formulas in the language of expressions itself, so whoever compiles expressions only needs
places: `Symbols.expand` replaces formulas until nothing else is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from abssim.deal.base import REGIMES, day_counts
from abssim.deal.dates import Dates
from abssim.deal.deal import Deal
from abssim.deal.expression import Dimension, written
from abssim.deal.months import months_formula
from abssim.deal.quantity import CALENDAR, EXCESS_SPREAD, POOL_FORMULAS
from abssim.deal.series import Series, SeriesClass, Transferor
from abssim.deal.series_formula import DEFINED, series_formulas
from abssim.deal.thing import things
from abssim.kind.base import Kind
from abssim.kind.clock import CLOCK, ClockField
from abssim.kind.pool import FLOWS, POOL
from abssim.kind.step import STEP
from abssim.kind.table import KINDS

PREFIXES = {
    "opening": "at the start of this date",
    "previous": "at the end of the previous payment date",
    "earlier": "at the end of the payment date before the previous one",
    "at.closing": "before the first payment date",
    "at.end_of_revolving": "at the end of the revolving period",
    "at.TRIGGER": "on the date a trigger first fired (until then: now)",
}


class Slot(NamedTuple):
    """A place in the state (or a constant, schedule or definition)."""

    block: str
    """A kind, cumulative (pools), draw (steps), clock; constant, schedule, calendar, index, definition."""
    item: str
    """Name of the row: empty for the sum of all pools and the clock; `regime.step` for steps."""
    field: str
    """Lower-case member of the block's enum; for `draw` the account."""


class Observable(NamedTuple):
    """A row of the table."""

    name: str
    dimension: Dimension
    doc: str
    slot: Slot | None = None
    formula: str = ""


def step_key(name: str) -> str:
    """A step's name as expressions write it: `A interest` is `A_interest`."""
    return re.sub(r"\W", "_", name)


def observables(deal: Deal | None = None) -> list[Observable]:
    """All rows: of a deal, or of any deal with capital placeholders for names (`note.NOTE.balance`)."""
    if deal is None:
        named = {kind.name: (kind.name.upper(),) for kind in KINDS.values()}
        rows = _rows(named, ["INDEX"], {"STEP": ["REGIME"]}, {})
        schedule = Observable("schedule.NAME", "number", "value of the schedule on this date (its use decides money)")
        return [*rows, *_series_rows(_any_trust()), schedule]
    months = {name: months_formula(deal, name) for name in ("", *deal.pools)}
    return [*_series_rows(deal), *_rows(things(deal), [*deal.indexes], _steps(deal), months)]


def _any_trust() -> Deal:
    """A trust with placeholders for names."""
    classes = {"CLASS": SeriesClass(notes=("NOTE",), required_subordination_pct=1)}
    dates = Dates.model_construct(revolving_periods=0)
    series, transferor = {"SERIES": Series(classes=classes)}, Transferor(required_pct=1)
    return Deal.model_construct(series=series, transferor=transferor, triggers={}, dates=dates)


def _series_rows(deal: Deal) -> Iterator[Observable]:
    """Series of a trust, in this very moment and as defined at the start of the date."""
    for row in series_formulas(deal):
        yield Observable(row.name, row.dimension, row.doc, None, row.text)
    for name in deal.series:
        for field, (dimension, doc) in DEFINED.items():
            key = f"series.{name}.{field}"
            yield Observable(key, dimension, doc, Slot("definition", key, ""))


def _steps(deal: Deal) -> dict[str, list[str]]:
    """Regimes in which each step name occurs."""
    regimes_of: dict[str, list[str]] = {}
    for regime, steps in deal.waterfalls.items():
        for step in steps:
            regimes = regimes_of.setdefault(step_key(step.name), [])
            if regime not in regimes:
                regimes.append(regime)
    return regimes_of


def _rows(
    named: Mapping[str, Sequence[str]], indexes: Sequence[str], steps: dict[str, list[str]], months: dict[str, str]
) -> Iterator[Observable]:
    yield from _clock()
    yield from _pool("pool", "", months.get("", "months"))
    for pool in named["pool"]:
        yield from _pool(f"pool.{pool}", pool, months.get(pool, "months"))
    yield from _calendar(named["note"])
    doc = "income, discount and recoveries less fees, note interest and losses / opening pool, a year"
    yield Observable("excess_spread", "number", doc, None, EXCESS_SPREAD)
    yield from _note_rows(named["note"])
    for kind in KINDS.values():
        if kind not in (POOL, STEP):
            yield from _things(kind, named[kind.name])
    for trigger in named["trigger"]:
        active = written(f"trigger.{trigger}.active")
        yield Observable(f"trigger.{trigger}", "flag", "the trigger is active", None, active)
    for index in indexes:
        doc = "rate for the accrual period that ends on this date, as set on its first day, a year"
        yield Observable(f"index.{index}", "number", doc, Slot("index", index, ""))
    sources = [name for kind in KINDS.values() if kind.drawable for name in named[kind.name]]
    for step, regimes in steps.items():
        yield from _step_rows(step, regimes, sources)


def _clock() -> Iterator[Observable]:
    """Numbers and flags of the date; the regime has names."""
    for member, field in CLOCK.fields.items():
        name = member.name.lower()
        spelled = "regime.number" if member == ClockField.REGIME else name
        yield Observable(spelled, field.unit.value, field.english, Slot("clock", "", name))
    for number, regime in enumerate(REGIMES):
        yield Observable(f"regime.{regime}", "flag", "this regime is in force", None, f"regime.number == {number}")


def _calendar(notes: Sequence[str]) -> Iterator[Observable]:
    """Days and fractions of the year."""
    for field, doc in CALENDAR.items():
        yield Observable(field, "number", doc, Slot("calendar", "", field))
    for count in day_counts():
        name = f"year_fraction.{step_key(count)}"
        doc = f"fraction of the year between scheduled payment dates, {count}"
        yield Observable(name, "number", doc, Slot("calendar", count, "year_fraction"))
    for note in notes:
        doc = "fraction of the year of the note's accrual period"
        yield Observable(f"note.{note}.year_fraction", "number", doc, Slot("calendar", note, "note"))


def _pool(prefix: str, item: str, months: str) -> Iterator[Observable]:
    doc = "months collected, which of a pool with a cut-off of its own are others by the first payment date"
    yield Observable(f"{prefix}.months", "number", doc, None, months)
    for field, doc in POOL.words().items():
        yield Observable(f"{prefix}.{field}", "amount", doc, Slot("pool", item, field))
    for member in FLOWS:
        field, doc = member.name.lower(), f"{POOL.fields[member].english}, since the deal began"
        yield Observable(f"{prefix}.cumulative_{field}", "amount", doc, Slot("cumulative", item, field))
    name = f"{prefix}.initial_balance"
    yield Observable(name, "amount", "balance when the deal began", Slot("constant", item, "pool_initial_balance"))
    for field, (dimension, formula, doc) in POOL_FORMULAS.items():
        yield Observable(f"{prefix}.{field}", dimension, doc, None, formula.replace("@", written(prefix)))


def _note_rows(notes: Sequence[str]) -> Iterator[Observable]:
    doc = "balance at issue"
    for note in notes:
        name = f"note.{note}.initial_balance"
        yield Observable(name, "amount", doc, Slot("constant", note, "note_initial_balance"))
        formula = f"{written(f'note.{note}.balance')} / {written(name)}"
        yield Observable(f"note.{note}.factor", "number", "balance / balance at issue", None, formula)
    total = _sum(f"note.{note}.initial_balance" for note in notes)
    yield Observable("notes.initial_balance", "amount", "issue size: all notes at issue", None, total)


def _things(kind: Kind, items: Sequence[str]) -> Iterator[Observable]:
    """Fields of each thing of a kind, without the kind in front too where that is allowed, and sums over all."""
    fields = [(member.name.lower(), field) for member, field in kind.fields.items()]
    for item in items:
        for name, field in fields:
            slot = Slot(kind.name, item, name)
            if kind.bare:
                yield Observable(f"{item}.{name}", field.unit.value, field.english, slot)
            yield Observable(f"{kind.name}.{item}.{name}", field.unit.value, field.english, slot)
    for name, field in fields if kind.summed else []:
        total = _sum(f"{kind.name}.{item}.{name}" for item in items)
        yield Observable(f"{kind.plural}.{name}", "amount", f"{field.english}: all {kind.plural}", None, total)


def _step_rows(step: str, regimes: list[str], accounts: Sequence[str]) -> Iterator[Observable]:
    """Fields of a step; a name used in several regimes is their sum, as only one of them is in force."""
    for regime in regimes:
        for field, doc in STEP.words().items():
            name = f"step.{regime}.{step}.{field}"
            yield Observable(name, "amount", doc, Slot("step", f"{regime}.{step}", field))
        for account in accounts:
            name = f"step.{regime}.{step}.from.{account}"
            yield Observable(name, "amount", "paid by this account", Slot("draw", f"{regime}.{step}", account))
    for field, doc in STEP.words().items():
        total = _sum(f"step.{regime}.{step}.{field}" for regime in regimes)
        yield Observable(f"step.{step}.{field}", "amount", doc, None, total)
    for account in accounts:
        total = _sum(f"step.{regime}.{step}.from.{account}" for regime in regimes)
        yield Observable(f"step.{step}.from.{account}", "amount", "paid by this account", None, total)


def _sum(names: Iterable[str]) -> str:
    return _halved([written(name) for name in names])


def _halved(listed: list[str]) -> str:
    """A sum in parentheses by halves, so that its tree stays shallow however many names there are."""
    if len(listed) < 3:
        return " + ".join(listed) or "0"
    half = len(listed) // 2
    return f"({_halved(listed[:half])}) + ({_halved(listed[half:])})"
