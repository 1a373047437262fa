"""What differs between paths: simulated collateral of the pools, and of the vintages a revolving period may buy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from abssim.collateral.expected import Collateral
from abssim.collateral.kept import Cache, kept
from abssim.collateral.offer import offered
from abssim.collateral.population import PoolSimulation, vintage_sample
from abssim.collateral.sampling import FactorDraws
from abssim.engine.credit.migration import LANES
from abssim.engine.deal.block import Batch, profile_lanes, to_profile
from abssim.engine.deal.lanes import LANES as SIDE_BY_SIDE
from abssim.engine.discount import accrete
from abssim.kind.pool import PoolField
from abssim.policy.effect import Effects, Offered, by_calendar, keeping_back
from abssim.policy.react import taken
from abssim.program.compile import CompiledDeal
from abssim.program.policy import posted_cash, reactions
from abssim.projection.prepare import empty_months, first_row, purchase_months
from abssim.projection.settings import Settings
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]
Lanes = list[tuple[int, int]]
"""Lane of a group, and row of the block, of each path."""
KEPT_A_MONTH = 8
"""Populations kept of each month of purchase: what policies leave of the offer may be another on every path."""


class PathSource:
    """Blocks of paths; what is on a path is a function of the seed and the path's number, whatever the block.

    Each pool, and each month in which a revolving period may buy, is a population with draws of its own; all of them
    live under the same factor. The vintages share one sample of the replenishment, as far as policies offer the same.
    """

    def __init__(self, compiled: CompiledDeal, scenario: Scenario, periods: int, settings: Settings) -> None:
        self.seed = settings.seed
        self.given = empty_months(compiled, periods)
        last = compiled.dates.month[periods - 1]
        self.pools = {
            k: PoolSimulation(pool, scenario, max(1, last + pool.settings.earlier))
            for k, pool in enumerate(compiled.assets.pools.values())
            if isinstance(pool, Collateral)
        }
        self.first_row = {k: first_row(compiled, pool.earlier) for k, pool in self.pools.items()}
        self.prices = [compiled.assets.prices[name] for name in compiled.assets.pools]
        self.deal, self.months = compiled.deal, compiled.dates.month[:periods]
        self.calendar = reactions(compiled, scenario, periods).calendar
        self.vintages = Vintages(compiled, scenario, periods, settings)
        self.price = 1.0 if compiled.assets.replenishment is None else compiled.assets.replenishment.price
        ends = [start + self.vintages.months for start in self.vintages.starts]
        months = max([*ends, *(pool.months for pool in self.pools.values())], default=0)
        self.draws = FactorDraws(scenario.systematic, settings.seed, months, settings.sampling)

    def block(self, first: int, last: int) -> Batch:
        """Paths `first .. last - 1`, under the policies that the calendar decides."""
        return self.paths(np.arange(first, last), taken(self.calendar, np.zeros(last - first, dtype=np.int64)))

    def paths(self, numbers: Int64, effects: Effects) -> Batch:
        """Paths `numbers` (B,), in order, under what policies do on each of them."""
        batch = self._empty(len(numbers), effects)
        for group in np.unique(numbers // LANES).tolist():
            factor = self.draws.block(group * LANES, (group + 1) * LANES)
            lanes = [(int(numbers[b]) % LANES, int(b)) for b in np.flatnonzero(numbers // LANES == group)]
            row = np.full(LANES, lanes[0][1])
            for w, b in lanes:
                row[w] = b
            own = taken(effects, row)
            for k, pool in self.pools.items():
                monthly = pool.lanes(self.seed, group, factor, k, own)
                for w, b in lanes:
                    batch.flow[b, k, self.first_row[k] :] = monthly[w, 1:]
                    accrete(batch.flow[b, k], self.prices[k])
            for v in range(len(self.vintages.starts)):
                for vintage, mine in self._bought(v, lanes, own):
                    monthly = vintage.lanes(self.seed, group, factor, len(self.given) + v, own)
                    for w, b in mine:
                        block = b // SIDE_BY_SIDE
                        last = to_profile(monthly[w], batch.profile[block, v], batch.shown, b % SIDE_BY_SIDE)
                        batch.last[block, v] = max(last, batch.last[block, v])
        return batch

    def _bought(self, v: int, lanes: Lanes, effects: Effects) -> Iterator[tuple[PoolSimulation, Lanes]]:
        """The population each of the lanes buys from in a month, with those that share it."""
        acting = {w: keeping_back(effects, w, self.vintages.starts[v]) for w, _ in lanes}
        for each in dict.fromkeys(acting.values()):
            vintage = self.vintages.population(v, each)
            if vintage is not None:
                yield vintage, [(w, b) for w, b in lanes if acting[w] == each]

    def _empty(self, paths: int, effects: Effects) -> Batch:
        flow = np.repeat(self.given[None], paths, axis=0)
        profile = profile_lanes(paths, max(1, len(self.vintages.starts)), 1 + self.vintages.months)
        posted = np.stack([posted_cash(self.deal, effects, b, self.months) for b in range(paths)])
        last, shown = (np.zeros(shape, dtype=np.int64) for shape in (profile.shape[:2], len(PoolField)))
        return Batch(flow, profile, last, shown, posted, np.full(1, self.price))


class Vintages:
    """One population for each month in which receivables may be bought, and for what policies leave of the offer.

    Those a replay needs are made when it needs them; two threads that make the same one make it alike.
    """

    def __init__(self, compiled: CompiledDeal, scenario: Scenario, periods: int, settings: Settings) -> None:
        self.bought = compiled.assets.replenishment
        self.scenario, self.settings = scenario, settings
        self.starts = range(0) if self.bought is None else purchase_months(compiled, periods)
        self.months = 0
        if self.bought is not None:
            longest = self.bought.collateral.months(scenario)
            self.months = min(longest, max(1, compiled.dates.month[periods - 1] - self.starts[0]))
        self._samples: Cache[Offered, Collateral | None] = {}
        self._found: Cache[tuple[int, Offered], PoolSimulation | None] = {}
        calendar = by_calendar(scenario.acting, max(self.starts, default=0))
        for v, start in enumerate(self.starts):
            self.population(v, keeping_back(calendar, 0, start))

    def population(self, v: int, acting: Offered) -> PoolSimulation | None:
        """What a month's purchases are drawn from while these policies keep loans back; None if nothing is left."""
        return kept(self._found, (v, acting), lambda: self._made(v, acting), KEPT_A_MONTH * len(self.starts))

    def _made(self, v: int, acting: Offered) -> PoolSimulation | None:
        sample = kept(self._samples, acting, lambda: self._sample(acting), KEPT_A_MONTH)
        return None if sample is None else PoolSimulation(sample, self.scenario, self.months, self.starts[v])

    def _sample(self, acting: Offered) -> Collateral | None:
        assert self.bought is not None
        left = offered(self.bought, self.scenario, acting)
        return None if left is None else vintage_sample(left, self.settings.vintage_loans, self.settings.seed)
