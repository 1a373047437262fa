"""A scenario's arrays for the groups of a pool: what the projection kernel reads beside the contract tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.cell import Assumption
from abssim.collateral.group import Tables
from abssim.collateral.hazard import (
    ORDERS,
    Clock,
    Dials,
    Hazards,
    default_hazard,
    default_multiples,
    monthly_shares,
    other_rates,
    prepayment_rates,
    rate_transitions,
    recoveries,
    restructurings,
    roll_transitions,
)
from abssim.engine.credit.expected import PERFORMING, Groups, default_rates
from abssim.engine.credit.recovery import RecoveryTerms
from abssim.engine.credit.restructuring import RestructuringTerms
from abssim.engine.layout import ContractField
from abssim.scenario.scenario import Scenario

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


class GroupTerms(NamedTuple):
    """Arguments of `project_groups`, or `project_restructured`, that depend on the scenario."""

    groups: Groups
    transition: Float64
    recovery: RecoveryTerms
    terms: RestructuringTerms
    missing: Float64
    """(2,) units of cumulative defaults: those wanted, and those for which the pool has no balance left."""


def make_plan(
    scenario: Scenario, held: tuple[Assumption, ...], tables: Tables, months: int, start: int, dial: float
) -> GroupTerms:
    """The plan of `months` from `start` months after the cut-off; `dial` multiplies defaults."""
    one = np.zeros(1, dtype=np.int64)
    clock = Clock(one, one, months, start)
    multiple = default_multiples(scenario, clock, dial)
    profile, rows = _profiles(tables, len(held))
    groups = Groups(tables.cell, profile, tables.bucket, tables.term, tables.mass, np.zeros_like(tables.cell))
    clocks = [clock._replace(ages=ages, lives=lives) for ages, lives in rows]
    pairs = list(zip(held, clocks, strict=True))
    hazards = [_hazards(assumption, scenario, own, multiple) for assumption, own in pairs]
    rates, missing = _cumulative_rates(held, groups, tables.table, hazards, scenario, multiple)
    parts = [
        _transitions(assumption, scenario, own, hazards[c], rates[c], multiple)
        for c, (assumption, own) in enumerate(pairs)
    ]
    terms = restructurings(held, [len(part) for part in parts])
    return GroupTerms(groups, np.concatenate(parts), recoveries(held, scenario, clock), terms, missing)


def _profiles(tables: Tables, count: int) -> tuple[Int64, list[Int64]]:
    """Row of the transitions for each group, and the ages and original terms (2, A) of each cell's rows."""
    profile = np.zeros(len(tables.cell), dtype=np.int64)
    by_cell: list[Int64] = []
    for c in range(count):
        mine = tables.cell == c
        rows, index = np.unique(np.stack([tables.age[mine], tables.life[mine]]), axis=1, return_inverse=True)
        profile[mine] = sum(before.shape[1] for before in by_cell) + index
        by_cell.append(rows)
    return profile, by_cell


def _hazards(assumption: Assumption, scenario: Scenario, clock: Clock, multiple: Float64) -> Hazards:
    dilution, repurchase = other_rates(assumption, clock)
    prepay = prepayment_rates(assumption, scenario, clock)
    return Hazards(prepay, default_hazard(assumption, clock, multiple), dilution, repurchase)


def _transitions(
    assumption: Assumption, scenario: Scenario, clock: Clock, hazards: Hazards, rate: Float64, multiple: Float64
) -> Float64:
    default = assumption.default
    if default is not None and default.roll_rates is not None:
        prepay = clock.stress(scenario.stress.prepayment, scenario.prepay_multiple)
        cure = clock.stress(scenario.stress.cure, scenario.cure_multiple * assumption.cure_multiple)
        given = assumption.prepayment is not None
        return roll_transitions(default.roll_rates, clock, hazards, Dials(multiple, prepay, cure), given)
    if default is not None and default.is_cumulative:
        hazards = hazards._replace(default=np.broadcast_to(rate, hazards.prepay.shape))
    return rate_transitions(hazards, scenario.competing_risks)


def _cumulative_rates(
    assumptions: Sequence[Assumption],
    groups: Groups,
    table: Int64,
    hazards: Sequence[Hazards],
    scenario: Scenario,
    multiple: Float64,
) -> tuple[Float64, Float64]:
    """(C, M) monthly default rates that spread cumulative defaults over the life of the pool; what is `missing`."""
    rates = np.zeros((len(assumptions), len(multiple)))
    target, unmet = np.zeros_like(rates), np.zeros(len(rates))
    for c, assumption in enumerate(assumptions):
        if assumption.default is not None and assumption.default.is_cumulative:
            mine = (groups.bucket < PERFORMING) & (groups.cell == c)
            opening = float((table[mine, ContractField.BALANCE, 0] * groups.mass[mine]).sum())
            life = assumption.default.life_months or int(groups.term[mine].max(initial=1))
            target[c] = assumption.cumulative_share * opening * multiple
            target[c] *= monthly_shares(assumption.default.shares, life, len(multiple))
    if target.any():
        both = [np.stack([hazard.prepay, _others(hazard, scenario)], axis=-1) for hazard in hazards]
        default_rates(groups, table, np.concatenate(both), target, ORDERS[scenario.competing_risks], rates, unmet)
    return rates, np.asarray([target.sum(), unmet.sum()])


def _others(hazard: Hazards, scenario: Scenario) -> Float64:
    """Dilution and repurchase together, as the order of competing risks adds them."""
    if scenario.competing_risks == "simultaneous":
        return hazard.dilution + hazard.repurchase
    return 1.0 - (1.0 - hazard.dilution) * (1.0 - hazard.repurchase)
