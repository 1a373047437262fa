"""Running a compiled deal under a scenario: collateral, deal kernel, checks, result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import numpy as np

from abssim.check import check_run, require
from abssim.dates import PeriodDates, accrual_periods
from abssim.engine.layout import COLLECTIONS, AccountField, PathStatus, PoolField
from abssim.engine.path import run_path
from abssim.engine.period import round_to_periods
from abssim.engine.program import AT_CLOSING, NOT_YET, STACK, DealProgram, Memory, PathArrays, Purchases
from abssim.engine.state import StateLayout, block
from abssim.errors import CompileError, EngineError, Problem
from abssim.program.compile import CompiledDeal
from abssim.program.source import GivenCollections
from abssim.program.word import names_of, note_terms, step_terms, trigger_terms
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario

Calls = Literal["exercised", "never"]


def run(
    compiled: CompiledDeal, scenario: Scenario, *, calls: Calls = "exercised", default_multiple: float = 1.0
) -> RunResult:
    """Project a deal under a scenario: one path, every date, step and account kept.

    `calls="never"` projects to maturity; `default_multiple` scales the scenario's defaults (break-even searches).
    Raises CompileError if deal and scenario do not fit, EngineError if a path cannot go on, CheckError if a
    conservation check fails.
    """
    periods = _horizon(compiled, scenario)
    program = _cut(compiled, periods, calls)
    flow = _flows(compiled, scenario, periods, default_multiple)
    purchases = _purchases(compiled, scenario, periods, default_multiple)
    _require_mapped(compiled, program, flow, purchases)
    path = _path_arrays(compiled, program, flow, _index_rates(compiled, scenario, periods))
    run_path(program, path, purchases, np.zeros_like(program.code.initial))
    _require_ok(compiled, scenario, path)
    return _result(compiled, scenario, program, path)


def _months_of(compiled: CompiledDeal, scenario: Scenario) -> int:
    """Months until the last cash of any loan the deal has or buys."""
    dates = compiled.dates
    needed = [0]
    for pool in compiled.assets.pools.values():
        if isinstance(pool, GivenCollections):
            needed.append(dates.month[min(len(pool.flow), len(dates.month)) - 1])
        else:
            needed.append(pool.months(scenario))
    bought = compiled.assets.replenishment
    last = compiled.deal.dates.revolving_periods - compiled.deal.dates.started_periods
    if bought is not None and last > 0:
        needed.append(dates.month[min(last, len(dates.month)) - 1] + bought.collateral.months(scenario))
    return max(needed)


def _horizon(compiled: CompiledDeal, scenario: Scenario) -> int:
    """T: payment dates until the last cash, at most to the legal final."""
    months = compiled.dates.month
    needed = _months_of(compiled, scenario)
    reached = next((t + 1 for t, month in enumerate(months) if month >= needed), len(months))
    return reached


def _cut(compiled: CompiledDeal, periods: int, calls: Calls) -> DealProgram:
    """The program for the first `periods` dates, without calls unless they are exercised.

    The last date is final, unless the assets are a servicer's figures that stop before the deal ends.
    """
    program = compiled.program
    date = program.date[:periods].copy()
    given = any(isinstance(pool, GivenCollections) for pool in compiled.assets.pools.values())
    date["final"][-1] = int(not given or periods == len(program.date))
    allowed = program.call_allowed[:periods]
    return program._replace(date=date, call_allowed=allowed if calls == "exercised" else np.zeros_like(allowed))


def _flows(compiled: CompiledDeal, scenario: Scenario, periods: int, multiple: float) -> np.ndarray:
    """(K, T, PoolField) collateral of the opening pools in minor units."""
    months = compiled.dates.month[:periods]
    period_of_month = np.searchsorted(np.asarray(months), np.arange(1, months[-1] + 1)).astype(np.int64)
    flow = np.zeros((len(compiled.assets.pools), periods, len(PoolField)), dtype=np.int64)
    for k, (name, pool) in enumerate(compiled.assets.pools.items()):
        if isinstance(pool, GivenCollections):
            _given(flow[k], pool)
            continue
        monthly = pool.project(scenario, months[-1], multiple)
        round_to_periods(monthly, period_of_month, pool.opening_balance, pool.opening_non_performing, flow[k])
        flow[k, :, PoolField.DISCOUNT] = _accretion(flow[k], compiled.assets.prices[name])
    return flow


def _given(flow: np.ndarray, pool: GivenCollections) -> None:
    """A servicer's figures; after the last of them the assets stay as they are."""
    reported = min(len(flow), len(pool.flow))
    flow[:reported] = pool.flow[:reported]
    stocks = slice(PoolField.CURRENT_BALANCE, PoolField.ADJUSTED_BALANCE + 1)
    flow[reported:, stocks] = flow[reported - 1, stocks]


