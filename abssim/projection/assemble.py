"""From the arrays of a path that has run, assembled: a checked result with names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from abssim.check import check_run, require
from abssim.dates import PeriodDates
from abssim.document import dotted
from abssim.engine._jit.cache import cache_folder
from abssim.engine.layout import PathStatus
from abssim.engine.program import LARGEST, DealProgram
from abssim.engine.state import StateLayout, block
from abssim.errors import AmountError
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField
from abssim.kind.pool import PoolField
from abssim.policy.effect import Effects, first_months
from abssim.program.compile import CompiledDeal
from abssim.program.describe import note_terms
from abssim.projection.machine import DealMachine, Path
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario
from abssim.setting import in_words
from abssim.word import counted

_DIVIDES = "write if(x > 0, y / x, 0)"
_REASONS = {
    PathStatus.NOT_FINITE: ("E501", "is no number: something is divided by nothing", _DIVIDES),
    PathStatus.INFINITE: ("E502", "is without bound: it reads a ratio of something to nothing", _DIVIDES),
    PathStatus.TOO_LARGE: ("E502", "is beyond 10^18 minor units", "is a factor or a unit of the expression wrong?"),
}
"""Code, what is wrong with an expression, and what to do about it."""


def require_ok(compiled: CompiledDeal, scenario: Scenario, path: Path) -> None:
    """Raise AmountError if the path could not go on."""
    deal, (status, t, expression) = compiled.deal, (int(each) for each in path.status[:3])
    if status == PathStatus.OK:
        return
    when = f"under scenario {scenario.name}, on {compiled.dates.payment[t]}"
    if status == PathStatus.BEYOND:
        text, hint = f"{when} an amount is beyond {LARGEST:,} minor units", "state amounts in a larger unit"
        raise AmountError(deal.problem("E502", (), text, hint))
    code, what, hint = _REASONS[PathStatus(status)]
    raise AmountError(deal.problem(code, compiled.builder.places_of[expression], f"{when} this {what}", hint))


def sold_below_nothing(compiled: CompiledDeal, counts: np.ndarray) -> np.ndarray:
    """(…) whether a call was exercised at a price below 0, of (…, C) `counts`: a pool is not given away."""
    return np.asarray(counts[..., _prices(compiled)].any(axis=-1))


def _prices(compiled: CompiledDeal) -> list[int]:
    """What is counted of prices of calls."""
    return [c for c, each in enumerate(compiled.builder.counted) if (each.path[0], each.path[-1]) == ("calls", "price")]


def require_prices(compiled: CompiledDeal, scenario: Scenario, ready: DealMachine, path: Path) -> None:
    """Raise AmountError if a call was exercised at a price below 0."""
    below = [c for c in _prices(compiled) if path.negative[c]]
    if not below:
        return
    place = compiled.builder.counted[below[0]].path
    called = block(path.trace, ready.program.layout, "clock")[:, ClockField.CALLED]
    text = f"under scenario {scenario.name}, on {compiled.dates.payment[int(called.argmax())]} this is below zero"
    hint = "let when ask for a price above zero, or write max(0, …) if the pool may go for nothing"
    raise AmountError(compiled.deal.problem("E507", place, text, hint))


def taken_otherwise(compiled: CompiledDeal, scenario: Scenario, counts: np.ndarray) -> tuple[str, ...]:
    """What was not taken as it came out, in words: below zero, or without bound; `counts` (C,) says how often."""
    pairs = zip(compiled.builder.counted, counts.tolist(), strict=False)
    return tuple(
        f"scenario {scenario.name}: {dotted(each.path)} {each.words.format(counted(count, 'time'))}"
        for each, count in pairs
        if count
    )


def detailed(compiled: CompiledDeal, scenario: Scenario, ready: DealMachine, path: Path, effects: Effects) -> RunResult:
    """The result of a path that has run under what policies do on it (B = 1), after its checks.

    Raises AmountError if it gave the pool away, CheckError if a check failed."""
    require_prices(compiled, scenario, ready, path)
    program, names = ready.program, [policy.name for policy in scenario.acting]
    periods = _last_cash(path.trace, program.layout) + 1
    named, values = len(compiled.deal.definitions), path.values[:periods]
    triggers = values[:, len(program.code.definition) :].reshape(periods, len(program.terms["trigger"]), 2)
    result = RunResult(
        deal_name=compiled.deal.name,
        scenario_name=scenario.name,
        scenario_reason=scenario.reason,
        currency=compiled.deal.currency,
        fingerprint=fingerprint(compiled, scenario),
        settings=settings_of(compiled, scenario),
        versions=versions(),
        dates=first_dates(compiled.dates, periods),
        notes_terms=note_terms(compiled, ready.rates, periods),
        layout=program.layout,
        trace=path.trace[:periods],
        initial=program.code.initial.reshape(-1),
        definitions=values[:, :named],
        held_to_maturity=held_to_maturity(compiled, program),
        trigger_values=triggers,
        policies=dict(zip(names, first_months(effects, 1)[0].tolist(), strict=True)),
        notices=taken_otherwise(compiled, scenario, path.negative),
        tape_summary=compiled.summary,
        **ready.words,
    )
    checks = check_run(result)
    require(result, checks)
    return replace(result, checks=checks, notices=(*result.notices, *_late(result)))


def _late(result: RunResult) -> Iterator[str]:
    """Notes that are open at their legal final, and are paid later."""
    for i, terms in enumerate(result.notes_terms):
        late = result.late(i)
        if late.paid:
            yield f"scenario {result.scenario_name}: {late.words(terms, result.currency)}"


def held_to_maturity(compiled: CompiledDeal, program: DealProgram) -> bool:
    """The deal has calls, and its program as run allows none."""
    return bool(compiled.program.call_allowed.any() and not program.call_allowed.any())


def _last_cash(trace: np.ndarray, layout: StateLayout) -> int:
    """Last date on which an account received or paid anything, or assets were left; the first if there is none."""
    moves = [field for field in AccountField if AccountField.OPENING_BALANCE < field < AccountField.BALANCE]
    stocks = (PoolField.CLOSING_BALANCE, PoolField.NON_PERFORMING_BALANCE)
    cash = block(trace, layout, "account")[..., moves].any(axis=(1, 2))
    assets = block(trace, layout, "pool")[..., stocks].any(axis=(1, 2))
    return int(np.flatnonzero(cash | assets).max(initial=0))


def first_dates(dates: PeriodDates, periods: int) -> PeriodDates:
    """The first payment dates of a timeline."""
    return replace(
        dates,
        payment=dates.payment[:periods],
        unadjusted=dates.unadjusted[:periods],
        month=dates.month[:periods],
        number=dates.number[:periods],
        types=dates.types[:periods],
    )


def fingerprint(compiled: CompiledDeal, scenario: Scenario) -> str:
    """sha256 of deal, tapes and scenario, with names and versions of policies of one's own: the order of names counts
    where draws go by it."""
    content = json.dumps(scenario.model_dump(mode="json"), sort_keys=True, default=str)
    content += "".join(f" {name!r}" for name in scenario.factors)
    content += "".join(sorted(f" {own.name!r} {own.version!r}" for own in scenario.own_policies))
    return hashlib.sha256((compiled.fingerprint + content).encode()).hexdigest()


def settings_of(compiled: CompiledDeal, scenario: Scenario) -> dict[str, Any]:
    """Values that were set by path, those of the deal first."""
    return {
        in_words(place): value for document in (compiled.deal, scenario) for place, value in document.settings.items()
    }


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Of what computed the result."""
    found = {}
    for package in ("abssim", "numpy", "numba"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


def build() -> dict[str, str]:
    """What must be alike for results to be alike, bit for bit: versions, and the sources of the kernels.

    Gamma variables and Sobol points are scipy's.
    """
    return {**versions(), "scipy": version("scipy"), "kernels": cache_folder().name}
