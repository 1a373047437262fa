"""Assumptions as arrays: monthly transition probabilities and recoveries for the collateral kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim import speed
from abssim.collateral.cell import Assumption
from abssim.engine.credit.adjust import adjust_rows, replace_prepayment, unadjusted
from abssim.engine.credit.expected import PERFORMING, STATES, LoanState
from abssim.engine.credit.recovery import Advances, RecoveryTerms
from abssim.engine.credit.restructuring import RestructuringTerms
from abssim.kind.move import Move
from abssim.scenario.assumption import FIRST_DEFAULT_MONTH, By, Default
from abssim.scenario.curve import Curve
from abssim.scenario.recovery import Recovery
from abssim.scenario.roll import RollRates
from abssim.scenario.scenario import Scenario

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

ORDERS = {"default_first": 0, "simultaneous": 1, "prepay_first": 2}
"""Codes of the competing-risk orders, as `engine.credit.expected.default_rates` reads them."""
DAYS_A_MONTH = 30.0


class Clock(NamedTuple):
    """When a cell's rates are needed."""

    ages: Int64
    """(A,) months since origination at the start."""
    lives: Int64
    """(A,) original term in months, where defaults depend on it."""
    months: int
    """M"""
    start: int
    """Months between the cut-off and the start: 0, or the month of purchase."""

    @property
    def month(self) -> Int64:
        """(1, M) month of the projection, 1 the first after the cut-off."""
        return (self.start + np.arange(1, self.months + 1, dtype=np.int64))[None, :]

    @property
    def age(self) -> Int64:
        """(A, M) month of the loan's life, 1 its first payment."""
        return self.ages[:, None] + np.arange(1, self.months + 1, dtype=np.int64)[None, :]

    def values(self, curve: Curve, by: By) -> Float64:
        """(A, M) values of a curve."""
        found = curve.at(self.age if by == "age" else self.month)
        return np.broadcast_to(found, (len(self.ages), self.months))

    def stress(self, curve: Curve | None, dial: float) -> Float64:
        """(M,) multiple by month of the projection."""
        return np.full(self.months, dial) if curve is None else dial * curve.at(self.month[0])


class Hazards(NamedTuple):
    """Monthly probabilities `(A, M)` before competition, dials and stresses included."""

    prepay: Float64
    default: Float64
    dilution: Float64
    repurchase: Float64


class Dials(NamedTuple):
    """Multiples `(M,)` of roll rates, dials and stresses together."""

    default: Float64
    """Of the moves from current to 1-30 days and to default."""
    prepay: Float64
    """Of the matrix's own prepayments."""
    cure: Float64
    """Of the moves from arrears to a better bucket."""


def prepayment_rates(assumption: Assumption, scenario: Scenario, clock: Clock) -> Float64:
    """(A, M) SMM."""
    smm = np.zeros((len(clock.ages), clock.months))
    if assumption.prepayment is not None:
        kind, curve = assumption.prepayment.kind, assumption.prepayment.curve
        value = clock.values(curve, assumption.prepayment_by) / 100.0
        if kind == "smm_pct":
            smm = value
        elif kind == "cpr_pct":
            smm = speed.monthly(value)
        elif kind == "psa_pct":
            smm = speed.monthly(speed.cpr_of_psa(value, clock.age))
        else:
            smm = speed.smm_of_abs(value, clock.age)
    return np.minimum(1.0, smm * clock.stress(scenario.stress.prepayment, scenario.prepay_multiple))


def default_multiples(scenario: Scenario, clock: Clock, dial: float) -> Float64:
    """(M,) multiple of defaults: the scenario's dial, its stress and the caller's dial."""
    return clock.stress(scenario.stress.default, scenario.default_multiple * dial)


