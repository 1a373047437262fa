"""From what a deal says of its assets to tapes, and from tapes to collateral that can be projected."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import numpy as np

from abssim.collateral.cell import condition_mask
from abssim.collateral.contract import PoolSettings, opening_bucket, purchase_price
from abssim.collateral.expected import Collateral
from abssim.collateral.kept import Cache
from abssim.collateral.particular import Calendar, require_free_start, require_indexes
from abssim.collateral.tapes import Tapes, only_pool, tapes_by_pool
from abssim.condition import Band
from abssim.dates import months_between, months_earlier, timeline
from abssim.deal.deal import Deal
from abssim.deal.pool import Concentration, Eligibility, Pool, Source
from abssim.engine.credit.expected import PERFORMING
from abssim.errors import CompileError, did_you_mean
from abssim.kind.pool import PoolField
from abssim.money import to_minor
from abssim.tape.read import TapeReading, read_tape
from abssim.tape.recipe import find_recipe
from abssim.tape.repline import replines_reading
from abssim.tape.schema import LoanTape
from abssim.tape.synthesize import synthesize

_REPORTED = {"new_receivables": PoolField.PURCHASE}
"""Figures of a servicer that go by another name: what comes in without cash is a purchase that costs nothing."""
_TURNS = 2000
_EXACT = 1e-12
_MET = 1e-6
"""Concentration limits of several columns: iterations at most, excess at which they end, excess that is accepted."""


@dataclass(frozen=True)
class GivenCollections:
    """A servicer's figures: `flow` (T, PoolField) in minor units."""

    flow: np.ndarray
    opening_balance: int
    opening_adjusted: int
    opening_non_performing: int

    @property
    def opening_stocks(self) -> dict[PoolField, int]:
        """Performing balance at the cut-off by arrears, of which the figures say nothing, and discounted."""
        stocks = dict.fromkeys((PoolField.CURRENT_BALANCE, PoolField.CLOSING_BALANCE), self.opening_balance)
        return stocks | {PoolField.ADJUSTED_BALANCE: self.opening_adjusted}


@dataclass(frozen=True)
class Replenishment:
    """What a revolving period buys."""

    collateral: Collateral
    price: float
    """Cost of one unit of face."""
    kept: Cache[Hashable, Collateral | None] = field(default_factory=dict, compare=False)
    """Cache of what policies leave (`abssim.collateral.offer`)."""


@dataclass(frozen=True)
class Assets:
    """The pools of a compiled deal."""

    pools: dict[str, Collateral | GivenCollections]
    prices: dict[str, float]
    """What the opening pools cost per unit of face (1: par)."""
    replenishment: Replenishment | None
    readings: tuple[TapeReading, ...]
    """What was said while tapes were read."""

    @property
    def tapes(self) -> list[LoanTape]:
        """The tapes of the pools, in order."""
        return [pool.tape for pool in self.pools.values() if isinstance(pool, Collateral)]


def load_assets(deal: Deal, tape: Tapes | None, on_bad_row: str) -> Assets:
    """All pools of a deal; `tape` takes the place of what a pool has of its own (`tapes_by_pool`)."""
    pools: dict[str, Collateral | GivenCollections] = {}
    prices: dict[str, float] = {}
    readings: list[TapeReading] = []
    instead = tapes_by_pool(deal, tape)
    for name, pool in deal.pools.items():
        if pool.collections is not None and name not in instead:
            pools[name] = _given(deal, pool)
            prices[name] = 1.0
            continue
        settings = _settings(deal, pool)
        loans = _load(deal, pool, ("pools", name), instead.get(name), on_bad_row, readings)
        require_indexes(loans, deal, f"pools.{name}")
        pools[name] = Collateral(loans, settings)
        prices[name] = _price(loans, pool.purchase_yield_pct, settings, None)
    return Assets(pools, prices, _replenishment(deal, on_bad_row, readings), tuple(readings))


def pool_tapes(
    deal: Deal, tape: Tapes | None, on_bad_row: str, keep: Collection[str]
) -> tuple[dict[str, LoanTape], tuple[TapeReading, ...]]:
    """The tapes of a deal's pools, with columns to `keep` as they are; those of pools with a servicer's figures, and of
    replines, which are no loans, are left out."""
    readings: list[TapeReading] = []
    instead = tapes_by_pool(deal, tape)
    pools = {
        name: _load(deal, pool, ("pools", name), instead.get(name), on_bad_row, readings, keep)
        for name, pool in deal.pools.items()
        if name in instead or (pool.collections is None and pool.replines is None)
    }
    return pools, tuple(readings)


def pool_cut_off(deal: Deal, source: Source) -> date:
    """The day as of whose start balances are: the pool's own, or the deal's."""
    own = source.cut_off if isinstance(source, Pool) else None
    return own or deal.dates.cut_off


