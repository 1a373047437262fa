"""Performance of the pool by period: speeds, ratios and excess spread, each with its denominator named."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from abssim.engine.state import block
from abssim.kind.clock import ClockField
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.result import RunResult
from abssim.speed import annual

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

DENOMINATORS = {
    "cumulative_default_ratio": "cumulative default / (initial + purchased)",
    "npl_to_issue_ratio": "non-performing / issue size",
    "npl_to_pool_ratio": "non-performing / current pool",
    "cumulative_net_loss_ratio": "(cumulative default - cumulative recovery) / initial pool",
}
"""The ratios that are easily taken for one another, and what each divides by."""


@dataclass(frozen=True)
class PoolMeasure:
    """(T,) arrays, one entry per period, all decimal; NaN where a denominator is zero, and where no report of the
    servicer gives what is measured."""

    factor: Float64
    """Closing balance / initial pool."""
    smm: Float64
    """Prepayment / (opening - scheduled - default), per month."""
    cpr: Float64
    mdr: Float64
    """Default / opening, per month."""
    cdr: Float64
    dpd_1_30_ratio: Float64
    """Balance 1-30 days past due / closing balance; the next two likewise."""
    dpd_31_60_ratio: Float64
    dpd_61_90_ratio: Float64
    restructured_ratio: Float64
    """Balance that is current because its plan was extended / closing balance."""
    cumulative_net_loss_ratio: Float64
    cumulative_default_ratio: Float64
    npl_to_issue_ratio: Float64
    npl_to_pool_ratio: Float64
    payment_rate: Float64
    """All collections from obligors (interest, fees and penalty, scheduled principal, prepayment) / opening."""
    principal_payment_rate: Float64
    """Principal collections (scheduled, prepayment, repurchase) / opening: what a 10-D calls the payment rate."""
    excess_spread: Float64
    """(Interest + fees + penalty + discount + recovery - its cost - fees accrued - note interest - default - dilution)
    / opening pool, a year."""


def initial_pool_balance(result: RunResult) -> int:
    """Original pool balance: what the deal states for a mid-life start, else the balance at closing."""
    stated = result.tape_summary.get("initial_balance")
    return int(stated) if stated is not None else int(block(result.initial, result.layout, "pool")[0, _CLOSING])


_MEASURED = {
    "smm": "prepayment",
    "cpr": "prepayment",
    "mdr": "default",
    "cdr": "default",
    "dpd_1_30_ratio": "dpd_1_30_balance",
    "dpd_31_60_ratio": "dpd_31_60_balance",
    "dpd_61_90_ratio": "dpd_61_90_balance",
    "cumulative_net_loss_ratio": "default",
    "cumulative_default_ratio": "default",
    "npl_to_issue_ratio": "default",
    "npl_to_pool_ratio": "default",
    "excess_spread": "default",
}
"""What must have been reported for a figure to be known."""


def pool_measure(result: RunResult) -> PoolMeasure:
    """Realized figures of the whole pool (the sum, where there are several)."""
    found = _measure(result)
    unknown = [name for name, field in _MEASURED.items() if field in result.unreported]
    return replace(found, **{name: np.full(result.periods, np.nan) for name in unknown})


def _measure(result: RunResult) -> PoolMeasure:
    flow, cumulative = result.pool_flow[:, 0], result.pool_cumulative[:, 0]
    months = result.clock[:, ClockField.MONTHS].astype(np.float64)
    opening, closing = flow[:, PoolField.OPENING_BALANCE], flow[:, _CLOSING]
    initial = initial_pool_balance(result)
    issue = sum(terms.initial_balance for terms in result.notes_terms)
    default, bad = flow[:, PoolField.DEFAULT], flow[:, PoolField.NON_PERFORMING_BALANCE]
    exposed = opening - flow[:, PoolField.SCHEDULED_PRINCIPAL] - default
    smm = _monthly(_ratio(flow[:, PoolField.PREPAYMENT], exposed), months)
    mdr = _monthly(_ratio(default, opening), months)
    finance = flow[:, [PoolField.INTEREST, PoolField.FEE, PoolField.PENALTY]].sum(axis=1)
    paid = flow[:, [PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT]].sum(axis=1)
    net = cumulative[:, PoolField.DEFAULT] - cumulative[:, PoolField.RECOVERY]
    return PoolMeasure(
        factor=_ratio(closing, initial),
        smm=smm,
        cpr=annual(smm),
        mdr=mdr,
        cdr=annual(mdr),
        dpd_1_30_ratio=_ratio(flow[:, PoolField.DPD_1_30_BALANCE], closing),
        dpd_31_60_ratio=_ratio(flow[:, PoolField.DPD_31_60_BALANCE], closing),
        dpd_61_90_ratio=_ratio(flow[:, PoolField.DPD_61_90_BALANCE], closing),
        restructured_ratio=_ratio(flow[:, PoolField.RESTRUCTURED_BALANCE], closing),
        cumulative_net_loss_ratio=_ratio(net, initial),
        cumulative_default_ratio=_ratio(cumulative[:, PoolField.DEFAULT], initial + cumulative[:, PoolField.PURCHASE]),
        npl_to_issue_ratio=_ratio(bad, issue),
        npl_to_pool_ratio=_ratio(bad, closing),
        payment_rate=_ratio(finance + paid, opening),
        principal_payment_rate=_ratio(paid + flow[:, PoolField.REPURCHASE], opening),
        excess_spread=_excess_spread(result, flow, opening, months),
    )


def life_default_rate(result: RunResult) -> float:
    """Constant default rate over the life of the pool, decimal a year: of the month's rate that defaults come to
    against the balances they came from, each counted for the months of its period."""
    flow, months = result.pool_flow[:, 0], result.clock[:, ClockField.MONTHS].astype(np.float64)
    exposed = float((flow[:, PoolField.OPENING_BALANCE] * months).sum())
    return annual(min(1.0, float(flow[:, PoolField.DEFAULT].sum()) / exposed)) if exposed > 0.0 else 0.0


def notes_repaid(result: RunResult) -> int | None:
    """Row of the date after which no note has a balance, None if some has one to the end: the pool's losses run on."""
    owed = np.flatnonzero(result.note_flow[:, :, NoteField.BALANCE].any(axis=1))
    last = int(owed[-1]) + 1 if len(owed) else 0
    return last if last < result.periods else None


_CLOSING = PoolField.CLOSING_BALANCE
_INCOME = [PoolField.INTEREST, PoolField.FEE, PoolField.PENALTY, PoolField.DISCOUNT, PoolField.RECOVERY]


def _excess_spread(result: RunResult, flow: Int64, opening: Int64, months: Float64) -> Float64:
    income = flow[:, _INCOME].sum(axis=1) - flow[:, PoolField.COLLECTION_COST]
    losses = flow[:, [PoolField.DEFAULT, PoolField.DILUTION]].sum(axis=1)
    fees = result.fee_flow[:, :, FeeField.ACCRUED].sum(axis=1)
    interest = result.note_flow[:, :, NoteField.ACCRUED_INTEREST].sum(axis=1)
    return np.asarray(_ratio(income - losses - fees - interest, opening) * 12.0 / months)


def _ratio(amount: Int64, base: Int64 | int) -> Float64:
    divisor = np.broadcast_to(np.asarray(base, dtype=np.float64), amount.shape)
    ratio = np.full(amount.shape, np.nan)
    np.divide(amount, divisor, out=ratio, where=divisor > 0)
    return ratio


def _monthly(rate: Float64, months: Float64) -> Float64:
    return np.asarray(1.0 - np.clip(1.0 - rate, 0.0, 1.0) ** (1.0 / months))