def default_hazard(assumption: Assumption, clock: Clock, multiple: Float64) -> Float64:
    """(A, M) MDR of a rate assumption or a lifetime PD; zero for the others."""
    mdr = np.zeros((len(clock.ages), clock.months))
    if assumption.default is not None:
        kind = assumption.default.kind
        if kind in ("mdr_pct", "cdr_pct"):
            mdr = clock.values(assumption.default.curve, assumption.default_by) / 100.0
            mdr = speed.monthly(mdr) if kind == "cdr_pct" else mdr
        elif kind == "sda_pct":
            level = clock.values(assumption.default.curve, "age") / 100.0
            mdr = speed.monthly(speed.cdr_of_sda(level, clock.age))
        elif kind == "lifetime_pd_pct":
            mdr = lifetime_hazard(assumption.default, clock)
    return np.minimum(1.0, mdr * multiple)


def lifetime_hazard(default: Default, clock: Clock) -> Float64:
    """(A, M) hazard `h(a) = PD w(a) / (1 - PD W(a - 1))` in month `a` of a loan's life, `W` sums `w`.

    The timing `w` is spread over months 4 to the last of the life: nobody can be 91 days past due before.
    """
    free = FIRST_DEFAULT_MONTH - 1
    life = np.full_like(clock.lives, default.life_months) if default.life_months else clock.lives
    width = len(default.shares) / np.maximum(1, life - free)[:, None]
    chance = (default.lifetime_pd_pct or 0.0) / 100.0 * (life > free)[:, None]
    before, after = (chance * _timed(default.shares, (clock.age - free - k) * width) for k in (1, 0))
    return np.divide(after - before, 1.0 - before, out=np.zeros_like(after), where=before < 1.0)


def other_rates(assumption: Assumption, clock: Clock) -> tuple[Float64, Float64]:
    """(A, M) dilution and repurchase a month."""
    return (
        clock.values(assumption.dilution_pct, assumption.dilution_by) / 100.0,
        clock.values(assumption.repurchase_pct, assumption.repurchase_by) / 100.0,
    )


def rate_transitions(hazards: Hazards, order: str) -> Float64:
    """(A, M, 4, LoanState) matrices of an assumption by rates: no delinquency, buckets at the cut-off stay.

    Competing risks as the Bond Market Association has them; dilution and repurchase take from survivors of default.
    """
    prepay, default, dilution, repurchase = hazards
    if order == "simultaneous":
        prepay = np.minimum(prepay, 1.0 - default)
        dilution = np.minimum(dilution, 1.0 - default - prepay)
        repurchase = np.minimum(repurchase, 1.0 - default - prepay - dilution)
    else:
        survive = 1.0 - prepay if order == "prepay_first" else np.ones_like(prepay)
        default = survive * default
        left = survive - default
        dilution, left = left * dilution, left * (1.0 - dilution)
        repurchase, left = left * repurchase, left * (1.0 - repurchase)
        prepay = prepay if order == "prepay_first" else left * prepay
    found = np.zeros((*prepay.shape, PERFORMING, STATES))
    exits = (LoanState.DEFAULT, LoanState.PREPAID, LoanState.REPURCHASED, LoanState.DILUTED)
    for state, value in zip(exits, (default, prepay, repurchase, dilution), strict=True):
        found[..., state] = value[..., None]
    stay = np.maximum(0.0, 1.0 - default - prepay - dilution - repurchase)
    for i in range(PERFORMING):
        found[..., i, i] = stay
    return found


