"""What differs between paths: simulated collateral of the pools, and of the vintages a revolving period may buy."""

from __future__ import annotations

import numpy as np

from abssim.engine.block import Batch, to_profile
from abssim.engine.layout import PoolField
from abssim.engine.migration import LANES
from abssim.engine.period import months_to_periods
from abssim.engine.purchase import accrete
from abssim.program.collateral import Collateral
from abssim.program.compile import CompiledDeal
from abssim.program.population import PoolSimulation, vintage_sample
from abssim.program.sampling import FactorDraws
from abssim.program.source import GivenCollections
from abssim.projection.prepare import fill_given, period_of_month, purchase_months
from abssim.projection.settings import Settings
from abssim.scenario.scenario import Scenario

_FIELDS = len(PoolField)


class PathSource:
    """Blocks of paths; what is on a path is a function of the seed and the path's number, whatever the block.

    Each pool, and each month in which a revolving period may buy, is a population with draws of its own; all of them
    live under the same factor. The vintages share one sample of the replenishment.
    """

    def __init__(self, compiled: CompiledDeal, scenario: Scenario, periods: int, settings: Settings) -> None:
        self.seed = settings.seed
        self.shape = (len(compiled.assets.pools), periods, _FIELDS)
        self.collected_in = period_of_month(compiled, periods)
        self.given = {
            k: pool for k, pool in enumerate(compiled.assets.pools.values()) if isinstance(pool, GivenCollections)
        }
        months = compiled.dates.month[periods - 1]
        self.pools = {
            k: PoolSimulation(pool, scenario, months)
            for k, pool in enumerate(compiled.assets.pools.values())
            if isinstance(pool, Collateral)
        }
        self.prices = [compiled.assets.prices[name] for name in compiled.assets.pools]
        self.vintages = _vintages(compiled, scenario, periods, settings)
        self.price = 1.0 if compiled.assets.replenishment is None else compiled.assets.replenishment.price
        populations = [*self.pools.values(), *self.vintages]
        months = max((each.start + each.months for each in populations), default=0)
        self.draws = FactorDraws(scenario.systematic, settings.seed, months, settings.sampling)

    def block(self, first: int, last: int) -> Batch:
        """Paths `first .. last - 1`."""
        batch = self._empty(last - first)
        for group in range(first // LANES, (last + LANES - 1) // LANES):
            factor = self.draws.block(group * LANES, (group + 1) * LANES)
            lanes = [(w, group * LANES + w - first) for w in range(LANES) if first <= group * LANES + w < last]
            for k, pool in self.pools.items():
                monthly = pool.lanes(self.seed, group, factor, k)
                for w, b in lanes:
                    months_to_periods(monthly[w, 1:], self.collected_in, batch.flow[b, k])
                    accrete(batch.flow[b, k], self.prices[k])
            for v, vintage in enumerate(self.vintages):
                monthly = vintage.lanes(self.seed, group, factor, self.shape[0] + v)
                for w, b in lanes:
                    to_profile(monthly[w], batch.profile[b, v])
        return batch

    def _empty(self, paths: int) -> Batch:
        flow = np.zeros((paths, *self.shape), dtype=np.int64)
        for k, pool in self.given.items():
            for b in range(paths):
                fill_given(flow[b, k], pool)
        rows = 1 + max((vintage.months for vintage in self.vintages), default=0)
        profile = np.zeros((paths, max(1, len(self.vintages)), rows, _FIELDS))
        return Batch(flow, profile, np.full(1, self.price))


def _vintages(compiled: CompiledDeal, scenario: Scenario, periods: int, settings: Settings) -> list[PoolSimulation]:
    """One population for each month in which receivables may be bought."""
    bought = compiled.assets.replenishment
    if bought is None:
        return []
    starts = purchase_months(compiled, periods)
    months = min(bought.collateral.months(scenario), max(1, compiled.dates.month[periods - 1] - starts[0]))
    sample = vintage_sample(bought.collateral, settings.vintage_loans, settings.seed)
    return [PoolSimulation(sample, scenario, months, start) for start in starts]
