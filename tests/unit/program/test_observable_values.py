"""Every observable, read by a trigger at the end of a date, is the figure of the result it is named after."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from abssim.dates import month_day, year_fraction
from abssim.deal.base import day_counts
from abssim.deal.load import load_deal
from abssim.deal.observable import observables, step_key
from abssim.deal.quantity import CALENDAR
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField
from abssim.kind.fee import FeeField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.step import StepField
from abssim.kind.table import KINDS
from abssim.kind.trigger import TriggerField
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.load import parse_scenario

CASE = Path(__file__).resolve().parents[2] / "cases" / "observables.yaml"
REGIMES = ("revolving", "amortization", "early_amortization", "enforcement")

Values = npt.NDArray[Any]
Read = Callable[[str], Values]

AIMLESS = ("income.target", "principal.target")
"""Targets that nothing sets cannot be read."""
ROWS = {row.name: row for row in observables(load_deal(CASE)) if not row.name.endswith(AIMLESS)}


CHUNK = 90
"""Triggers a deal may have, less its own."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[RunResult]:
    """The case with a trigger for each observable, as many runs as it takes."""
    folder = tmp_path_factory.mktemp("observables")
    return [_run_with(folder / f"{first}.yaml", [*ROWS][first : first + CHUNK]) for first in range(0, len(ROWS), CHUNK)]


def _run_with(file: Path, names: list[str]) -> RunResult:
    lines = []
    for i, name in enumerate(names):
        read = f"if({name}, 1, 0)" if ROWS[name].dimension == "flag" else name
        lines.append(f'  read_{i}: {{when: "{read} > 0", test: end}}')
    file.write_text(CASE.read_text().replace("calls:\n", "\n".join([*lines, "calls:\n"]), 1))
    deal = load_deal(file)
    assert deal.document is not None
    return run(compile_deal(deal), parse_scenario(deal.document.part("scenario")))


def stated(result: RunResult, name: str) -> Values:
    """(T,) the figure the name stands for, from the arrays of the result."""
    if name == "excess_spread":
        return excess_spread(lambda field: stated(result, field))
    if name in CALENDAR or "year_fraction" in name:
        return _calendar(result, name)
    first, *rest = name.split(".")
    if first in ("account", "ledger"):
        first, *rest = rest
    if first == "pool":
        return _pool(result, rest)
    if first in ("note", "notes"):
        return _note(result, first, rest)
    if first in ("fee", "fees"):
        flow = result.fee_flow[:, :, FeeField[rest[-1].upper()]]
        return flow.sum(axis=1) if first == "fees" else flow[:, result.names["fee"].index(rest[0])]
    if first == "step":
        return _step(result, rest)
    if first == "trigger":
        field = TriggerField[rest[1].upper()] if len(rest) > 1 else TriggerField.ACTIVE
        return result.trigger_flow[:, [g.name for g in result.triggers_terms].index(rest[0]), field]
    if first == "index":  # the third accrual period begins on 15 March
        return np.where(np.arange(result.periods) < 2, 0.04, 0.03)
    if first in KINDS:
        return result.flow(first)[:, result.names[first].index(rest[0]), KINDS[first].enum[rest[1].upper()]]
    if first in result.names["account"]:
        return result.account_flow[:, result.names["account"].index(first), AccountField[rest[0].upper()]]
    if first in result.names["ledger"]:
        return result.ledger_flow[:, result.names["ledger"].index(first), LedgerField[rest[0].upper()]]
    regime = result.clock[:, ClockField.REGIME]
    if first == "regime":
        return regime if rest == ["number"] else (regime == REGIMES.index(rest[0])).astype(int)
    return result.clock[:, ClockField[first.upper()]]


def _calendar(result: RunResult, name: str) -> Values:
    """Days between the dates of the result; fractions of the year are the notes' business, and tested there."""
    dates = result.dates
    paid = [dates.closing, *dates.payment]
    starts = [month_day(dates.cut_off, months, dates.cut_off.day) for months in (0, *dates.month)]
    if name == "period_days":
        return np.array([(after - before).days for before, after in pairwise(paid)])
    if name == "collection_days":
        return np.array([(after - before).days for before, after in pairwise(starts)])
    if name == "days_before_payment":
        found = [(day - start).days for day, start in zip(paid, starts, strict=True)]
        return np.array([max(0, days) for days in found[:-1]])
    if name == "year_days":
        return np.array([366 if (day - timedelta(days=1)).year % 4 == 0 else 365 for day in starts[1:]])
    if name.startswith("note."):
        return result.notes_terms[result.names["note"].index(name.split(".")[1])].year_fractions
    count = next(each for each in day_counts() if re.sub(r"\W", "_", each) == name.partition(".")[2])
    (n,) = [n for n, terms in enumerate(result.notes_terms) if terms.day_count == "30/360"][:1]
    if count == "30/360":
        return result.notes_terms[n].year_fractions
    spans = pairwise([dates.closing, *dates.unadjusted])
    regular = [dates.regular_start, *dates.unadjusted[:-1]]
    final = load_deal(CASE).dates.legal_final
    return np.array([year_fraction(a, b, count, r, final) for (a, b), r in zip(spans, regular, strict=True)])


