"""What running a deal needs before its kernel starts: the horizon, the program for it, collateral, index rates."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from abssim.collateral.expected import Collateral
from abssim.collateral.offer import offered
from abssim.collateral.source import GivenCollections
from abssim.deal.payee import buys_in
from abssim.engine.deal.block import Batch
from abssim.engine.discount import accrete
from abssim.engine.month import ALL, round_months
from abssim.engine.program import DealProgram
from abssim.errors import CompileError
from abssim.kind.pool import COLLECTIONS, PoolField
from abssim.policy.effect import Effects, by_calendar, keeping_back
from abssim.policy.hooks import uses
from abssim.program.compile import CompiledDeal
from abssim.program.rates import note_rates, observed_rates
from abssim.scenario.scenario import Scenario

Calls = Literal["exercised", "never"]


class Purchases(NamedTuple):
    """What one unit of face bought turns into."""

    profile: np.ndarray
    """(V, M + 1, PoolField): cumulative flows and stocks by month since the purchase; one row serves all if V is 1. All
    zero where nothing is offered."""
    price: np.ndarray
    """(V,) cost of one unit of face."""


def _months_of(compiled: CompiledDeal, scenario: Scenario) -> int:
    """Months until the last cash of any loan the deal has or buys."""
    dates = compiled.dates
    needed = [0]
    for pool in compiled.assets.pools.values():
        if isinstance(pool, GivenCollections):
            needed.append(dates.month[min(len(pool.flow), len(dates.month)) - 1])
        else:
            needed.append(pool.months(scenario) - pool.settings.earlier)
    bought = compiled.assets.replenishment
    last = _last_purchase(compiled)
    if bought is not None and last > 0:
        needed.append(dates.month[min(last, len(dates.month)) - 1] + bought.collateral.months(scenario))
    return max(needed)


def _last_purchase(compiled: CompiledDeal) -> int:
    """Payment dates from the first on which something may be bought: those of the revolving period, or all."""
    deal = compiled.deal
    if buys_in(deal) - {"revolving"}:
        return len(compiled.dates.month)
    return deal.dates.revolving_periods - deal.dates.started_periods


def horizon(compiled: CompiledDeal, scenario: Scenario) -> int:
    """T: payment dates until the last cash, at most to the legal final."""
    months = compiled.dates.month
    needed = _months_of(compiled, scenario)
    reached = next((t + 1 for t, month in enumerate(months) if month >= needed), len(months))
    return reached


def cut(compiled: CompiledDeal, periods: int, calls: Calls) -> DealProgram:
    """The program for the first `periods` dates, without calls unless they are exercised.

    The last date is final, unless the assets are a servicer's figures that stop before the deal ends.
    """
    program = compiled.program
    date = program.date[:periods].copy()
    given = any(isinstance(pool, GivenCollections) for pool in compiled.assets.pools.values())
    date["final"][-1] = int(not given or periods == len(program.date))
    allowed = program.call_allowed[:periods]
    called = allowed if calls == "exercised" else np.zeros_like(allowed)
    return program._replace(date=date, months=program.months[: periods + 1], call_allowed=called)


def expected_flows(
    compiled: CompiledDeal, scenario: Scenario, periods: int, multiple: float, effects: Effects | None = None
) -> np.ndarray:
    """(K, M, PoolField) collateral of the opening pools by month, minor units; `effects` as in `Collateral.project`."""
    flow = empty_months(compiled, periods)
    for k, (name, pool) in enumerate(compiled.assets.pools.items()):
        if isinstance(pool, Collateral):
            own = flow[k, first_row(compiled, pool.settings.earlier) :]
            monthly = pool.project(scenario, len(own), multiple, effects)
            round_months(monthly, pool.opening_balance, pool.opening_non_performing, ALL.entry, own)
            accrete(own, compiled.assets.prices[name])
    return flow


def empty_months(compiled: CompiledDeal, periods: int) -> np.ndarray:
    """(K, M, PoolField) collateral by month to the last of `periods` dates, a servicer's figures in it.

    What a date collects stands in the last of its months; after the last of the figures the assets stay as they are.
    """
    ends = compiled.program.months[1 : periods + 1] - 1
    flow = np.zeros((len(compiled.assets.pools), ends[-1] + 1, len(PoolField)), dtype=np.int64)
    for k, pool in enumerate(compiled.assets.pools.values()):
        if isinstance(pool, GivenCollections):
            reported = min(periods, len(pool.flow))
            flow[k, ends[:reported]] = pool.flow[:reported]
            flow[k, ends[reported - 1] + 1 :, PoolField.CURRENT_BALANCE :] = pool.flow[
                reported - 1, PoolField.CURRENT_BALANCE :
            ]
    return flow


def first_row(compiled: CompiledDeal, earlier: int) -> int:
    """Row of the collateral by month with which a pool begins whose cut-off comes so many months `earlier` than the
    deal's."""
    return int(compiled.program.months[1]) - compiled.dates.month[0] - earlier


