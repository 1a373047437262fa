"""A pool ready to be simulated loan by loan under a scenario: obligors, odds, schedules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from abssim.collateral.cell import Partition
from abssim.collateral.contract import contracts_of, longest_term, require_paid
from abssim.collateral.dependence import Dependence
from abssim.collateral.expected import Collateral
from abssim.collateral.factor import pull_of, recentring, require_factors, spread_paths
from abssim.collateral.group import Tables
from abssim.collateral.multiple import segment_adjustment
from abssim.collateral.transition import GroupTerms
from abssim.engine.credit.adjust import Adjustment
from abssim.engine.credit.expected import PERFORMING, STATES
from abssim.engine.credit.migration import LANES, run_lanes
from abssim.engine.credit.monthly import migrate_by_month
from abssim.engine.credit.odds import Odds, Threshold, condition, condition_rows, fill_thresholds
from abssim.engine.credit.off_schedule import (
    CONTRACT,
    OBLIGOR,
    PAST,
    Book,
    Row,
    base_flow,
    describe_orders,
    fill_curves,
    finish_lane,
)
from abssim.engine.credit.random import Draws, draw_uniform
from abssim.engine.credit.restructuring import RestructuringTerms
from abssim.engine.layout import ContractField
from abssim.errors import Problem, ScenarioError
from abssim.kind.pool import PoolField
from abssim.policy.effect import Effects
from abssim.scenario.scenario import Scenario
from abssim.tape.key import mix

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

SALT_BITS = 11
"""Bits of the draws' counter that months take; what is above tells vintages apart."""