def _accretion(flow: np.ndarray, price: float) -> np.ndarray:
    """(T,) share of the principal collected that is income of assets bought at `price` below par."""
    principal = flow[:, (PoolField.SCHEDULED_PRINCIPAL, PoolField.PREPAYMENT, PoolField.REPURCHASE)].sum(axis=1)
    booked = np.floor(np.cumsum(principal) * (1.0 - price)).astype(np.int64)
    return np.diff(booked, prepend=0)


def _purchases(compiled: CompiledDeal, scenario: Scenario, periods: int, multiple: float) -> Purchases:
    """Profiles of the vintages a revolving period may buy; the month is counted from the first payment date."""
    bought = compiled.assets.replenishment
    if bought is None:
        return Purchases(np.zeros((1, 1, len(PoolField))), np.ones(1))
    month = compiled.dates.month
    last = month[min(periods, max(1, compiled.deal.dates.revolving_periods)) - 1]
    bought_at = range(month[0], last + 1)
    profile = bought.collateral.vintage_profiles(scenario, bought_at, None, multiple)
    return Purchases(profile, np.full(1, bought.price))


def _index_rates(compiled: CompiledDeal, scenario: Scenario, periods: int) -> np.ndarray:
    """(T, I) rate of each index for the accrual period of each date: its fixing, or the scenario's forward."""
    deal, dates = compiled.deal, compiled.dates
    starts = [start for start, _ in accrual_periods(dates, adjusted=False)][:periods]
    rates = np.zeros((periods, len(deal.indexes)))
    for i, (name, index) in enumerate(deal.indexes.items()):
        fixed = sorted(index.fixings_pct)
        known = [[day for day in fixed if day <= start] for start in starts]
        last = fixed[-1] if fixed else None
        forward = index.forward_pct if index.forward_pct is not None else (index.fixings_pct[last] if last else None)
        ahead = [t for t, start in enumerate(starts) if last is None or start > last]
        if ahead:
            days = [starts[t] for t in ahead]
            rates[ahead, i] = scenario.index_rates(name, days, deal.dates.cut_off, forward)
        for t, days in enumerate(known):
            if t not in ahead and days:
                rates[t, i] = index.fixings_pct[days[-1]] / 100.0
    return rates


def _require_mapped(compiled: CompiledDeal, program: DealProgram, flow: np.ndarray, purchases: Purchases) -> None:
    """Every source of cash this run produces must be mapped to an account."""
    problems = []
    deal = compiled.deal
    for k, pool in enumerate(deal.pools):
        brings = flow[k].any(axis=0)
        if k == program.revolving_pool:
            brings |= purchases.profile.any(axis=(0, 1))
        brings[PoolField.ADVANCED_PRINCIPAL] |= brings[PoolField.ADVANCED_INTEREST]
        for source, (name, field) in enumerate(COLLECTIONS.items()):
            if program.collects[k, source] < 0 and brings[field]:
                text = f"the scenario brings {name} from pool {pool}, which no account collects"
                problems.append(deal.problem("E410", ("accounts",), text, f'add "{name}" to an account\'s collects'))
    if problems:
        raise CompileError(problems)