def expected_purchases(
    compiled: CompiledDeal, scenario: Scenario, periods: int, multiple: float, effects: Effects | None = None
) -> Purchases:
    """Expected profiles of the vintages a revolving period may buy; nothing where nothing is offered."""
    bought = compiled.assets.replenishment
    if bought is None:
        return Purchases(np.zeros((1, 1, len(PoolField))), np.ones(1))
    starts = purchase_months(compiled, periods)
    if effects is None:
        effects = by_calendar(scenario.acting, compiled.dates.month[periods - 1])
    if not any(uses(policy, "offer") for policy in scenario.acting):
        profile = bought.collateral.vintage_profiles(scenario, starts, None, multiple, effects)
        return Purchases(profile, np.full(1, bought.price))
    months = bought.collateral.months(scenario)
    profile = np.zeros((len(starts), months + 1, len(PoolField)))
    acting = [keeping_back(effects, 0, month) for month in starts]
    for each in dict.fromkeys(acting):
        left = offered(bought, scenario, each)
        mine = [v for v, own in enumerate(acting) if own == each]
        if left is not None:
            profile[mine] = left.vintage_profiles(scenario, [starts[v] for v in mine], months, multiple, effects)
    return Purchases(profile, np.full(1, bought.price))


def purchase_months(compiled: CompiledDeal, periods: int) -> range:
    """Months from the cut-off, counted from the first payment date, at whose end receivables may be bought."""
    month = compiled.dates.month
    return range(month[0], month[min(periods, max(1, _last_purchase(compiled))) - 1] + 1)


def index_rates(compiled: CompiledDeal, scenario: Scenario, periods: int) -> np.ndarray:
    """(T, N) rate of each note's index for the accrual period of each date, 0 where the note has none."""
    return note_rates(compiled.deal, compiled.dates, scenario, periods)


def with_indexes(program: DealProgram, compiled: CompiledDeal, scenario: Scenario) -> DealProgram:
    """The program with the rates of those indexes that its expressions read."""
    if not compiled.builder.indexes:
        return program
    schedule = program.code.schedule.copy()
    for name, row in compiled.builder.indexes.items():
        schedule[row] = observed_rates(compiled.deal, compiled.dates, scenario, name)
    return program._replace(code=program.code._replace(schedule=schedule))


def require_mapped(compiled: CompiledDeal, program: DealProgram, batch: Batch) -> None:
    """Every source of cash that pools or vintages bring must be mapped to an account."""
    problems = []
    deal = compiled.deal
    for k, pool in enumerate(deal.pools):
        brings = np.asarray(batch.flow[:, k].any(axis=(0, 1)))
        if k == program.revolving_pool:
            brings |= batch.shown != 0
        brings[PoolField.ADVANCED_PRINCIPAL] |= brings[PoolField.ADVANCED_INTEREST]
        for source, (name, field) in enumerate(COLLECTIONS.items()):
            if program.collects[k, source] < 0 and brings[field]:
                text = f"the scenario brings {name} from pool {pool}, which no account collects"
                problems.append(deal.problem("E410", ("accounts",), text, f'add "{name}" to an account\'s collects'))
    if problems:
        raise CompileError(problems)