class PoolSimulation:
    """The loans of a pool under one scenario, simulated four paths at a time.

    Obligors with all their orders that perform at the cut-off migrate. An order's exits and recovery follow its own
    assumptions, arrears, default and restructuring of an obligor those of its largest order; it starts in the bucket of
    its latest. What is in default at the cut-off recovers by the assumptions. Schedules are in whole minor units, also
    where the deal computes expected cash flows without rounding. `start` is the month after the cut-off from which the
    loans are held (a vintage's month of purchase). A scenario with contagion is simulated month by month, the others by
    events.
    """

    def __init__(
        self, pool: Collateral, scenario: Scenario, months: int, start: int = 0, default_multiple: float = 1.0
    ) -> None:
        tables, plan = pool.plan(scenario.without_policies(), months, default_multiple, start)
        if plan.recovery.advances.any():
            message, hint = "servicer advances cannot be simulated loan by loan", "leave out advances"
            raise ScenarioError(Problem("E332", scenario.name, "assumptions", message, hint))
        self.months = months
        self.start = start
        self.earlier = pool.settings.earlier
        self.scenario = scenario
        self.segments = pool.segments(scenario)
        self.transition = np.repeat(plan.transition, len(self.segments.rows), axis=0)
        self.recovery = plan.recovery
        shift, multiple = (np.repeat(each, len(self.segments.rows)) for each in plan.terms)
        self.terms = RestructuringTerms(shift.astype(np.int64), multiple.astype(np.float64))
        self.book, speaker = _book(pool, scenario, tables, plan, self.segments)
        self.dependence = Dependence(pool.tape, scenario, speaker)
        self.opening_default = np.zeros(len(plan.recovery.last), dtype=np.int64)
        self.opening_lost = np.zeros(months + 1, dtype=np.int64)
        self.base = np.zeros((len(PoolField), months + 1), dtype=np.int64)
        base_flow(self.book, self.base)
        self._opening_defaults(pool, tables)
        self._hang_on_factors(pool, plan)

    @property
    def opening_balance(self) -> int:
        """Performing balance at the start, minor units."""
        return int(self.base[PoolField.CLOSING_BALANCE, 0])

    def lanes(self, seed: int, group: int, factor: Float64, vintage: int = 0, effects: Effects | None = None) -> Int64:
        """(LANES, M + 1, PoolField) flows and stocks by month of paths `LANES x group` and after; row 0 the start.

        `factor` (LANES, K, start + M or more) by month from the cut-off, or (LANES, start + M or more) of a single one;
        `vintage` (below 8192) salts the draws of populations that share keys; `effects` (B = LANES) is what policies
        do, by the calendar if it is left out. Safe to call from several threads.
        """
        if self.dependence.contagion is not None:
            return self.lanes_by_month(seed, group, factor, vintage, effects)
        own, shock = self._own(factor), self.dependence.shock(seed, group)
        odds, work = self._odds(own, self._spread(seed, group), effects), self._work()
        draws = Draws(np.uint64(seed), group, vintage << SALT_BITS)
        run_lanes(*self.book, odds, self.terms, draws, work, shock)
        return self._finished(work, own)

    def lanes_by_month(
        self, seed: int, group: int, factor: Float64, vintage: int = 0, effects: Effects | None = None
    ) -> Int64:
        """The same by the month-by-month kernel: other draws, equal in distribution, several times slower."""
        own, work = self._own(factor), self._work()
        spread, shock = self._spread(seed, group), self.dependence.shock(seed, group)
        chance = np.zeros((LANES, len(self.transition), self.months + 1, PERFORMING, STATES))
        for w in range(LANES):
            adjustment = self._adjustment(effects, w)
            condition_rows(self.transition, self.z, own[w], spread[w], self.pull, adjustment, chance[w])
        draws = Draws(np.uint64(seed), LANES * group, vintage << SALT_BITS)
        standing = self.dependence.standing(self.book, self.terms, self.months)
        migrate_by_month(*self.book, chance, draws, work, shock, standing)
        return self._finished(work, own)

    def _own(self, factor: Float64) -> Float64:
        """(LANES, K, M) the factors of the months in which the loans are held."""
        return factor.reshape(LANES, -1, factor.shape[-1])[:, :, self.start : self.start + self.months]

    def _work(self) -> Int64:
        orders = int(self.book.obligor["count"].max(initial=0))
        rows = Row.DEFAULT + len(self.opening_default)
        work = np.zeros((LANES, rows, max(self.months + PAST, orders)), dtype=np.int64)
        work[:, Row.DEFAULT :, 0] = self.opening_default
        return work

    def _spread(self, seed: int, group: int) -> Float64:
        """(LANES, M) spread of the t-copula in these months."""
        found = spread_paths(self.first_factor, seed, LANES * group, LANES * (group + 1), self.start + self.months)
        return found[:, self.start :]

    def _adjustment(self, effects: Effects | None, w: int) -> Adjustment:
        """What policies do to the odds on path `w` of a group."""
        rows, start = self.segments.rows, self.start - self.earlier
        own = segment_adjustment(self.scenario, rows, effects, 0 if effects is None else w, start, self.months)
        profiles = len(self.transition) // len(rows)
        return Adjustment(*(np.tile(part, (profiles, 1, 1, 1)) for part in own))

    def _odds(self, factor: Float64, spread: Float64, effects: Effects | None = None) -> Odds:
        profiles = len(self.transition)
        curve = np.zeros((profiles, len(Threshold), self.months + 1, LANES), dtype=np.uint64)
        step = np.empty((LANES, profiles, self.months + 1, PERFORMING - 1, STATES), dtype=np.uint64)
        odds = Odds(curve, step)
        for w in range(LANES):
            adjustment = self._adjustment(effects, w)
            condition(self.transition, self.z, factor[w], spread[w], self.pull, adjustment, odds, w)
        return odds

    def _finished(self, work: Int64, factor: Float64) -> Int64:
        flows = np.zeros((LANES, self.months + 1, len(PoolField)), dtype=np.int64)
        multiple = np.ones((LANES, self.months + 1))
        for k, sensitivity in enumerate(self.sensitivity):
            multiple[:, 1:] += sensitivity * factor[:, k]
        np.maximum(0.0, multiple, out=multiple)
        for w in range(LANES):
            finish_lane(self.base, work[w], self.recovery, multiple[w], flows[w])
        return flows

    def _hang_on_factors(self, pool: Collateral, plan: GroupTerms) -> None:
        """Thresholds of the odds, each profile's loadings, and the shift that recentres it."""
        require_factors(self.scenario)
        factors = list(self.scenario.systematic.values())
        self.first_factor = factors[0] if factors else None
        self.sensitivity = [factor.recovery_sensitivity for factor in factors] or [0.0]
        self.z = np.zeros_like(self.transition)
        fill_thresholds(self.transition, (factors[0].degrees or 0) if factors else 0, self.z)
        self.pull = np.zeros((2 + max(1, len(factors)), len(self.transition)))
        given, segments = pool.assumptions(self.scenario), len(self.segments.rows)
        found = np.stack([pull_of(self.scenario.systematic, own.correlation_pct) for own in given], axis=1)
        for s in range(segments):
            self.pull[:, plan.groups.profile * segments + s] = found[:, plan.groups.cell]
        stay = _stay(self.book, len(self.transition), segments, self.months)
        balance = _scheduled(self.book, stay, segments)
        self.pull[1] = recentring(factors, self.pull, self.transition, self.z, stay, balance)

    def _opening_defaults(self, pool: Collateral, tables: Tables) -> None:
        """What is in default at the cut-off: its balance by recovery cell, and the interest it would have paid."""
        unit = pool.unit
        for g in np.flatnonzero(tables.bucket >= PERFORMING):
            cell, table = tables.cell[g], tables.table[g] // unit
            self.opening_default[cell] += table[ContractField.BALANCE, 0]
            last = min(int(self.recovery.last[cell]), self.months, table.shape[1] - 1)
            self.opening_lost[1 : last + 1] += table[ContractField.INTEREST, 1 : last + 1]
        self.base[PoolField.LOST_INTEREST] += self.opening_lost


