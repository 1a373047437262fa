"""Deal and tapes to arrays: `compile_deal`."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np

from abssim.collateral.kept import Cache
from abssim.collateral.source import Assets, load_assets
from abssim.collateral.summary import tape_summary
from abssim.collateral.tapes import Tapes
from abssim.dates import PeriodDates, timeline
from abssim.deal.deal import Deal
from abssim.deal.months import extra_months
from abssim.deal.series_parts import with_series
from abssim.engine.program import DATE, DealProgram
from abssim.engine.state import StateLayout, block
from abssim.errors import CompileError
from abssim.kind.base import Field, Kind, Unit
from abssim.kind.clock import Regime
from abssim.kind.note import NOTE
from abssim.kind.pool import PoolField
from abssim.kind.table import KINDS
from abssim.money import to_minor
from abssim.part import Reads, recording
from abssim.program import terms
from abssim.program.code import CodeBuilder
from abssim.program.lower.recipes import RECIPES
from abssim.program.place import Places
from abssim.program.sequence import plan_records
from abssim.program.step import compile_steps
from abssim.public import Shown
from abssim.tape.schema import LoanTape
from abssim.word import counted

OF_ASSETS = ("currency", "dates", "indexes", "pools", "revolving")
"""Fields of a deal that its assets are made of."""


@dataclass(frozen=True, repr=False)
class CompiledDeal(Shown):
    """A deal ready to run: its program for all dates to the legal final, its assets, and the words for results."""

    deal: Deal
    dates: PeriodDates
    assets: Assets
    program: DealProgram
    builder: CodeBuilder
    history: np.ndarray
    """(H, D) values of the definitions before the first date."""
    summary: dict[str, float]
    """What the pools are made of (`tape_summary`)."""
    fingerprint: str
    """sha256 of the canonical deal and of its tapes."""
    reads: Reads
    """What of the deal, and of the scenarios run on it, any computation has read so far."""
    tape: Tapes | None = None
    """Tapes that were given in place of the deal's."""
    on_bad_row: str = "fail"
    told: tuple[str, ...] = ()
    """What was noticed, and told, when it was compiled: on its tapes, and of their size."""
    machines: Cache[Hashable, Any] = dataclasses.field(default_factory=dict, compare=False)
    """Cache of what the deal becomes under scenarios (`abssim.projection.machine`)."""

    def __repr__(self) -> str:
        dates = f"{counted(len(self.dates.payment), 'payment date')} to {self.dates.payment[-1]}"
        return f"<CompiledDeal {self.deal.name!r}: {dates}, fingerprint {self.fingerprint[:16]}>"

    @property
    def layout(self) -> StateLayout:
        """Where everything stands in the state."""
        return self.program.layout


def compile_deal(deal: Deal, tape: Tapes | None = None, on_bad_row: str = "fail") -> CompiledDeal:
    """Arrays of a deal; `tape` replaces the one the deal names, or by name those of its pools.

    Raises TapeError and CompileError (E4xx; E537, E538 where it is open which pool a tape is for).
    """
    reads = Reads()
    with recording(reads):
        written = with_series(deal)
        found = _compile(written, load_assets(written, tape, on_bad_row), reads)
    return replace(found, tape=tape, on_bad_row=on_bad_row)


def recompile(compiled: CompiledDeal, deal: Deal) -> CompiledDeal:
    """Arrays of a deal that differs from a compiled one in some terms: assets that are the same are not read again."""
    same = {name: getattr(compiled.deal, name) for name in OF_ASSETS}
    if any(getattr(deal, name) != part for name, part in same.items()):
        return compile_deal(deal, compiled.tape, compiled.on_bad_row)
    reads = compiled.reads.copy()
    with recording(reads):
        found = _compile(with_series(deal.model_copy(update=same)), compiled.assets, reads)
    return replace(found, tape=compiled.tape, on_bad_row=compiled.on_bad_row)


def _compile(deal: Deal, assets: Assets, reads: Reads) -> CompiledDeal:
    dates = replace(timeline(deal.dates), pool_cut_offs=_cut_offs(deal))
    if not dates.payment:
        text = "no payment date lies between the cut-off and the legal final"
        raise CompileError(deal.problem("E406", ("dates", "legal_final"), text, "move legal_final"))
    initial_balances = {name: _initial_balance(deal, assets, name) for name in deal.pools}
    note_balances = {name: to_minor(note.balance, deal.currency) for name, note in deal.notes.items()}
    places = Places(deal, initial_balances, note_balances)
    code = CodeBuilder(deal, places)
    return _assemble(deal, dates, assets, places, code, reads)


def _cut_offs(deal: Deal) -> tuple[tuple[str, date], ...]:
    """Cut-off of each pool, where some have one of their own."""
    own = any(pool.cut_off is not None for pool in deal.pools.values())
    return tuple((name, pool.cut_off or deal.dates.cut_off) for name, pool in deal.pools.items()) if own else ()


