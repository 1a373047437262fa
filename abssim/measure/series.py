"""Series of a master trust date by date: what each class is worth, what ranks below it, what was allocated.

Balances follow from notes, ledgers and accounts at closing and at the end of every date, as the formulas of
`abssim.deal.series_formula` do at any moment. Percentages, allocations and yields are the run's definitions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abssim.engine.state import block
from abssim.kind.account import AccountField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.result import Float64, Int64, RunResult, SeriesTerms

PERCENTAGES = ("floating_allocation", "principal_allocation", "portfolio_yield", "base_rate", "excess_spread")
ALLOCATED = ("finance_charge_collections", "principal_collections", "default_amount")


_NOISE = 1e-15
"""What floating point may leave above a whole number of units, as the language of expressions has it."""


@dataclass(frozen=True, slots=True)
class SeriesMeasure:
    """A series; amounts in minor units. `(T + 1, …)`: closing first, then the end of every date; `K` classes."""

    terms: SeriesTerms
    balance: Float64
    """(T + 1, K)"""
    accumulated: Float64
    """(T + 1, K)"""
    nominal_liquidation_amount: Float64
    """(T + 1, K)"""
    required_subordination: Float64
    """(T + 1, K), NaN of classes that require none."""
    subordinated_transferor: Float64
    """(T + 1,)"""
    charge_offs: Float64
    """(T + 1,) charge-offs and reallocated principal not reimbursed."""
    percentages: dict[str, Float64]
    """(T,) decimal, by `PERCENTAGES`."""
    allocated: dict[str, Float64]
    """(T,) by `ALLOCATED`."""

    @property
    def collateral_amount(self) -> Float64:
        """(T + 1,) the series' share of the pool."""
        total: Float64 = self.nominal_liquidation_amount.sum(axis=1) + self.subordinated_transferor
        return total

    @property
    def subordination(self) -> Float64:
        """(T + 1, K) what ranks below each class."""
        below: Float64 = self.collateral_amount[:, None] - np.cumsum(self.nominal_liquidation_amount, axis=1)
        return below

    @property
    def credit_enhancement(self) -> Float64:
        """(T + 1, K) subordination / collateral amount, decimal."""
        amount = self.collateral_amount[:, None]
        share: Float64 = np.divide(
            self.subordination, amount, out=np.full(self.balance.shape, np.nan), where=amount > 0
        )
        return share


def series_measures(result: RunResult) -> tuple[SeriesMeasure, ...]:
    """Every series of a run, in the deal's order; none of a deal without."""
    states = np.concatenate([result.initial[None], result.trace])
    return tuple(_measure(result, terms, states) for terms in result.series_terms)


def transferor_amount(result: RunResult) -> Float64:
    """(T + 1,) the seller's interest: pool and excess funding less the collateral amounts of all series."""
    states = np.concatenate([result.initial[None], result.trace])
    pool = block(states, result.layout, "pool")[:, 0, PoolField.CLOSING_BALANCE].astype(np.float64)
    if result.excess_funding:
        pool += _cash(result, states, result.excess_funding)
    return pool - sum(series.collateral_amount for series in series_measures(result))


def _measure(result: RunResult, terms: SeriesTerms, states: Int64) -> SeriesMeasure:
    notes = block(states, result.layout, "note")[:, :, NoteField.BALANCE]
    rows = [[result.names["note"].index(note) for note in each] for each in terms.classes.values()]
    balance = np.stack([notes[:, each].sum(axis=1) for each in rows], axis=1).astype(np.float64)
    accumulated = _accumulated(result, terms, states, balance)
    adjusted = balance - accumulated
    ledger = result.names["ledger"].index(f"series.{terms.name}.charge_offs")
    charged = block(states, result.layout, "ledger")[:, ledger, LedgerField.BALANCE].astype(np.float64)
    required = _required(terms, adjusted)
    held = _held(terms, adjusted, required)
    total = held + adjusted.sum(axis=1)
    senior = np.cumsum(adjusted, axis=1) - adjusted
    nominal = np.clip((total - charged)[:, None] - senior, 0.0, adjusted)
    column = {name: i for i, name in enumerate(result.names["definition"])}
    read = {name: result.definitions[:, column[f"series.{terms.name}.{name}"]] for name in PERCENTAGES + ALLOCATED}
    return SeriesMeasure(
        terms=terms,
        balance=balance,
        accumulated=accumulated,
        nominal_liquidation_amount=nominal,
        required_subordination=required,
        subordinated_transferor=np.maximum(0.0, held - charged),
        charge_offs=charged,
        percentages={name: read[name] for name in PERCENTAGES},
        allocated={name: read[name] for name in ALLOCATED},
    )


def _cash(result: RunResult, states: Int64, account: str) -> Float64:
    row = result.names["account"].index(account)
    return block(states, result.layout, "account")[:, row, AccountField.BALANCE].astype(np.float64)


def _accumulated(result: RunResult, terms: SeriesTerms, states: Int64, balance: Float64) -> Float64:
    """(T + 1, K) cash of the accumulations; one for several classes counts for the senior ones first."""
    cash = np.zeros(balance.shape)
    for key, notes in terms.accumulations.items():
        left = _cash(result, states, f"series.{terms.name}.accumulation.{key}")
        for k, each in enumerate(terms.classes.values()):
            if {*each} & {*notes}:
                taken = np.minimum(left, balance[:, k])
                cash[:, k] += taken
                left = left - taken
    return cash


def _required(terms: SeriesTerms, adjusted: Float64) -> Float64:
    """(T + 1, K) what must rank below each class: share / (1 - share) of it and its seniors, rounded up."""
    required = np.full(adjusted.shape, np.nan)
    for k, key in enumerate(terms.classes):
        if key in terms.required_subordination:
            share = terms.required_subordination[key]
            amount = adjusted[:, : k + 1].sum(axis=1) * share / (1.0 - share)
            required[:, k] = np.ceil(amount / terms.unit * (1.0 - _NOISE)) * terms.unit if terms.unit else amount
    return required


def _held(terms: SeriesTerms, adjusted: Float64, required: Float64) -> Float64:
    """(T + 1,) what the transferor must hold below the notes."""
    if not terms.held_by_transferor:
        return np.zeros(len(adjusted))
    junior = adjusted.sum(axis=1)[:, None] - np.cumsum(adjusted, axis=1)
    gaps: Float64 = np.nanmax(np.maximum(0.0, required - junior), axis=1)
    return gaps