def _settings(deal: Deal, pool: Pool) -> PoolSettings:
    cut_off = pool_cut_off(deal, pool)
    return PoolSettings(
        (pool.hurdle_rate_pct or 0.0) / 100.0,
        pool.rounding == "minor_unit",
        months_earlier(deal.dates, cut_off),
        Calendar(deal, cut_off),
    )


def _load(
    deal: Deal,
    source: Source,
    path: tuple[str, ...],
    override: str | Path | LoanTape | None,
    on_bad_row: str,
    readings: list[TapeReading],
    keep: Collection[str] = (),
) -> LoanTape:
    if isinstance(override, LoanTape):
        return override
    if source.tape is not None or override is not None:
        return _read(deal, source, path, override, on_bad_row, readings, keep)
    if source.replines is not None:
        rows = [row.given() for row in source.replines]
        reading = replines_reading(rows, deal.currency, deal.file.name, deal.dates.cut_off)
        readings.append(reading)
        return reading.tape
    made = source.synthetic
    assert made is not None
    total = to_minor(made.balance, deal.currency)
    recipe = find_recipe(made.recipe)
    if made.most_age is not None:
        recipe = replace(recipe, most_age=made.most_age)
    return synthesize(recipe, loans=made.loans, seed=made.seed, balance=total, currency=deal.currency)


def _read(
    deal: Deal,
    source: Source,
    path: tuple[str, ...],
    override: str | Path | None,
    on_bad_row: str,
    readings: list[TapeReading],
    keep: Collection[str] = (),
) -> LoanTape:
    terms = source.tape
    file = Path(override) if override is not None else None
    if file is None and terms is not None and terms.file is not None:
        file = deal.folder / terms.file
    if file is None:
        text = "the deal does not ship its tape"
        named = "FILE" if path[0] != "pools" or only_pool(deal) else f"{path[1]}=FILE"
        raise CompileError(deal.problem("E402", (*path, "tape"), text, f"give your own copy with --tape {named}"))
    how = {name: value for name, value in terms.given().items() if name != "file"} if terms is not None else {}
    cut_off = pool_cut_off(deal, source)
    reading = read_tape(file, currency=deal.currency, on_bad_row=on_bad_row, cut_off=cut_off, keep=keep, **how)
    readings.append(reading)
    return reading.tape


def _price(tape: LoanTape, yield_pct: float | None, settings: PoolSettings, weights: np.ndarray | None) -> float:
    return 1.0 if yield_pct is None else purchase_price(tape, yield_pct / 100.0, settings, weights)


def _replenishment(deal: Deal, on_bad_row: str, readings: list[TapeReading]) -> Replenishment | None:
    terms = deal.revolving
    if terms is None:
        return None
    pool = deal.pools[terms.pool or next(iter(deal.pools))]
    settings = _settings(deal, pool)
    path = ("revolving", "replenishment")
    tape = _load(deal, terms.replenishment, path, None, on_bad_row, readings)
    require_free_start(tape, "revolving.replenishment")
    eligible = _eligible(deal, tape, terms.eligibility) & (opening_bucket(tape.days_past_due) < PERFORMING)
    if terms.last_term_before_legal_final is not None:
        eligible &= tape.remaining_term <= _longest_bought(deal) - terms.last_term_before_legal_final
    if not eligible.any():
        text = "no loan of the replenishment is eligible and not in default"
        raise CompileError(
            deal.problem("E403", ("revolving", "eligibility"), text, "relax a test, or check its column")
        )
    tape = tape.take(np.flatnonzero(eligible))
    weights = _limited(deal, tape, terms.concentration)
    collateral = Collateral(tape, settings, weights)
    return Replenishment(collateral, _price(tape, terms.purchase_yield_pct, settings, weights))


def _longest_bought(deal: Deal) -> int:
    """Months from the last purchase to the legal final."""
    dates, periods = timeline(deal.dates), deal.dates.revolving_periods
    purchases = [month for number, month in zip(dates.number, dates.month, strict=True) if number <= periods]
    return months_between(deal.dates.cut_off, deal.dates.legal_final) - max(purchases, default=0)


def _eligible(deal: Deal, tape: LoanTape, tests: tuple[Eligibility, ...]) -> np.ndarray:
    """(L,) loans that pass every test."""
    kept = np.ones(len(tape), dtype=bool)
    for i, test in enumerate(tests):
        path = ("revolving", "eligibility", i)
        values = _column(deal, tape, test.column, (*path, "column"))
        if test.min is not None or test.max is not None:
            if values.dtype.kind not in "iuf":
                text = f'"{test.column}" holds words, which no number limits'
                raise CompileError(deal.problem("E405", path, text, "list the words that pass: in: [...]"))
            kept &= condition_mask(tape, test.column, Band(min=test.min, max=test.max))
        if test.values is not None:
            kept &= condition_mask(tape, test.column, test.values)
    return kept