def vintage_sample(pool: Collateral, loans: int, seed: int) -> Collateral:
    """Obligors drawn from a pool by its weights until they have about `loans` loans: equal steps from a random start.

    An obligor's chance goes with the mean weight of its loans. One that is drawn again gets keys of its own.
    """
    tape = pool.tape
    _, obligor = np.unique(tape.obligor_key, return_inverse=True)
    size = np.bincount(obligor)
    chance = np.ones(len(size)) if pool.weights is None else np.bincount(obligor, pool.weights) / size
    draws = max(1, round(loans * len(size) / len(tape)))
    upper = np.cumsum(chance)
    point = (np.arange(draws) + draw_uniform(np.uint64(seed), draws)) * (upper[-1] / draws)
    drawn = np.minimum(np.searchsorted(upper, point, side="right"), len(size) - 1)
    copy = np.arange(draws) - np.searchsorted(drawn, drawn)
    by_obligor = np.argsort(obligor, kind="stable")
    first = np.concatenate([[0], np.cumsum(size)])
    count = size[drawn]
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    index = by_obligor[np.repeat(first[drawn], count) + place]
    again = np.repeat(copy, count).astype(np.uint64)
    sample = tape.take(index)
    keys = [np.where(again == 0, key, mix(key ^ mix(again))) for key in (sample.obligor_key, sample.loan_key)]
    return Collateral(replace(sample, obligor_key=keys[0], loan_key=keys[1]), pool.settings, None, pool.threads)


