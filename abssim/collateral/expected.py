"""Collateral: a tape's contract tables, computed once, and the cash flows a scenario makes of them."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from abssim.collateral.cell import Assumption, Partition, Where, assumptions, coarser, conditional, partition
from abssim.collateral.contract import PoolSettings, contracts_of, left_after, longest_term, opening_bucket
from abssim.collateral.group import Detail, Tables, group_loans
from abssim.collateral.kept import Cache, kept
from abssim.collateral.multiple import Segments, steered
from abssim.collateral.particular import index_names
from abssim.collateral.transition import GroupTerms, make_plan
from abssim.engine.contract.aggregate import aggregate_contracts
from abssim.engine.contract.columns import Contracts
from abssim.engine.credit.expected import PERFORMING, Groups, project_groups
from abssim.engine.credit.restructuring import project_restructured
from abssim.engine.layout import ContractField
from abssim.kind.pool import PoolField
from abssim.policy.effect import Effects
from abssim.policy.hooks import conditions, uses
from abssim.scenario.assumption import FIRST_DEFAULT_MONTH
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape

Float64 = npt.NDArray[np.float64]

KEPT = 4
"""Cuts of the tape whose tables are kept."""


class Collateral:
    """A pool of contracts, ready to be projected under any scenario.

    Schedules are computed once per cut of the tape (which rules select which loans, and whether age matters), so a
    break-even search or a table of speeds costs them once. `weights` `(L,)` scale loans (replenishment samples).
    """

    def __init__(
        self, tape: LoanTape, settings: PoolSettings | None = None, weights: Float64 | None = None, threads: int = 0
    ) -> None:
        self.tape = tape
        self.settings = settings or PoolSettings()
        self._contracts = contracts_of(tape, self.settings)
        self._floats = bool(index_names(tape))
        self.threads = threads or min(8, os.cpu_count() or 1)
        self.bucket = opening_bucket(tape.days_past_due)
        self.weights = weights
        self._partitions: Cache[Hashable, Partition] = {}
        self._tables: Cache[Hashable, Tables] = {}
        self._left: Cache[Hashable, tuple[int, int]] = {}

    def contracts(self, scenario: Scenario) -> Contracts:
        """The contracts, floating rates as they are under the scenario."""
        if not self._floats:
            return self._contracts
        rates = self.settings.calendar.index_rates(self.tape, scenario, longest_term(self.tape))
        return self._contracts._replace(index_rate=rates)

    @property
    def unit(self) -> int:
        """Units of contract tables in a minor unit."""
        return self._contracts.unit

    @cached_property
    def opening_balance(self) -> int:
        """Performing balance at the cut-off, minor units."""
        return self._sum(self.bucket < PERFORMING)

    @cached_property
    def opening_non_performing(self) -> int:
        """Balance in default by the cut-off (91 days past due and more)."""
        return self._sum(self.bucket >= PERFORMING)

    @property
    def opening_stocks(self) -> dict[PoolField, int]:
        """Performing balance at the cut-off by arrears, and discounted (yield supplement), minor units."""
        first = PoolField.CURRENT_BALANCE
        stocks = {PoolField(first + j): self._sum(self.bucket == j) for j in range(PERFORMING)}
        supplement = 0.0
        if self.settings.hurdle_rate > 0.0:
            row = self._project(Scenario(name="opening", reason="the contracts alone"), 1, 1.0, 0)[0]
            supplement = row[PoolField.CLOSING_BALANCE] - row[PoolField.ADJUSTED_BALANCE]
        adjusted = self.opening_balance - math.floor(max(0.0, supplement) + 1e-6)
        return stocks | {PoolField.CLOSING_BALANCE: self.opening_balance, PoolField.ADJUSTED_BALANCE: adjusted}

    def _sum(self, mask: npt.NDArray[np.bool_]) -> int:
        if self.weights is None:
            return int(self.tape.balance[mask].sum())
        return round(float((self.tape.balance[mask] * self.weights[mask]).sum()))

    def months(self, scenario: Scenario) -> int:
        """Months until the last cash: the longest term, missed instalments, extensions, the last recovery."""
        lags = [rule.recovery.last for rule in scenario.assumptions if rule.recovery is not None]
        defaults = [rule.default for rule in scenario.assumptions if rule.default is not None]
        later = [PERFORMING + own.restructuring.extension_months for own in defaults if own.restructuring is not None]
        return longest_term(self.tape) + PERFORMING + max(lags, default=0) + max(later, default=0)

    def project(
        self,
        scenario: Scenario,
        months: int | None = None,
        default_multiple: float = 1.0,
        effects: Effects | None = None,
    ) -> Float64:
        """(M, PoolField) expected flows and stocks by month from the pool's cut-off, minor units, not rounded.

        `effects` (B = 1) is what policies do; by the calendar if it is left out.
        """
        return self._project(scenario, months or self.months(scenario), default_multiple, 0, effects)[1:]

    def vintage_profiles(
        self,
        scenario: Scenario,
        purchase_months: Sequence[int],
        months: int | None = None,
        default_multiple: float = 1.0,
        effects: Effects | None = None,
    ) -> Float64:
        """(V, M + 1, PoolField) of one unit of face bought at the end of each of `purchase_months` (from the cut-off).

        Flows are cumulative, stocks as they are, row 0 the purchase. V is 1 where no assumption depends on the
        calendar month: the vintages share one profile. `effects` as in `project`.
        """
        length = months or self.months(scenario)
        starts = list(purchase_months) if self.uses_month(scenario) else [0]
        flow = np.stack([self._project(scenario, length, default_multiple, start, effects) for start in starts])
        face = flow[:, 0, PoolField.CLOSING_BALANCE].copy()
        flows = [field for field in PoolField if PoolField.OPENING_BALANCE < field < PoolField.CURRENT_BALANCE]
        flow[:, :, flows] = np.cumsum(flow[:, :, flows], axis=1)
        profiles: Float64 = flow / face[:, None, None]
        return profiles

    def loan_flows(
        self, scenario: Scenario, months: int, first: int, last: int, default_multiple: float = 1.0
    ) -> Float64:
        """(last - first, M, PoolField) expected flows of each loan; they add up to `project`. Ask for chunks."""
        tables, plan = self.plan(scenario, months, default_multiple, 0)
        group, count = tables.group[first:last], last - first
        row = np.arange(count, dtype=np.int64)
        term = np.maximum(1, self.tape.remaining_term[first:last]).astype(np.int64)
        pool = plan.groups
        own = Groups(pool.cell[group], pool.profile[group], pool.bucket[group], term, pool.mass[group], row)
        table = np.zeros((count, len(ContractField), int(term.max(initial=1)) + 1), dtype=np.int64)
        place = np.full(len(self.tape), -1, dtype=np.int64)
        place[first:last] = row
        aggregate_contracts(self.contracts(scenario), place, first, last, table)
        flows: Float64 = self._flows(plan._replace(groups=own), table, months, count)[:, 1:]
        return flows

    def unmet_defaults(self, scenario: Scenario) -> float:
        """Share of the scenario's cumulative defaults that never come: the pool has amortized by then."""
        wanted, unmet = self.plan(scenario, self.months(scenario), 1.0, 0)[1].missing
        return float(unmet / wanted) if wanted > 0.0 else 0.0

    def short_lived(self, scenario: Scenario) -> float:
        """Share of the balance of loans under a lifetime PD that end before anybody can default."""
        tables = self._cut(scenario)[1]
        short = (tables.life > 0) & (tables.life < FIRST_DEFAULT_MONTH)
        balance = tables.table[:, ContractField.BALANCE, 0] * tables.mass
        return float(balance[short].sum() / balance.sum()) if short.any() else 0.0

    def outliving(self, scenario: Scenario, month: int) -> tuple[int, int]:
        """Loans whose terms end after a month from the pool's cut-off, and what their contracts leave then."""
        key = (month, self.contracts(scenario).index_rate.tobytes())
        return kept(self._left, key, lambda: left_after(self.tape, self.settings, scenario, month), KEPT)

    def assumptions(self, scenario: Scenario) -> tuple[Assumption, ...]:
        """What holds in each cell of the pool."""
        return self._cut(scenario)[0]

    def uses_month(self, scenario: Scenario) -> bool:
        """True if some assumption depends on the calendar month."""
        if any(uses(policy, "moves") for policy in scenario.acting):
            return True
        stress = scenario.stress
        curves = (stress.default, stress.prepayment, stress.recovery, stress.cure)
        moving = any(curve is not None and not curve.constant for curve in curves)
        return moving or any("month" in own.clocks for own in self._cut(scenario)[0])

    def _project(
        self,
        scenario: Scenario,
        months: int,
        default_multiple: float,
        start: int,
        effects: Effects | None = None,
    ) -> Float64:
        tables, plan = self.plan(scenario, months, default_multiple, start, effects)
        flows: Float64 = self._flows(plan, tables.table, months, 1)[0]
        return flows

    def _flows(self, plan: GroupTerms, table: npt.NDArray[np.int64], months: int, rows: int) -> Float64:
        """(rows, M + 1, PoolField) minor units, the cut-off first; opening and defaulted balances follow from flows."""
        flows = np.zeros((rows, months + 1, len(PoolField)))
        if plan.terms.shift.any():
            project_restructured(plan.groups, table, plan.transition, plan.recovery, plan.terms, flows)
        else:
            project_groups(plan.groups, table, plan.transition, plan.recovery, flows)
        flows /= float(self.unit)
        flows[:, 1:, PoolField.OPENING_BALANCE] = flows[:, :-1, PoolField.CLOSING_BALANCE]
        away = (PoolField.RECOVERY, PoolField.LOSS, PoolField.ADVANCED_PRINCIPAL)
        change = flows[:, :, PoolField.DEFAULT] - flows[:, :, away].sum(axis=2)
        change[:, 0] = flows[:, 0, PoolField.NON_PERFORMING_BALANCE]
        flows[:, :, PoolField.NON_PERFORMING_BALANCE] = np.maximum(0.0, np.cumsum(change, axis=1))
        return flows

    def plan(
        self,
        scenario: Scenario,
        months: int,
        dial: float,
        start: int,
        effects: Effects | None = None,
    ) -> tuple[Tables, GroupTerms]:
        """Groups of loans with their tables, and what the scenario makes of them in `months` from month `start` on."""
        held, tables, segments = self._cut(scenario)
        plan = make_plan(scenario, held, tables, months, start, dial)
        return tables, steered(plan, scenario, segments, start - self.settings.earlier, effects)

    def segments(self, scenario: Scenario) -> Partition:
        """The tape cut by which policies steer which loans."""
        return self._partition(_steering(scenario), scenario.name)

    def _cut(self, scenario: Scenario) -> tuple[tuple[Assumption, ...], Tables, Segments]:
        """Assumptions by cell, the tables of these cells cut by the policies, kept for scenarios with the same cut."""
        rules = [rule.where for rule in conditional(scenario)]
        parts = self._partition(rules, scenario.name)
        held = assumptions(scenario, parts.rows)
        policies = _steering(scenario)
        fine = self._partition([*rules, *policies], scenario.name)
        cell = coarser(fine.rows, parts.rows)
        aged = tuple("age" in held[c].clocks for c in cell)
        lives = tuple(held[c].uses_original_term for c in cell)
        detail = Detail(aged, lives, tuple(held[c].advances != "none" for c in cell))
        contracts = self.contracts(scenario)
        tables = kept(
            self._tables,
            (_key([*rules, *policies]), detail, contracts.index_rate.tobytes()),
            lambda: group_loans(self.tape, contracts, self.weights, fine.cell, detail, self.threads),
            KEPT,
        )
        segments = Segments(tables.cell, fine.rows[:, len(rules) :])
        return held, tables._replace(cell=cell[tables.cell]), segments

    def _partition(self, wheres: Sequence[Where], scenario: str) -> Partition:
        key = _key(wheres)
        return kept(self._partitions, key, lambda: partition(self.tape, wheres, scenario), KEPT)


def _steering(scenario: Scenario) -> list[Where]:
    """Loans whose moves each policy changes; policies that change none cut no tape."""
    return [conditions(policy) if uses(policy, "moves") else {} for policy in scenario.acting]


def _key(wheres: Sequence[Where]) -> Hashable:
    return tuple(repr(sorted(where.items())) for where in wheres)
