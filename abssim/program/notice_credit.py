"""Credit assumptions that move nothing: correlations without a factor, arrears that hazards leave where they are."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.collateral.expected import Collateral
from abssim.deal.deal import Deal
from abssim.deal.expression import names_in, parse
from abssim.deal.formulas import expressions
from abssim.kind.pool import PoolField
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

_LATE = (PoolField.DPD_1_30_BALANCE, PoolField.DPD_31_60_BALANCE, PoolField.DPD_61_90_BALANCE)


def correlation_notices(scenario: Scenario) -> Iterator[str]:
    """Rules that correlate with a factor that the scenario does not have."""
    if not scenario.systematic and any(rule.correlation_pct for rule in scenario.assumptions):
        yield (
            f"scenario {scenario.name}: correlation_pct of a rule has no effect, it has no factor to correlate "
            "with; give it `factor`"
        )


def arrears_notices(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Expressions that read arrears, which stay as they are on the tape where no rule has roll rates."""
    rolls = any(rule.default is not None and rule.default.roll_rates is not None for rule in scenario.assumptions)
    pools = [name for name, pool in compiled.assets.pools.items() if isinstance(pool, Collateral) and _is_late(pool)]
    readers = [] if rolls or not pools else _readers(compiled.deal)
    if readers:
        yield (
            f"scenario {scenario.name}: arrears of pool {', '.join(pools)}, which {', '.join(readers)} read, stay as "
            "on the tape: hazards do not move them; roll_rates do"
        )


def _is_late(pool: Collateral) -> bool:
    stocks = pool.opening_stocks
    return any(stocks[field] for field in _LATE)


def _readers(deal: Deal) -> list[str]:
    """Where the deal reads arrears of its pools."""
    found = {
        f"{formula.path[0]}.{formula.path[1]}": None
        for formula in expressions(deal)
        for name in names_in(parse(formula.text))
        if any(part.startswith("dpd_") for part in name.name.split("."))
    }
    return list(found)