def _book(
    pool: Collateral, scenario: Scenario, tables: Tables, plan: GroupTerms, segments: Partition
) -> tuple[Book, Int64]:
    """Obligors by profile and key, with their orders that perform and have a balance; and the largest loan of each.

    Every profile of the plan is there once for each segment of the policies.
    """
    tape = pool.tape
    kept = np.flatnonzero((pool.bucket < PERFORMING) & (tape.balance > 0))
    keys, owner = np.unique(tape.obligor_key[kept], return_inverse=True)
    largest = kept[_last_of(owner, np.lexsort((tape.balance[kept], owner)))]
    profile = plan.groups.profile[tables.group] * len(segments.rows) + segments.cell
    rank = np.argsort(profile[largest], kind="stable")
    place = np.empty_like(rank)
    place[rank] = np.arange(len(rank))
    loans = np.lexsort((kept, place[owner]))
    index, owner = kept[loans], place[owner[loans]]
    order = np.zeros(len(index), dtype=CONTRACT)
    order["key"] = tape.loan_key[index]
    order["bucket"] = pool.bucket[index]
    obligor = np.zeros(len(keys), dtype=OBLIGOR)
    obligor["key"] = keys[rank]
    obligor["count"] = np.bincount(owner, minlength=len(keys))
    obligor["first"] = np.cumsum(obligor["count"]) - obligor["count"]
    obligor["profile"] = profile[largest][rank]
    curve = _curves(pool, scenario, index, order)
    bucket, due = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
    np.maximum.at(bucket, owner, order["bucket"])
    np.maximum.at(due, owner, order["term"] - order["bucket"])
    obligor["bucket"], obligor["last_due"] = bucket, due
    order["profile"] = profile[index]
    order["cell"] = plan.groups.cell[tables.group[index]]
    order["lag"] = plan.recovery.last[order["cell"]]
    order["penalty"] = plan.recovery.penalty[order["cell"]]
    return Book(obligor, order, curve), largest[rank]


def _last_of(owner: Int64, order: Int64) -> Int64:
    """The last in `order` (sorted by owner) of each owner."""
    found: Int64 = order[np.flatnonzero(np.diff(owner[order], append=-1))]
    return found


def _curves(pool: Collateral, scenario: Scenario, index: Int64, order: np.ndarray) -> npt.NDArray[np.int64]:
    """Schedules of the orders that need one."""
    contracts = contracts_of(pool.tape, replace(pool.settings, rounded=True), scenario)
    schedule = np.zeros((len(ContractField), longest_term(pool.tape) + 1), dtype=np.int64)
    size = describe_orders(contracts, index, schedule, order)
    fields = len(ContractField) if contracts.hurdle_rate > 0.0 else int(ContractField.ADJUSTED)
    curve = np.zeros((fields, size), dtype=np.int64)
    fill_curves(contracts, index, schedule, order, curve)
    require_paid(pool.tape, contracts)
    return curve


def _stay(book: Book, profiles: int, segments: int, months: int) -> Float64:
    """(R, M) share of a profile's obligors with an instalment due in a month that have another one after it.

    Segments of a profile share it: policies change no odds but those they multiply.
    """
    found = np.ones((profiles, months))
    for r in range(profiles):
        mine = book.obligor["profile"] // segments == r // segments
        due = np.minimum(book.obligor["last_due"][mine], months)
        after = len(due) - np.cumsum(np.bincount(np.maximum(due, 0), minlength=months + 1))
        before = np.concatenate([[len(due)], after[:-1]])[1:]
        found[r] = np.divide(after[1:], before, out=np.zeros(months), where=before > 0)
    return found


def _scheduled(book: Book, stay: Float64, segments: int) -> Float64:
    """(R, M) what an obligor of a profile owes on schedule before each month, if it owes anything / at the start.

    To four digits, so that profiles which differ by the rounding of cents are alike.
    """
    profile = np.repeat(book.obligor["profile"], book.obligor["count"]) // segments
    months = stay.shape[1]
    left = np.concatenate([np.ones((len(stay), 1)), np.cumprod(stay, axis=1)], axis=1)[:, :months]
    found = np.zeros_like(left)
    for r in range(len(stay)):
        flow = np.zeros((len(PoolField), months + 1), dtype=np.int64)
        base_flow(book._replace(order=book.order[profile == r // segments]), flow)
        owed = flow[PoolField.CLOSING_BALANCE, :months] / max(1, flow[PoolField.CLOSING_BALANCE, 0])
        np.divide(owed, left[r], out=found[r], where=left[r] > 0.0)
    return np.round(found, 4)
