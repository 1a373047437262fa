"""Regimes that nothing leads to, and effects of triggers that change nothing, are told; those that act are not."""

from __future__ import annotations

import pytest

from abssim.program.notice_regimes import regime_notices
from tests.engine.small import REST, small

PAID = "{name: paid, rule: pay_in_full, source: cash, payees: [A, B]}"
OTHER = f"[{PAID}, {REST}]"
FLOWS = ["{interest: 10}"]
TRIGGER = 'triggers: {t: {when: "pool.balance < 1000", effect: %s}}'
FIVE = ", revolving_periods: 5"
"""All dates to 15 June 2025."""


def told(
    *parts: str, regime: str = "amortization", more: str = "", dates: str = "", final: str = "2025-06-15"
) -> list[str]:
    steps = [PAID, f"{REST}\n  {more}: {OTHER}" if more else REST]
    compiled = small(steps, FLOWS, *parts, regime=regime, dates=dates, legal_final=final)
    return list(regime_notices(compiled.deal, compiled.dates))


@pytest.mark.parametrize("regime", ["early_amortization", "enforcement"])
def test_a_waterfall_that_no_trigger_leads_to(regime: str) -> None:
    line = f"waterfalls.{regime}: without effect, no trigger has effect: {regime}"
    assert told(more=regime) == [line]
    assert told(TRIGGER % regime, more=regime) == []


def test_a_milder_waterfall_stands_in_for_one_that_is_missing() -> None:
    assert told(TRIGGER % "enforcement", more="early_amortization") == []
    assert told(regime="revolving") == []
    assert told(regime="revolving", more="amortization") == [
        "waterfalls.revolving: without effect, no payment date revolves (dates.revolving_periods is 0)"
    ]


def test_amortization_that_never_begins() -> None:
    line = (
        "waterfalls.amortization: without effect, every payment date revolves (dates.revolving_periods is 5), and no "
        "trigger or call ends that"
    )
    assert told(regime="revolving", more="amortization", dates=FIVE) == [line]
    for part in (TRIGGER % "early_amortization", 'calls: {c: {when: "pool.factor < 1"}}'):
        assert told(part, regime="revolving", more="amortization", dates=FIVE) == []
    assert told(regime="revolving", more="amortization", dates=FIVE, final="2025-07-15") == []


def test_effects_of_triggers_that_change_nothing() -> None:
    found = {effect: told(TRIGGER % effect) for effect in ("amortization", "enforcement")}
    assert found == {
        "amortization": ["triggers.t.effect: amortization has no effect, nothing revolves"],
        "enforcement": ["triggers.t.effect: enforcement has no effect, there is no waterfalls.enforcement"],
    }
    assert told(TRIGGER % "enforcement", "definitions: {enforced: regime.enforcement}") == []
