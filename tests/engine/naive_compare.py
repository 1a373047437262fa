"""A deal run twice: by the kernels and by their naive twin, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isclose
from typing import Any

import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.source import GivenCollections
from abssim.deal.observable import step_key
from abssim.errors import CheckError, EngineError
from abssim.kind.base import Kind
from abssim.kind.pool import POOL, PoolField
from abssim.kind.step import STEP
from abssim.kind.table import KINDS
from abssim.policy.effect import by_calendar
from abssim.policy.hooks import NEVER
from abssim.program.compile import CompiledDeal
from abssim.program.policy import posted_cash
from abssim.program.rates import observed_rates
from abssim.projection import prepare
from abssim.projection.single import run
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario
from tests.engine.naive_deal import CLOCK, Given, Stopped, Twin
from tests.engine.naive_step import Row


def rows_of(flow: Any) -> list[Row]:
    """Rows of pool fields as dicts."""
    return [{field.name.lower(): value for field, value in zip(PoolField, row, strict=True)} for row in flow.tolist()]


def given_of(
    compiled: CompiledDeal, scenario: Scenario, calls: prepare.Calls = "exercised", first: dict[str, int] | None = None
) -> Given:
    """Collateral, rates, vintages and cash posted as `run` makes them; `first` months in effect of the policies."""
    periods = prepare.horizon(compiled, scenario)
    scenario = scenario if first is None else settled(scenario, first)
    effects = by_calendar(scenario.acting, compiled.dates.month[periods - 1], [*compiled.deal.accounts])
    flow = prepare.expected_flows(compiled, scenario, periods, 1.0, effects)
    bought = prepare.expected_purchases(compiled, scenario, periods, 1.0, effects)
    pools = compiled.assets.pools
    reported = any(isinstance(pool, GivenCollections) for pool in pools.values())
    return Given(
        dates=compiled.dates,
        flows={name: rows_of(flow[k]) for k, name in enumerate(pools)},
        rates=[
            dict(zip(compiled.deal.notes, row, strict=True))
            for row in prepare.index_rates(compiled, scenario, periods).tolist()
        ],
        profile=[rows_of(profile) for profile in bought.profile],
        price=float(bought.price[0]),
        opening={name: opening_of(pool) for name, pool in pools.items()},
        posted=[
            dict(zip(compiled.deal.accounts, row, strict=True))
            for row in posted_cash(compiled.deal, effects, 0, compiled.dates.month[:periods]).tolist()
        ],
        indexes={
            name: observed_rates(compiled.deal, compiled.dates, scenario, name).tolist()
            for name in compiled.builder.indexes
        },
        calls=calls == "exercised",
        ends=not reported or periods == len(compiled.dates.payment),
    )


def settled(scenario: Scenario, first: dict[str, int]) -> Scenario:
    """The scenario with policies that go by the calendar, in effect from those months on; 1200 is never."""
    dated = {
        name: policy.model_copy(
            update={"when": None, "lag_months": 0, "month": 1200 if first[name] == NEVER else first[name] - 1}
        )
        for name, policy in scenario.policies.items()
    }
    return scenario.model_copy(update={"policies": dated})


def opening_of(pool: Collateral | GivenCollections) -> Row:
    """Stocks before the first date."""
    stocks = {field.name.lower(): amount for field, amount in pool.opening_stocks.items()}
    return stocks | {"non_performing_balance": pool.opening_non_performing}


def compare(compiled: CompiledDeal, scenario: Scenario, calls: prepare.Calls = "exercised") -> RunResult:
    """The result of `run`, after every field of every date has been found equal to the twin's."""
    result = run(compiled, scenario, calls=calls)
    twin = Twin(compiled.deal, given_of(compiled, scenario, calls, result.policies))
    found = list(differences(twin.run(), result))
    found += list(defined(twin, result))
    assert not found, "\n".join([f"{compiled.deal.name} / {scenario.name}: {len(found)} differences", *found[:12]])
    return result


def compare_or_stop(compiled: CompiledDeal, scenario: Scenario) -> RunResult | None:
    """As `compare`; where the kernel gives up, for an amount without bound or a price below zero, so must the twin."""
    try:
        return compare(compiled, scenario)
    except CheckError:
        raise
    except EngineError as error:
        assert error.code in ("E501", "E502", "E507"), error
    with pytest.raises(Stopped):
        Twin(compiled.deal, given_of(compiled, scenario)).run()
    return None


def defined(twin: Twin, result: RunResult) -> Iterator[str]:
    """Definitions whose values differ by more than the order of a window's sum can make (all else is exact)."""
    for i, name in enumerate(result.names["definition"]):
        own = twin.reader.series[name][twin.reader.past[name] :]
        for t in range(result.periods):
            value = float(result.definitions[t, i])
            if not isclose(own[t], value, rel_tol=1e-12) and not (own[t] != own[t] and value != value):
                yield f"date {t + 1}: definition {name}: twin {own[t]!r}, kernel {value!r}"


def differences(history: Sequence[dict[str, Any]], result: Any) -> Iterator[str]:
    """Fields in which the twin's states and a result differ."""
    names = result.names
    pools = ["" if name == "all" else name for name in names["pool"]]
    steps = [(terms.regime, step_key(terms.name)) for terms in result.steps_terms]
    blocks: list[tuple[str, Sequence[Any], Kind]] = [
        (kind.name, names[kind.name], kind) for kind in KINDS.values() if kind not in (POOL, STEP)
    ]
    blocks += [("pool", pools, POOL), ("cumulative", pools, POOL)]
    for t in range(result.periods):
        for block, rows, kind in blocks:
            flow = result.flow(block)[t]
            for i, row in enumerate(rows):
                for j, field in enumerate(kind.words()):
                    yield from _compared(t, block, row, field, history[t][block][row], flow[i, j])
        for i, key in enumerate(steps):
            own = history[t]["step"][key]
            for j, field in enumerate(("due", "paid", "shortfall")):
                yield from _compared(t, "step", key, field, own, result.step_flow[t, i, j])
            for j, account in enumerate(result.sources):
                yield from _compared(t, "step", (*key, "from"), account, own["from"], result.draw_flow[t, i, j])
        for j, field in enumerate(CLOCK):
            yield from _compared(t, "clock", "", field, history[t]["clock"], result.clock[t, j])


def _compared(t: int, kind: str, row: Any, field: str, own: Row, found: Any) -> Iterator[str]:
    if own[field] != int(found):
        yield f"date {t + 1}: {kind} {row} {field}: twin {own[field]}, kernel {int(found)}"
