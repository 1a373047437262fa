"""Small deals for tests: a servicer's figures, notes, and a waterfall given as text."""

from __future__ import annotations

from typing import Any

from abssim.deal.load import parse_deal
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.result import RunResult
from abssim.scenario.scenario import Scenario
from tests.engine.naive_compare import compare

QUIET = Scenario(name="quiet", reason="nobody prepays, nobody defaults")

DEAL = """
name: small
currency: USD
dates: {{cut_off: {cut_off}, closing: {closing}, payment_day: 15, legal_final: {legal_final}{dates}}}
{pools}
{parts}
holders: [seller]
waterfalls:
  {regime}:
    {steps}
"""
NOTES = "notes: {A: {balance: 1000}, B: {balance: 500}}"
CASH = "accounts: {cash: {collects: all}}"
TWO_POOLS = (
    "pools: {p: {opening_balance: 2, collections: [{interest: 1}]}, q: {opening_balance: 1, collections: [{fee: 1}]}}"
)
REST = "{name: rest, rule: pay_remainder, source: cash, payees: [seller]}"
LATER = '{name: later, rule: pay_in_full, source: cash, payees: [A, B], when: "period > 99"}'
"""Repays both notes on no date of these deals: a note that no step pays would be refused."""


def small(
    steps: list[str],
    collections: list[str],
    *parts: str,
    opening: float = 1500,
    dates: str = "",
    notes: str = NOTES,
    regime: str = "amortization",
    cut_off: str = "2025-01-01",
    closing: str = "2025-01-15",
    pools: str = "",
    legal_final: str = "2030-01-15",
) -> CompiledDeal:
    """A compiled deal; `parts` are further top-level lines, accounts included where there is more than `cash`."""
    accounts = () if any(part.startswith("accounts") for part in parts) else (CASH,)
    text = DEAL.format(
        dates=dates,
        cut_off=cut_off,
        closing=closing,
        regime=regime,
        legal_final=legal_final,
        pools=pools or f"pools: {{p: {{opening_balance: {opening}, collections: [{', '.join(collections)}]}}}}",
        parts="\n".join((notes, *accounts, *parts)),
        steps="\n    ".join(f"- {step}" for step in steps),
    )
    return compile_deal(parse_deal(text))


def outcome(*arguments: Any, **options: Any) -> RunResult:
    """A small deal's result, equal to the twin's."""
    return compare(small(*arguments, **options), QUIET)