def roll_transitions(rolls: RollRates, clock: Clock, hazards: Hazards, dials: Dials, given_smm: bool) -> Float64:
    """(A, M, 4, LoanState) matrices of roll rates.

    A prepayment speed replaces the matrix's from current; else its prepayments take the dial. The dials multiply by the
    rule of `abssim.engine.credit.adjust`, before dilution and repurchase.
    """
    bands = np.searchsorted(np.asarray(rolls.ages), clock.age - 1, side="right") - 1
    matrices = np.asarray(rolls.matrices)[bands]
    found = np.zeros((*matrices.shape[:2], PERFORMING, STATES))
    found[..., : matrices.shape[-1]] = matrices
    found[..., LoanState.DPD_61_90, LoanState.RESTRUCTURED] = np.asarray(rolls.restructured)[bands]
    adjustment = unadjusted(*found.shape[:2])
    adjustment.multiple[...] = np.stack([dials.default, dials.cure, dials.prepay], axis=-1)[:, None]
    if given_smm:
        replace_prepayment(found, np.ascontiguousarray(hazards.prepay))
        adjustment.multiple[..., LoanState.CURRENT, Move.PREPAY] = 1.0
    adjust_rows(found, adjustment)
    found *= ((1.0 - hazards.dilution) * (1.0 - hazards.repurchase))[..., None, None]
    found[..., LoanState.DILUTED] = hazards.dilution[..., None]
    found[..., LoanState.REPURCHASED] = ((1.0 - hazards.dilution) * hazards.repurchase)[..., None]
    return found


def restructurings(assumptions: tuple[Assumption, ...], rows: Sequence[int]) -> RestructuringTerms:
    """Terms of restructuring by row of the transitions, of which each cell has so many `rows`."""
    given = [None if own.default is None else own.default.restructuring for own in assumptions]
    shift = [0 if each is None else PERFORMING + each.extension_months for each in given]
    multiple = [1.0 if each is None else each.redefault_multiple for each in given]
    return RestructuringTerms(np.repeat(np.asarray(shift, dtype=np.int64), rows), np.repeat(np.asarray(multiple), rows))


def monthly_shares(shares: tuple[float, ...], life: int, months: int) -> Float64:
    """(M,) share of cumulative defaults by month: `shares` (percent) over equal parts of `life` months."""
    return np.diff(_timed(shares, np.minimum(np.arange(months + 1), life) * (len(shares) / life)))


def _timed(shares: tuple[float, ...], parts: Float64) -> Float64:
    """Share of defaults that have come after so many parts of the life, in equal steps within a part."""
    points = np.concatenate([[0.0], np.cumsum(shares)]) / 100.0
    return np.asarray(np.interp(parts, np.arange(len(points)), points))


def recoveries(assumptions: tuple[Assumption, ...], scenario: Scenario, clock: Clock) -> RecoveryTerms:
    """What follows a default, by cell."""
    given = [assumption.recovery for assumption in assumptions]
    last = np.asarray([recovery.last for recovery in given], dtype=np.int64)
    ways = max(len(recovery.ways) for recovery in given)
    cash = np.zeros((len(given), ways, int(last.max()) + 1))
    cost, commission = np.zeros_like(cash), np.zeros((len(given), ways))
    for c, recovery in enumerate(given):
        for x, (placed, way) in enumerate(recovery.ways):
            lags = np.asarray(way.lag_shares[: recovery.last + 1])
            cash[c, x, : len(lags)] = placed * way.collected * lags
            cost[c, x, : len(lags)] = placed * way.cost_pct / 100.0 * lags
            commission[c, x] = way.commission_pct / 100.0
    share = cash.sum(axis=1)
    daily = np.asarray([assumption.penalty_pct_per_day / 100.0 for assumption in assumptions])
    return RecoveryTerms(
        share=share,
        part=np.divide(cash, share[:, None], out=np.zeros_like(cash), where=share[:, None] > 0.0),
        cost=cost,
        commission=commission,
        last=last,
        price=np.asarray([_price(recovery) for recovery in given]),
        penalty=daily * DAYS_A_MONTH,
        advances=np.asarray([_advances(assumption.advances) for assumption in assumptions], dtype=np.int64),
        stress=np.concatenate([[1.0], clock.stress(scenario.stress.recovery, 1.0)]),
    )


def _price(recovery: Recovery) -> float:
    return 0.0 if recovery.sale is None else recovery.sale.price_pct / 100.0


def _advances(kind: Any) -> int:
    return int(Advances[str(kind).upper()])
