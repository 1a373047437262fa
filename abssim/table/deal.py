"""The head of a run: deal, pool, scenario and what identifies them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from abssim.amount import exact
from abssim.engine.state import block
from abssim.guard import in_lines
from abssim.kind.pool import PoolField
from abssim.result import RunResult
from abssim.table.grid import listing
from abssim.table.setting import setting_facts

Fact = tuple[str, str]

_SUMMARY = {
    "loans": ("Loans", 1, 0),
    "obligors": ("Obligors", 1, 0),
    "price": ("Price of the pool, % of balance", 100, 3),
    "fee_rate": ("Fees of a year, % of balance", 100, 3),
    "rate": ("Weighted average rate, %", 100, 3),
    "remaining_term": ("Weighted average remaining term, months", 1, 1),
    "age": ("Weighted average age, months", 1, 1),
    "rows_dropped": ("Rows dropped", 1, 0),
}
"""Label, factor and decimals of what the tape's summary says."""
_BALANCES = {"non_performing": "In default at the cut-off", "dropped_balance": "Balance of these rows"}


def deal_header(results: Sequence[RunResult]) -> RenderableType:
    """Name, pool, scenarios, dates and fingerprint in two columns."""
    first = results[0]
    facts = [*_pool(first), *(_scenario(result) for result in results)]
    facts += [*setting_facts(first.settings), *_dates(first)]
    if len(results) == 1:
        facts.append(_fingerprint(first))
    return Group(Text(in_lines(first.deal_name), style="bold"), listing(facts))


def _pool(result: RunResult) -> list[Fact]:
    money, summary = exact(result.currency), result.tape_summary
    pool = int(block(result.initial, result.layout, "pool")[0, PoolField.CLOSING_BALANCE])
    facts = [(f"Pool balance, {result.currency}", money.text(pool))]
    for key, (label, factor, decimals) in _SUMMARY.items():
        if key in summary and (summary[key] or decimals):
            facts.append((label, f"{factor * summary[key]:,.{decimals}f}"))
    for key, label in _BALANCES.items():
        if summary.get(key):
            facts.append((f"{label}, {result.currency}", money.text(int(summary[key]))))
    return facts


def _scenario(result: RunResult) -> Fact:
    reason = f": {result.scenario_reason}" if result.scenario_reason else ""
    return "Scenario", result.scenario_name + reason


def _dates(result: RunResult) -> list[Fact]:
    dates = result.dates
    ends = f"{dates.payment[0].isoformat()} to {dates.payment[result.periods - 1].isoformat()}"
    pools = ", ".join(f"{name} {day.isoformat()}" for name, day in dates.pool_cut_offs)
    return [
        ("Cut-off, closing", f"{dates.cut_off.isoformat()}, {dates.closing.isoformat()}"),
        *([("Cut-off by pool", pools)] if pools else []),
        ("Payment dates", f"{result.periods}, {ends}"),
    ]


def _fingerprint(result: RunResult) -> Fact:
    versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
    return "Fingerprint", f"{result.fingerprint[:16]} ({versions})"