def _limited(deal: Deal, tape: LoanTape, limits: tuple[Concentration, ...]) -> np.ndarray | None:
    """(L,) weights that bring every group's share of the balance within its limit.

    Groups above a limit are cut to it and the others scaled up, until none is above: exact for one column. Limits of
    several columns are applied in turn until all hold.
    """
    if not limits:
        return None
    codes, shares = [], []
    for i, limit in enumerate(limits):
        path = ("revolving", "concentration", i, "by")
        codes.append(np.unique(_column(deal, tape, limit.by, path), return_inverse=True)[1])
        count = int(codes[-1].max()) + 1
        if count * limit.max_pct < 100.0 - 1e-9:
            text = f"{count} values of {limit.by} cannot fill a pool at {limit.max_pct:g} % each"
            raise CompileError(deal.problem("E404", path, text, "raise max_pct"))
        shares.append(limit.max_pct / 100.0)
    groups, member = np.unique(np.stack(codes), axis=1, return_inverse=True)
    before = np.bincount(member.ravel(), tape.balance.astype(np.float64))
    after = _mixed(before, groups, shares)
    if after is None:
        text = "no mix of the replenishment meets all limits at once"
        raise CompileError(deal.problem("E404", ("revolving", "concentration"), text, "raise one max_pct"))
    weights: np.ndarray = (after / np.maximum(before, 1e-300))[member.ravel()]
    return weights


def _mixed(before: np.ndarray, groups: np.ndarray, limits: list[float]) -> np.ndarray | None:
    """(N,) balances of the same sum within all limits; `groups` (K, N) the value of each column. None: there are none.

    Cyclic projections in the sense of relative entropy (Bregman 1967) converge to a mix if there is one.
    """
    after, total = before.copy(), before.sum()
    for _ in range(_TURNS):
        worst = 0.0
        for group, most in zip(groups, limits, strict=True):
            amount = np.bincount(group, after)
            worst = max(worst, float(amount.max()) / total - most)
            after *= (_capped(amount, most * total) / np.maximum(amount, 1e-300))[group]
        if worst < _EXACT:
            return after
    return None if worst > _MET else after


def _capped(amount: np.ndarray, most: float) -> np.ndarray:
    """Amounts of the same sum, none above `most`: what is above is cut, the rest scaled, until nothing is above."""
    capped, total = amount.copy(), amount.sum()
    full = np.zeros(len(amount), dtype=bool)
    for _ in amount:
        above = ~full & (capped > most)
        if not above.any():
            break
        full |= above
        capped[full] = most
        left = amount[~full].sum()
        capped[~full] = amount[~full] * ((total - most * full.sum()) / left if left > 0.0 else 0.0)
    return capped


def _column(deal: Deal, tape: LoanTape, name: str, path: tuple[str | int, ...]) -> np.ndarray:
    if name not in tape.names:
        hint = did_you_mean(name, tape.names)
        raise CompileError(deal.problem("E405", path, f'the tape has no column "{name}"', hint))
    return np.asarray(tape.column(name))


def _given(deal: Deal, pool: Pool) -> GivenCollections:
    """The servicer's figures as a flow; balances follow from them."""
    assert pool.collections is not None
    opening = to_minor(pool.opening_balance or 0.0, deal.currency)
    npl = to_minor(pool.non_performing_balance, deal.currency)
    flow = np.zeros((len(pool.collections), len(PoolField)), dtype=np.int64)
    before, npl_before = opening, npl
    for t, period in enumerate(pool.collections):
        row = flow[t]
        for name, value in period.given(without={"month", "payment_date"}).items():
            row[_REPORTED.get(name) or PoolField[name.upper()]] = to_minor(value, deal.currency)
        row[PoolField.OPENING_BALANCE] = before
        gone = row[[PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT, PoolField.REPURCHASE]].sum()
        gone += row[PoolField.DILUTION] + row[PoolField.DEFAULT]
        before = int(before + row[PoolField.PURCHASE] - gone)
        npl_before = int(npl_before + row[PoolField.DEFAULT] - row[PoolField.RECOVERY] - row[PoolField.LOSS])
        row[PoolField.CLOSING_BALANCE] = before
        row[PoolField.NON_PERFORMING_BALANCE] = npl_before
        late = row[[PoolField.DPD_1_30_BALANCE, PoolField.DPD_31_60_BALANCE, PoolField.DPD_61_90_BALANCE]].sum()
        row[PoolField.CURRENT_BALANCE] = before - late
        if period.adjusted_balance is None:
            row[PoolField.ADJUSTED_BALANCE] = before
    discounted = pool.opening_adjusted_balance
    adjusted = opening if discounted is None else to_minor(discounted, deal.currency)
    return GivenCollections(flow, opening, adjusted, npl)