def _pool(result: RunResult, rest: list[str]) -> Values:
    item = 0 if len(rest) == 1 else result.names["pool"].index(rest[0])
    prefix = ".".join(["pool", *rest[:-1]])
    field = rest[-1]
    if field.upper() in PoolField.__members__:
        return result.pool_flow[:, item, PoolField[field.upper()]]
    plain = field.removeprefix("cumulative_").upper()
    if field.startswith("cumulative_") and plain in PoolField.__members__:
        return result.pool_cumulative[:, item, PoolField[plain]]
    if field == "months":
        return result.clock[:, ClockField.MONTHS]
    if field == "initial_balance":
        return np.full(result.periods, (135_000_000, 90_000_000, 45_000_000)[item])
    return DERIVED[field](lambda other: stated(result, other if "." in other else f"{prefix}.{other}"))


def _note(result: RunResult, first: str, rest: list[str]) -> Values:
    chosen = range(4) if first == "notes" else [result.names["note"].index(rest[0])]
    initial = sum(result.notes_terms[i].initial_balance for i in chosen)
    if rest[-1] == "initial_balance":
        return np.full(result.periods, initial)
    field = NoteField.BALANCE if rest[-1] == "factor" else NoteField[rest[-1].upper()]
    total = result.note_flow[:, chosen, field].sum(axis=1)
    return total / initial if rest[-1] == "factor" else total


def _step(result: RunResult, rest: list[str]) -> Values:
    regimes = REGIMES
    if rest[0] in REGIMES:
        regimes, rest = (rest[0],), rest[1:]
    keys = [(step.regime, step_key(step.name)) for step in result.steps_terms]
    chosen = [i for i, (regime, key) in enumerate(keys) if regime in regimes and key == rest[0]]
    if rest[1] == "from":
        return result.draw_flow[:, chosen, result.names["account"].index(rest[2])].sum(axis=1)
    return result.step_flow[:, chosen, StepField[rest[1].upper()]].sum(axis=1)


DERIVED: dict[str, Callable[[Read], Values]] = {
    "balance": lambda x: x("closing_balance"),
    "performing_balance": lambda x: x("closing_balance"),
    "defaulted_amount": lambda x: x("default"),
    "finance_charges": lambda x: x("interest") + x("fee") + x("penalty"),
    "principal_collections": lambda x: x("scheduled_principal") + x("prepayment") + x("repurchase"),
    "cumulative_net_loss": lambda x: np.cumsum(x("default") - x("recovery")),
    "factor": lambda x: x("closing_balance") / x("initial_balance"),
    "cumulative_default_ratio": lambda x: (
        np.cumsum(x("default")) / (x("initial_balance") + np.cumsum(x("purchase")))
    ),
    "npl_to_issue_ratio": lambda x: x("non_performing_balance") / 130_000_000,
    "npl_to_pool_ratio": lambda x: x("non_performing_balance") / x("closing_balance"),
    "cumulative_net_loss_ratio": lambda x: np.cumsum(x("default") - x("recovery")) / x("initial_balance"),
    "dpd_30_plus_ratio": lambda x: (x("dpd_31_60_balance") + x("dpd_61_90_balance")) / x("closing_balance"),
    "dpd_60_plus_ratio": lambda x: x("dpd_61_90_balance") / x("closing_balance"),
    "restructured_ratio": lambda x: x("restructured_balance") / x("closing_balance"),
    "payment_rate": lambda x: (
        (x("interest") + x("fee") + x("penalty") + x("scheduled_principal") + x("prepayment")) / x("opening_balance")
    ),
    "principal_payment_rate": lambda x: x("principal_collections") / x("opening_balance"),
    "portfolio_yield": lambda x: (income(x) - x("default") - x("dilution")) / x("opening_balance") * 12 / 1,
}  # fmt: skip


def income(x: Read) -> Values:
    names = ("interest", "fee", "penalty", "discount", "recovery")
    return np.asarray(sum(x(name) for name in names) - x("collection_cost"))


def excess_spread(x: Read) -> Values:
    cost = x("fees.accrued") + x("notes.accrued_interest") + x("pool.default") + x("pool.dilution")
    return np.asarray((income(lambda name: x(f"pool.{name}")) - cost) / x("pool.opening_balance") * 12)


def test_the_case_has_every_observable_there_is() -> None:
    """Every pattern of the table without a deal matches a name of the case (of series: `test_series.py`)."""
    for row in observables():
        pattern = re.sub(r"\b[A-Z]+\b", r"\\w+", re.escape(row.name))
        elsewhere = row.name.startswith(("schedule.", "series.", "transferor."))
        assert elsewhere or any(re.fullmatch(pattern, name) for name in ROWS), row.name


@pytest.mark.parametrize("name", ROWS)
def test_what_a_trigger_reads(name: str, results: list[RunResult]) -> None:
    chunk, place = divmod([*ROWS].index(name), CHUNK)
    result = results[chunk]
    column = [g.name for g in result.triggers_terms].index(f"read_{place}")
    read = result.trigger_values[:, column, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = stated(result, name).astype(np.float64)
    known = np.isfinite(wanted)
    assert read[known] == pytest.approx(wanted[known], rel=1e-12, abs=1e-12)


def test_the_case_is_not_empty(results: list[RunResult]) -> None:
    """Flows, triggers and the call of the case do happen: a name for another figure would be noticed."""
    result = results[0]
    assert [field for field in PoolField if not result.pool_flow[:, 0, field].any()] == []
    assert result.clock[-1, ClockField.CALLED] == 1
    assert set(result.clock[:, ClockField.REGIME]) == {0, 1}
    assert [field for field in NoteField if not result.note_flow[:, :, field].any()] == []
