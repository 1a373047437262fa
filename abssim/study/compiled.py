"""From a deal, by name or written in Python, and the user's tapes to a compiled deal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from abssim.amount import exact
from abssim.collateral.expected import Collateral
from abssim.collateral.tapes import Tapes, tapes_by_pool
from abssim.deal.deal import Deal
from abssim.deal.pool import TapeSource
from abssim.engine.state import block
from abssim.errors import DealError, Problem, notify
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.program import compile as program
from abssim.program.compile import CompiledDeal
from abssim.study.deals import load_deal
from abssim.study.loans import resize
from abssim.tape.setting import reading_of

Written = str | Path | Mapping[str, Any] | Deal
"""A name in `deals/`, a path, a dict, or a document."""
DealLike = Written | CompiledDeal
"""The same, or a deal that is compiled already."""

MOST_NOTES = 1.25
"""Notes per unit of pool beyond which the two are hardly those of one deal."""


def compile_deal(
    deal: Written,
    tape: Tapes | None = None,
    on_bad_row: str = "fail",
    *,
    loans: int | None = None,
    reading: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> CompiledDeal:
    """A deal ready to run, with its own tapes or the user's.

    `tape` replaces the tape of the deal, or by name those of its pools: files, or tapes in memory. `on_bad_row` is
    `fail` or `drop`. `loans` draws the deal's synthetic pools with so many loans at the same balance. `reading` says
    how tapes are read, over what the deal says under `tape:` (`{"columns": {"balance": "CUR_BAL"}}`).
    `settings` are values by path, in place of the deal's own (`abssim.Deal.with_`).
    What was noticed on the tapes is told as warnings (`Notice`). Raises DealError, TapeError, CompileError.

    >>> compile_deal("jd-baitiao-2015-1", loans=500).summary["loans"]
    500
    """
    document = deal if isinstance(deal, Deal) else load_deal(deal)
    document = document.with_(settings) if settings else document
    document = resize(document, loans, tape is not None)
    if reading:
        document = with_reading(document, tape, reading)
    compiled = program.compile_deal(document, tape, on_bad_row)
    told = [f"{own.source}: {note}" for own in compiled.assets.readings for note in own.notes]
    told += [*_size(compiled), *_same_loans(compiled, tapes_by_pool(document, tape))]
    for notice in told:
        notify(notice)
    return replace(compiled, told=tuple(told))


def as_compiled(deal: DealLike) -> CompiledDeal:
    """The deal as it is if it is compiled, else compiled."""
    return deal if isinstance(deal, CompiledDeal) else compile_deal(deal)


def with_reading(deal: Deal, tape: Tapes | None, reading: Mapping[str, Any]) -> Deal:
    """The deal whose tapes are read so, over what it says itself. DealError E007 where no pool reads a tape."""
    named = [name for name, pool in deal.pools.items() if pool.tape is not None]
    named += [name for name in tapes_by_pool(deal, tape) if name not in named]
    if not named:
        raise DealError(Problem("E007", deal.name, "--read, --map", "no pool of the deal reads a tape", "give --tape"))
    pools = {}
    for name in named:
        source = deal.pools[name].tape or TapeSource()
        terms = source.model_dump(exclude={"file"}, exclude_defaults=True)
        for key, value in reading.items():
            terms[key] = {**terms.get(key, {}), **value} if isinstance(value, Mapping) else value
        how = reading_of(terms, "--read, --map").model_dump(exclude_defaults=True)
        pools[name] = deal.pools[name].model_copy(update={"tape": TapeSource(file=source.file, **how)})
    return deal.model_copy(update={"pools": deal.pools | pools})


def _same_loans(compiled: CompiledDeal, given: Mapping[str, Any]) -> Iterator[str]:
    """Says that two pools are of the same loans: their file was named twice, or was copied. Replines have no names."""
    pools = compiled.deal.pools
    tapes = {
        name: assets.tape
        for name, assets in compiled.assets.pools.items()
        if isinstance(assets, Collateral) and (name in given or pools[name].replines is None)
    }
    for (name, one), (other, two) in combinations(tapes.items(), 2):
        if np.array_equal(one.loan_key, two.loan_key) and np.array_equal(one.balance, two.balance):
            yield (
                f"{compiled.deal.name}: pools {name} and {other} hold the same loans, which count twice: is one tape "
                "named for both?"
            )


def _size(compiled: CompiledDeal) -> Iterator[str]:
    """Says that the notes are not of the size of the pool: a tape of another deal, or a slip in a balance."""
    initial, layout = compiled.program.code.initial.reshape(-1), compiled.layout
    notes = int(block(initial, layout, "note")[:, NoteField.BALANCE].sum())
    pool, money = int(block(initial, layout, "pool")[0, PoolField.CLOSING_BALANCE]), exact(compiled.deal.currency)
    if notes > MOST_NOTES * pool:
        yield (
            f"{compiled.deal.name}: the notes ({money.text(notes)}) exceed the pool ({money.text(pool)}): its credit "
            "enhancement is negative; give notes of the size of the pool, or its tape"
        )