def _assemble(
    deal: Deal, dates: PeriodDates, assets: Assets, places: Places, code: CodeBuilder, reads: Reads
) -> CompiledDeal:
    steps = compile_steps(deal, places, code)
    records = {kind: recipe.records(deal, code) for kind, recipe in RECIPES.items() if recipe.records}
    call = terms.call_records(deal, code)
    target, receives = (terms.account_claims(deal, code, field) for field in ("target", "receives"))
    initial = _initial_state(deal, assets, places.layout)
    postfix = code.code(initial, dates)
    program = DealProgram(
        layout=places.layout,
        code=postfix,
        plan=plan_records(deal, code),
        payee=steps.payee,
        waterfall=steps.waterfall,
        step=steps.step,
        source=steps.source,
        book=steps.book,
        terms=records,
        note_date=terms.note_dates(deal, dates),
        pays_every=terms.pays_every(deal),
        account_date=terms.account_dates(deal, dates),
        target=target,
        receives=receives,
        collects=terms.collecting(deal),
        call=call,
        call_allowed=terms.call_dates(deal, dates),
        call_premium=terms.call_premiums(deal, dates),
        date=_date_records(deal, dates),
        months=_months(deal, dates),
        revolving_pool=_revolving_pool(deal),
    )
    history = code.history(postfix.history, len(postfix.definition) + 2 * len(deal.triggers))
    summary = tape_summary(deal, assets)
    bought = assets.replenishment
    tapes = [*assets.tapes, *([bought.collateral.tape] if bought else [])]
    return CompiledDeal(deal, dates, assets, program, code, history, summary, fingerprint_of(deal, tapes), reads)


def _revolving_pool(deal: Deal) -> int:
    if deal.revolving is None:
        return -1
    return list(deal.pools).index(deal.revolving.pool) if deal.revolving.pool else 0


def _months(deal: Deal, dates: PeriodDates) -> np.ndarray:
    """Rows of the collateral by month at which each date begins to collect, and their end."""
    earliest = max(0, *extra_months(deal).values())
    return np.array([0, *(earliest + month for month in dates.month)], dtype=np.int64)


def _initial_balance(deal: Deal, assets: Assets, name: str) -> int:
    """Balance of a pool when the deal began; in mid-life the deal says it."""
    given = deal.pools[name].initial_balance
    return assets.pools[name].opening_balance if given is None else to_minor(given, deal.currency)


def _date_records(deal: Deal, dates: PeriodDates) -> np.ndarray:
    """(T,) DATE; the last date is marked when the horizon of a run is known."""
    table = np.zeros(len(dates.payment), dtype=DATE)
    table["type"], table["number"] = dates.types, dates.number
    table["month"] = dates.month
    revolving = table["number"] <= deal.dates.revolving_periods
    table["regime"] = np.where(revolving, Regime.REVOLVING, Regime.AMORTIZATION)
    return table


def _initial_state(deal: Deal, assets: Assets, layout: StateLayout) -> np.ndarray:
    """(rows, width) balances at closing, or at the start in mid-life."""
    vector = np.zeros(layout.size, dtype=np.int64)
    _initial_pools(deal, assets, vector, layout)
    for kind in KINDS.values():
        for member, field in kind.fields.items():
            if field.given:
                given = [_given(deal, kind, thing, field) for thing in getattr(deal, kind.plural).values()]
                block(vector, layout, kind.name)[:, member] = given
    return vector.reshape(layout.rows, layout.width)


def _given(deal: Deal, kind: Kind, thing: Any, field: Field) -> int:
    """What a document says of a thing at closing, or at the start in mid-life."""
    value = getattr(thing, field.given)
    if value is None and kind is NOTE:
        value = thing.balance
    return to_minor(value, deal.currency) if field.unit is Unit.AMOUNT else int(value)


def _initial_pools(deal: Deal, assets: Assets, vector: np.ndarray, layout: StateLayout) -> None:
    pools, cumulative = block(vector, layout, "pool"), block(vector, layout, "cumulative")
    for k, (name, pool) in enumerate(assets.pools.items()):
        row = 0 if len(assets.pools) == 1 else k + 1
        for stock, amount in pool.opening_stocks.items():
            pools[row, stock] = amount
        pools[row, PoolField.NON_PERFORMING_BALANCE] = pool.opening_non_performing
        for field, value in deal.pools[name].to_date.given().items():
            cumulative[row, PoolField[field.upper()]] = to_minor(value, deal.currency)
        defaulted = cumulative[row, PoolField.DEFAULT]
        cumulative[row, PoolField.DEFAULT] = max(defaulted, pool.opening_non_performing)
    if len(assets.pools) > 1:
        pools[0], cumulative[0] = pools[1:].sum(axis=0), cumulative[1:].sum(axis=0)


def fingerprint_of(deal: Deal, tapes: Iterable[LoanTape]) -> str:
    """sha256 over the canonical deal and all that its tapes hold: columns, labels and schedules."""
    digest = hashlib.sha256(deal.canonical())
    for tape in tapes:
        for field in fields(tape):
            _digest(digest, field.name)
            _digest(digest, getattr(tape, field.name))
    return digest.hexdigest()


def _digest(digest: hashlib._Hash, value: object) -> None:
    """Add an array, a plain value, or a mapping or tuple of them, marked off from what follows."""
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype} {value.shape}".encode())
        digest.update(value.tobytes())
    elif isinstance(value, Mapping):
        _digest(digest, tuple(sorted(value.items())))
    elif isinstance(value, tuple):
        digest.update(f"{len(value)} parts".encode())
        for part in value:
            _digest(digest, part)
    else:
        digest.update(repr(value).encode())