def _path_arrays(compiled: CompiledDeal, program: DealProgram, flow: np.ndarray, rates: np.ndarray) -> PathArrays:
    """Arrays of one path, with the definitions' history and the marks at their start."""
    periods = flow.shape[1]
    values = np.zeros((program.code.history + periods, compiled.history.shape[1]))
    values[: program.code.history] = compiled.history
    marks = np.full(2 + len(program.trigger), NOT_YET, dtype=np.int64)
    marks[0] = AT_CLOSING
    if program.date[0]["regime"] != 0:
        marks[1] = AT_CLOSING
    marks[2:][[trigger.fired for trigger in compiled.deal.triggers.values()]] = AT_CLOSING
    memory = Memory(
        np.zeros((periods, program.layout.rows, program.layout.width), dtype=np.int64), values, marks, np.zeros(STACK)
    )
    claim = np.zeros((len(program.payee), 3), dtype=np.int64)
    return PathArrays(flow, rates, claim, np.zeros(3, dtype=np.int64), memory)


def _require_ok(compiled: CompiledDeal, scenario: Scenario, path: PathArrays) -> None:
    status, t, s = (int(each) for each in path.status)
    if status == PathStatus.OK:
        return
    steps = [step.name for steps in compiled.deal.waterfalls.values() for step in steps]
    place = f'step "{steps[s]}"' if s >= 0 else "an accrual, target or call price"
    what, code = ("no number", "E501") if status == PathStatus.NOT_FINITE else ("without bound", "E502")
    text = f"{place} on {compiled.dates.payment[t]} asks for an amount that is {what}"
    hint = "its expression divides by nothing: write if(x > 0, y / x, 0)"
    raise EngineError(Problem(code, f"{compiled.deal.name} / {scenario.name}", "", text, hint))


def _result(compiled: CompiledDeal, scenario: Scenario, program: DealProgram, path: PathArrays) -> RunResult:
    trace = path.memory.trace.reshape(path.flow.shape[1], -1)
    periods = _last_cash(trace, program.layout) + 1
    trace = trace[:periods]
    named = len(compiled.deal.definitions)
    values = path.memory.values[program.code.history :][:periods]
    triggers = values[:, len(program.code.definition) :].reshape(periods, len(program.trigger), 2)
    result = RunResult(
        deal_name=compiled.deal.name,
        scenario_name=scenario.name,
        scenario_reason=scenario.reason,
        currency=compiled.deal.currency,
        fingerprint=_fingerprint(compiled, scenario),
        versions=_versions(),
        dates=_first_dates(compiled.dates, periods),
        names=names_of(compiled.deal),
        notes_terms=note_terms(compiled, path.rates, periods),
        steps_terms=step_terms(compiled.deal),
        triggers_terms=trigger_terms(compiled),
        layout=program.layout,
        trace=trace,
        initial=program.code.initial.reshape(-1),
        definitions=values[:, :named],
        trigger_values=triggers,
        tape_summary=compiled.summary,
    )
    checks = check_run(result)
    require(result, checks)
    return replace(result, checks=checks)


def _last_cash(trace: np.ndarray, layout: StateLayout) -> int:
    """Last date on which an account received or paid anything, or assets were left; the first if there is none."""
    moves = (AccountField.COLLECTED, AccountField.INCOME, AccountField.PAID_IN, AccountField.PAID_OUT)
    stocks = (PoolField.CLOSING_BALANCE, PoolField.NON_PERFORMING_BALANCE)
    cash = block(trace, layout, "account")[..., moves].any(axis=(1, 2))
    assets = block(trace, layout, "pool")[..., stocks].any(axis=(1, 2))
    return int(np.flatnonzero(cash | assets).max(initial=0))


def _first_dates(dates: PeriodDates, periods: int) -> PeriodDates:
    return replace(
        dates,
        payment=dates.payment[:periods],
        unadjusted=dates.unadjusted[:periods],
        month=dates.month[:periods],
        number=dates.number[:periods],
    )


def _fingerprint(compiled: CompiledDeal, scenario: Scenario) -> str:
    """sha256 of deal, tapes and scenario."""
    content = json.dumps(scenario.model_dump(mode="json"), sort_keys=True, default=str)
    return hashlib.sha256((compiled.fingerprint + content).encode()).hexdigest()


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    found = {}
    for package in ("abssim", "numpy", "numba"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found
