"""Assumptions about months that the deal does not have: recoveries after its end, curves and lives beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from abssim.collateral.expected import Collateral
from abssim.dates import months_between
from abssim.document import dotted
from abssim.node import DocumentPath
from abssim.part import is_read
from abssim.program.compile import CompiledDeal
from abssim.scenario.assumption import By, Rule
from abssim.scenario.curve import Curve
from abssim.scenario.recovery import Collection, Recovery
from abssim.scenario.scenario import Scenario

_BY_AGE = ("psa_pct", "abs_pct", "sda_pct")


class _Ends(NamedTuple):
    """The last months that anything is asked for."""

    month: int
    """Of the projection, the last that a payment date collects."""
    age: int
    """Of a loan's life, at most."""
    after_default: int
    """After a default: from the cut-off or, where no loan is in default then, from month 1 on."""


class _Said(NamedTuple):
    """A curve, and where it stands."""

    path: DocumentPath
    curve: Curve | None
    by: By = "month"


def beyond_notices(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """A line for each part of an assumption that comes after the last month it could act in."""
    name, told = f"scenario {scenario.name}", list(_rates(compiled, scenario))
    ends = _ends(compiled)
    if ends is not None:
        for i, rule in enumerate(scenario.written.assumptions):
            told += _rule(rule, ("assumptions", i), ends)
        said = [*_stresses(scenario), *_means(compiled, scenario)]
        told += [line for each in said for line in _curve(each, ends)]
    yield from (f"{name}: {line}" for line in told)


def _ends(compiled: CompiledDeal) -> _Ends | None:
    """None for a deal without loans."""
    pools = [pool for pool in compiled.assets.pools.values() if isinstance(pool, Collateral)]
    bought = compiled.assets.replenishment
    loans = [*pools, *([bought.collateral] if bought is not None else [])]
    if not loans:
        return None
    month = compiled.dates.month[-1] + max(pool.settings.earlier for pool in loans)
    age = month + max(int(np.max(pool.tape.age, initial=0)) for pool in loans)
    late = any(pool.opening_non_performing for pool in pools)
    return _Ends(month, age, month if late else month - 1)


def _rule(rule: Rule, path: DocumentPath, ends: _Ends) -> Iterator[str]:
    """Lines for one rule of the assumptions."""
    curves = [_Said((*path, name), getattr(rule, name), rule.by) for name in ("dilution_pct", "repurchase_pct")]
    for part in ("prepayment", "default"):
        given = getattr(rule, part)
        for name in type(given).model_fields if given is not None else ():
            value = getattr(given, name)
            by: By = "age" if name in _BY_AGE else rule.by
            curves += [_Said((*path, part, name), value, by)] if isinstance(value, Curve) else []
    for said in curves:
        yield from _curve(said, ends)
    default = rule.default
    if default is not None and default.is_cumulative and (default.life_months or 0) > ends.month:
        where = dotted((*path, "default", "life_months"))
        yield f"{where}: defaults of months {ends.month + 1} to {default.life_months} come after the deal's last month"
    if rule.recovery is not None:
        yield from _recovery(rule.recovery, (*path, "recovery"), ends)


def _recovery(recovery: Recovery, path: DocumentPath, ends: _Ends) -> Iterator[str]:
    """Lines for collectors and a sale: a month after default counts from the default."""
    ways = [(path, recovery), *(((*path, "channels", name), way) for name, way in recovery.channels.items())]
    for where, way in ways[1:] if recovery.channels else ways:
        yield from _collection(way, where, ends)
    sale = recovery.sale
    if sale is not None and sale.month > ends.after_default:
        yield f"{dotted((*path, 'sale', 'month'))}: {sale.month} months after any default the deal has ended"


def _collection(way: Collection, path: DocumentPath, ends: _Ends) -> Iterator[str]:
    shares = way.lag_shares
    late = [month for month, share in enumerate(shares) if share > 0.0 and month > ends.after_default]
    if not late or way.collected == 0.0:
        return
    part = sum(shares[month] for month in late)
    if part > 1.0 - 1e-9:
        yield f"{dotted(path)}: nothing is recovered, {late[0]} months after any default the deal has ended"
    else:
        yield (
            f"{dotted(path)}: {100 * part:g} % of the recovery never come, {late[0]} months after any default the deal "
            "has ended"
        )


def _stresses(scenario: Scenario) -> Iterator[_Said]:
    stress = scenario.written.stress
    yield from (_Said(("stress", name), getattr(stress, name)) for name in type(stress).model_fields)


def _means(compiled: CompiledDeal, scenario: Scenario) -> Iterator[_Said]:
    """Means of factors, where they are drawn."""
    written = scenario.written
    places: list[DocumentPath] = [("factors", name) for name in written.factors]
    for path in [*places, *([("factor",)] if written.factor is not None else [])]:
        if is_read(scenario, (*path, "mean"), compiled.reads):
            factor = written.factors[str(path[1])] if len(path) > 1 else written.factor
            yield _Said((*path, "mean"), None if factor is None else factor.mean)


def _rates(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Forwards by month beyond the last accrual period."""
    dates = compiled.dates
    first = compiled.deal.dates.cut_off + timedelta(days=1)
    last = months_between(first, dates.payment[-1]) + 1
    for name, rates in scenario.written.rates.items() if compiled.deal.indexes else ():
        forward = rates.forward_pct
        said = _Said(("rates", name, "forward_pct"), forward if isinstance(forward, Curve) else None)
        yield from _curve(said, _Ends(last, last, last))


def _curve(said: _Said, ends: _Ends) -> Iterator[str]:
    """A line for a curve whose value changes after the last month that is asked for."""
    last = ends.age if said.by == "age" else ends.month
    values = said.curve.values if said.curve is not None else ()
    changed = [month for month in range(last + 1, len(values) + 1) if values[month - 1] != values[last - 1]]
    if changed:
        whose = f"no loan comes to month {last + 1} of its life" if said.by == "age" else f"the last month is {last}"
        yield f"{dotted(said.path)}: what it says from month {changed[0]} on has no effect, {whose}"
