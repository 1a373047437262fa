"""Results as plain sheets: typed columns and rows, which the writers turn into files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from abssim.kind.base import Kind
from abssim.kind.note import NOTE
from abssim.kind.pool import PoolField
from abssim.kind.step import STEP
from abssim.kind.table import KINDS
from abssim.measure.pool import notes_repaid, pool_measure
from abssim.measure.series import ALLOCATED, PERCENTAGES, SeriesMeasure, series_measures
from abssim.measure.termsheet import TermSheetRow, term_sheet
from abssim.measure.trigger import TriggerMeasure, trigger_measures
from abssim.money import minor_digits
from abssim.report.number import known, units
from abssim.result import RunResult
from abssim.setting import shown
from abssim.study.breakeven import Limit
from abssim.study.study import Study

Content = Literal["text", "date", "count", "money", "percent", "number"]
Value = str | date | int | float | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and what its cells are: money in currency units, percent as 5.1 for 5.1 %."""

    name: str
    kind: Content

    @property
    def key(self) -> str:
        """The heading as a name for machines."""
        return self.name.replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


SCENARIO = Column("scenario", "text")
WHEN = (SCENARIO, Column("period", "count"), Column("date", "date"))


def sheets(studies: Sequence[Study]) -> tuple[Sheet, ...]:
    """All sheets, every row led by the scenario's name."""
    runs = [study.run for study in studies]
    own = {"pool": _pool, "step": _steps, "trigger": _triggers}
    kinds = [NOTE, *(kind for kind in KINDS.values() if kind is not NOTE)]
    return (
        _term_sheet(studies),
        *(own[kind.name](runs) if kind.name in own else _by_date(kind, runs) for kind in kinds),
        *_series(runs),
        _checks(runs),
        _scenarios(studies),
    )


def _term_sheet(studies: Sequence[Study]) -> Sheet:
    names = ("balance", "share of pool pct", "subordination pct", "overcollateralization pct", "reserve pct", "ce pct")
    money = ("interest paid", "principal paid", "residual paid", "largest interest shortfall", "principal loss")
    columns = (
        *(SCENARIO, Column("class", "text"), Column("coupon", "text"), Column("day count", "text")),
        *(Column(name, "percent" if "pct" in name else "money") for name in names),
        *(Column(f"wal {name}", "number") for name in ("to call", "to maturity")),
        *(Column(f"{name} payment", "count") for name in ("first principal", "last principal")),
        *(Column(name, "date") for name in ("expected final", "legal final")),
        *(Column(name, "money") for name in money),
        *(Column("yield at par pct", "percent"), Column("modified duration", "number")),
        *(Column("first loss multiple", "number"), Column("cnl at first loss pct", "percent")),
        Column("first interest shortfall multiple", "number"),
        Column("cnl at first interest shortfall pct", "percent"),
    )
    rows = [
        (study.run.scenario_name, *_term_row(study, row))
        for study in studies
        for row in term_sheet(study.run, study.to_maturity)
    ]
    return Sheet("Term sheet", columns, tuple(rows))


def _term_row(study: Study, row: TermSheetRow) -> Row:
    note, support, currency = row.measure, row.enhancement, study.run.currency
    shares = (support.subordination, support.overcollateralization, support.reserve, support.total)
    paid = (note.interest_paid, note.principal_paid, note.residual_paid, note.interest_shortfall, note.principal_loss)
    answer = study.break_even(note.name)
    return (
        *(note.name, row.terms.coupon, row.terms.day_count, units(note.opening_balance, currency)),
        *(known(share, 100.0) for share in (row.share_of_pool, *shares)),
        *(known(study.to_call(note.wal)), known(row.wal_to_maturity)),
        *(note.window or (None, None)),
        *(note.expected_final, row.terms.legal_final),
        *(units(amount, currency) for amount in paid),
        *(known(row.yield_at_par, 100.0), known(row.modified_duration)),
        *_limit(answer.principal if answer else None),
        *_limit(answer.interest if answer else None),
    )


def _limit(limit: Limit | None) -> tuple[float | None, float | None]:
    """The default multiple, and the pool loss there."""
    return (None, None) if limit is None else (limit.multiple, known(limit.cumulative_net_loss_ratio, 100.0))


def _series(runs: Sequence[RunResult]) -> tuple[Sheet, ...]:
    """Series of a master trust and their classes, by date; nothing of deals without."""
    parts = [(run, series) for run in runs for series in series_measures(run)]
    if not parts:
        return ()
    money = (*ALLOCATED, "charge_offs", "accumulated", "subordinated_transferor", "collateral_amount")
    columns = (
        *(*WHEN, Column("series", "text")),
        *(Column(f"{name} pct".replace("_", " "), "percent") for name in PERCENTAGES),
        *(Column(name.replace("_", " "), "money") for name in money),
    )
    rows = [
        (*_when(run, t), series.terms.name, *_series_row(run, series, t))
        for run, series in parts
        for t in range(run.periods)
    ]
    amounts = ("balance", "accumulated", "nominal_liquidation_amount", "required_subordination", "subordination")
    by_class = (
        *(*WHEN, Column("series", "text"), Column("class", "text")),
        *(Column(name.replace("_", " "), "money") for name in amounts),
        Column("credit enhancement pct", "percent"),
    )
    classes = [
        (
            *(*_when(run, t), series.terms.name, key),
            *(_amount(run, float(getattr(series, name)[t + 1, k])) for name in amounts),
            known(series.credit_enhancement[t + 1, k], 100.0),
        )
        for run, series in parts
        for k, key in enumerate(series.terms.classes)
        for t in range(run.periods)
    ]
    return Sheet("Series", columns, tuple(rows)), Sheet("Series classes", by_class, tuple(classes))


