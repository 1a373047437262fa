"""Cells: which of a scenario's assumptions hold for which loans of a tape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.condition import Band, Condition
from abssim.engine.layout import Amortization
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.scenario.assumption import AdvanceKind, By, Default, Prepayment, Rule
from abssim.scenario.curve import Curve
from abssim.scenario.recovery import Recovery
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape

Int64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ZERO = Curve(values=(0.0,))
NOTHING = Recovery(rate_pct=0.0)
_SMALL = 1 << 22


@dataclass(frozen=True)
class Assumption:
    """What holds in a cell after overriding; each curve goes by the clock of the rule that gave it."""

    prepayment: Prepayment | None = None
    prepayment_by: By = "month"
    default: Default | None = None
    default_by: By = "month"
    recovery: Recovery = NOTHING
    cure_multiple: float = 1.0
    dilution_pct: Curve = ZERO
    dilution_by: By = "month"
    repurchase_pct: Curve = ZERO
    repurchase_by: By = "month"
    penalty_pct_per_day: float = 0.0
    correlation_pct: float | dict[str, float] | None = None
    advances: AdvanceKind = "none"

    @property
    def clocks(self) -> frozenset[By]:
        """Clocks that make a difference: `age` if loans of different age behave differently, `month` if the calendar
        matters, so that pools bought at different times behave differently."""
        prepay, default = self.prepayment, self.default
        curves = [(self.dilution_pct, self.dilution_by), (self.repurchase_pct, self.repurchase_by)]
        own: set[By] = set()
        if prepay is not None:
            ramp = prepay.kind in ("psa_pct", "abs_pct")
            curves.append((prepay.curve, "age" if ramp else self.prepayment_by))
            own |= {"age"} if ramp and prepay.curve.values != (0.0,) else set()
        if default is not None and default.kind in ("mdr_pct", "cdr_pct"):
            curves.append((default.curve, self.default_by))
        elif default is not None:
            seasoned = default.roll_rates is not None and len(default.roll_rates.ages) > 1
            own |= {"age"} if seasoned or default.kind in ("sda_pct", "lifetime_pd_pct") else set()
        return frozenset(own | {by for curve, by in curves if not curve.constant})

    @property
    def uses_original_term(self) -> bool:
        """True if loans of different original term default differently."""
        default = self.default
        return default is not None and default.kind == "lifetime_pd_pct" and default.life_months is None

    @property
    def cumulative_share(self) -> float:
        """Cumulative defaults as a share of the opening balance; net losses are divided by the severity."""
        if self.default is None or not self.default.is_cumulative:
            return 0.0
        if self.default.cumulative_pct is not None:
            return self.default.cumulative_pct / 100.0
        return (self.default.cumulative_loss_pct or 0.0) / 100.0 / max(1e-300, 1.0 - self.recovery.rate)


class Partition(NamedTuple):
    """A tape cut by conditions."""

    rows: Int64
    """(C, R) 1 where a cell meets a condition, in their order."""
    cell: Int64
    """(L,) cell of each loan."""


Where = Mapping[str, Condition]


def partition(tape: LoanTape, wheres: Sequence[Where], scenario: str) -> Partition:
    """Cut the tape: loans that meet the same conditions are one cell. A tape without loans has one, meeting none."""
    cell = np.zeros(len(tape), dtype=np.int64)
    rows = np.zeros((1, 0), dtype=np.int64)
    if len(tape) == 0:
        return Partition(np.zeros((1, len(wheres)), dtype=np.int64), cell)
    for where in wheres:
        cell, kept = compress(cell * 2 + where_mask(tape, where, scenario), 2 * len(rows))
        rows = np.concatenate([rows[kept // 2], (kept % 2)[:, None]], axis=1)
    return Partition(rows, cell)


def coarser(fine: Int64, coarse: Int64) -> Int64:
    """(F,) row of `coarse` (C, R) with which each row of `fine` (F, R or more columns) begins."""
    place = {row.tobytes(): c for c, row in enumerate(coarse)}
    return np.asarray([place[row.tobytes()] for row in fine[:, : coarse.shape[1]]], dtype=np.int64)


def conditional(scenario: Scenario) -> list[Rule]:
    """Rules that do not hold for all loans."""
    return [rule for rule in scenario.assumptions if rule.where]


def assumptions(scenario: Scenario, rows: Int64) -> tuple[Assumption, ...]:
    """What holds in each cell of a partition."""
    names = [id(rule) for rule in conditional(scenario)]
    return tuple(_assumption(scenario, dict(zip(names, row, strict=True))) for row in rows)


def compress(code: Int64, count: int) -> tuple[Int64, Int64]:
    """Codes in `[0, count)` renumbered without gaps, in their order, and the codes that occur."""
    if count <= _SMALL:
        present = np.bincount(code, minlength=1) > 0
        return (np.cumsum(present) - 1)[code], np.flatnonzero(present)
    kept, renumbered = np.unique(code, return_inverse=True)
    return renumbered.astype(np.int64), kept


def _assumption(scenario: Scenario, selected: dict[int, Any]) -> Assumption:
    assumption = Assumption()
    for rule in scenario.assumptions:
        if selected.get(id(rule), 1):
            assumption = _overridden(assumption, rule)
    rolls = assumption.default is not None and assumption.default.roll_rates is not None
    if assumption.advances != "none" and (rolls or not assumption.recovery.one_lag):
        message = "advances meet roll rates, or recoveries that are not of one lag, of another rule"
        raise ScenarioError(Problem("E319", scenario.name, "assumptions", message, "give advances only with rates"))
    if assumption.default is not None and assumption.default.cumulative_loss_pct and assumption.recovery.rate >= 1.0:
        message = "cumulative_loss_pct meets a recovery of 100 %: no defaults lose that much"
        hint = "give a severity, or cumulative_pct"
        raise ScenarioError(Problem("E333", scenario.name, "assumptions", message, hint))
    return assumption


def _overridden(assumption: Assumption, rule: Rule) -> Assumption:
    names = {field.name for field in fields(Assumption)}
    changes: dict[str, Any] = {}
    for name in names & set(Rule.model_fields):
        value = getattr(rule, name)
        if value is not None:
            changes[name] = value
            clock = f"{name.removesuffix('_pct')}_by"
            if clock in names:
                changes[clock] = rule.by
    return replace(assumption, **changes)


def where_mask(tape: LoanTape, where: Where, scenario: str) -> Mask:
    """The loans that meet all conditions."""
    mask = np.ones(len(tape), dtype=np.bool_)
    for column, condition in where.items():
        if column not in tape.names:
            message, hint = f'the tape has no column "{column}"', did_you_mean(column, tape.names)
            raise ScenarioError(Problem("E330", scenario, f"where.{column}", message, hint))
        if isinstance(condition, Band) and not _comparable(tape, column, condition):
            message = f'"{column}" holds no {"dates" if condition.dated else "numbers, but dates"}'
            hint = "write numbers" if condition.dated else "write dates: {min: 2026-01-01}"
            raise ScenarioError(Problem("E334", scenario, f"where.{column}", message, hint))
        mask &= condition_mask(tape, column, condition)
    return mask


def condition_mask(tape: LoanTape, column: str, condition: Condition) -> Mask:
    """The loans whose value lies in a band, or is (one of) those wanted; words without regard to case."""
    values = tape.codes(column)
    if isinstance(condition, Band):
        return _band_mask(tape, column, condition)
    wanted: Sequence[Any] = condition if isinstance(condition, tuple) else (condition,)
    words: Sequence[str] | None = tape.labels.get(column)
    if column == "amortization":
        words = [kind.name.lower() for kind in Amortization]
    if values.dtype.kind == "M":
        return np.isin(values, np.asarray([_day(value) for value in wanted]).astype(values.dtype))
    texts = {str(value).lower() for value in wanted}
    if values.dtype.kind == "S":
        return np.isin(np.char.lower(np.char.decode(values, "utf-8")), list(texts))
    if words is not None:
        return np.asarray([word.lower() in texts for word in words], dtype=np.bool_)[values]
    return np.isin(values, [_number(value) for value in wanted])


def _comparable(tape: LoanTape, column: str, band: Band) -> bool:
    """True if the column holds what the band limits: dates, numbers, or words that may be either."""
    return column in tape.labels or band.dated == (tape.codes(column).dtype.kind == "M")


def _band_mask(tape: LoanTape, column: str, band: Band) -> Mask:
    """The loans whose number or date lies in a band; words count as what they spell."""
    values = tape.codes(column)
    if column in tape.labels:
        read = _day if band.dated else _number
        values = np.asarray([read(word) for word in tape.labels[column]])[values]
    ends = [end if end is None or not band.dated else _day(end).astype(values.dtype) for end in (band.min, band.max)]
    mask = np.ones(len(values), dtype=np.bool_)
    mask &= True if ends[0] is None else values >= ends[0]
    mask &= True if ends[1] is None else values <= ends[1]
    return mask


def _day(value: Any) -> np.datetime64:
    """The day, or the first of the month, that ISO text stands for; NaT for other text."""
    try:
        return np.datetime64(str(value), "D")
    except ValueError:
        return np.datetime64("NaT", "D")


def _number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return float("nan")