def _series_row(run: RunResult, series: SeriesMeasure, t: int) -> Row:
    stocks = (
        series.charge_offs,
        series.accumulated.sum(axis=1),
        series.subordinated_transferor,
        series.collateral_amount,
    )
    return (
        *(known(series.percentages[name][t], 100.0) for name in PERCENTAGES),
        *(_amount(run, series.allocated[name][t]) for name in ALLOCATED),
        *(_amount(run, stock[t + 1]) for stock in stocks),
    )


def _amount(run: RunResult, minor: float) -> float | None:
    """Currency units, rounded to the minor unit; None where there is none."""
    return units(round(minor), run.currency) if math.isfinite(minor) else None


def _by_date(kind: Kind, runs: Sequence[RunResult], title: str = "") -> Sheet:
    """All figures of all things of a kind."""
    columns = (*WHEN, Column(kind.name, "text"), *(Column(name.replace("_", " "), "money") for name in kind.words()))
    rows: list[Row] = [
        (*_when(run, t), name, *(units(int(amount), run.currency) for amount in run.flow(kind.name)[t, i]))
        for run in runs
        for i, name in enumerate(run.names[kind.name])
        for t in range(run.periods)
    ]
    return Sheet(title or kind.plural.capitalize(), columns, tuple(rows))


def _steps(runs: Sequence[RunResult]) -> Sheet:
    return _by_date(STEP, runs, "Waterfall")


def _pool(runs: Sequence[RunResult]) -> Sheet:
    measures = [pool_measure(run) for run in runs]
    ratios = list(vars(measures[0]))
    columns = (
        *WHEN,
        *(Column(f.name.lower().replace("_", " "), "money") for f in PoolField),
        *(Column(f"{name.replace('_', ' ')} pct", "percent") for name in ratios),
    )
    rows = [
        (
            *_when(run, t),
            *(units(int(run.pool_flow[t, 0, f]), run.currency) for f in PoolField),
            *(known(float(getattr(measure, name)[t]), 100.0) for name in ratios),
        )
        for run, measure in zip(runs, measures, strict=True)
        for t in range(run.periods)
    ]
    return Sheet("Pool", columns, tuple(rows))


def _triggers(runs: Sequence[RunResult]) -> Sheet:
    names = ("threshold", "actual", "cushion")
    columns = (
        *(*WHEN, Column("trigger", "text"), Column("condition", "text"), Column("effect", "text")),
        *(Column(name, "number") for name in names),
        Column("status", "text"),
    )
    rows = [
        (
            *(*_when(run, t), measure.terms.name, measure.terms.condition, measure.terms.effect),
            *trigger_figures(run, measure, t),
            measure.status(t),
        )
        for run in runs
        for measure in trigger_measures(run)
        for t in range(run.periods)
    ]
    return Sheet("Triggers", columns, tuple(rows))


def trigger_figures(run: RunResult, measure: TriggerMeasure, t: int) -> tuple[float | None, float | None, float | None]:
    """Threshold, actual and cushion: currency units for amounts, decimal for ratios."""
    factor = 10.0 ** -minor_digits(run.currency) if measure.terms.is_amount else 1.0
    return (
        known(float(measure.threshold[t]), factor),
        known(float(measure.actual[t]), factor),
        known(float(measure.cushion[t]), factor),
    )


def _checks(runs: Sequence[RunResult]) -> Sheet:
    columns = (
        *(SCENARIO, Column("check", "text"), Column("must hold", "text"), Column("tested", "count")),
        *(Column("largest difference", "money"), Column("result", "text")),
    )
    rows = [
        (
            run.scenario_name,
            c.name,
            c.meaning,
            c.count,
            units(c.worst, run.currency),
            "passed" if c.passed else "failed",
        )
        for run in runs
        for c in run.checks
    ]
    return Sheet("Checks", columns, tuple(rows))


def _scenarios(studies: Sequence[Study]) -> Sheet:
    columns = (
        *(SCENARIO, Column("reason", "text"), Column("fingerprint", "text"), Column("payment dates", "count")),
        *(Column("cumulative net loss pct", "percent"), Column("cumulative default pct", "percent")),
        Column("cumulative net loss when notes are repaid pct", "percent"),
    )
    told = any(study.run.settings for study in studies)
    rows: list[Row] = []
    for study in studies:
        run, measure = study.run, pool_measure(study.run)
        repaid, loss = notes_repaid(run), measure.cumulative_net_loss_ratio
        ratios = (loss[-1], measure.cumulative_default_ratio[-1], math.nan if repaid is None else loss[repaid])
        facts = (run.scenario_name, run.scenario_reason, run.fingerprint, run.periods)
        said = (", ".join(shown(run.settings)),) if told else ()
        rows.append((*facts, *(known(float(ratio), 100.0) for ratio in ratios), *said))
    return Sheet("Scenarios", (*columns, *([Column("settings", "text")] if told else [])), tuple(rows))


def _when(run: RunResult, t: int) -> tuple[str, int, date]:
    return run.scenario_name, run.dates.number[t], run.dates.payment[t]
