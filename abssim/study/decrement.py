"""Decrement tables: a deal at prepayment speeds, to call and to maturity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from abssim.errors import AbssimError, Problem
from abssim.measure import decrement as measure
from abssim.measure.call import End
from abssim.measure.decrement import Decrement
from abssim.scenario.assumption import Default, Prepayment, Rule
from abssim.scenario.scenario import Scenario, override
from abssim.study.choice import require_choice
from abssim.study.compiled import DealLike, as_compiled
from abssim.study.ends import both_ends
from abssim.study.loans import require_loans
from abssim.study.notes import require_notes
from abssim.study.scenarios import ScenarioLike, choose_scenario
from abssim.study.told import told

KINDS = ("abs", "cpr", "smm", "psa")


def decrement(
    deal: DealLike,
    speed: str,
    *,
    notes: Sequence[str] | None = None,
    scenario: ScenarioLike | None = None,
    end: End = "call",
    settings: Mapping[str, Any] | None = None,
) -> Decrement:
    """Percent of initial balance outstanding by date at speeds such as `"abs:0.5,1.0,1.3"`, with lives to both ends.

    Nobody defaults, as documents print it, unless a `scenario` is named, whose defaults are kept. `notes` are all by
    default; `end` says which runs the cells are of; `settings` are values of the scenario by path.
    Raises AbssimError E003, E006, E015, E551 to E554.

    >>> table = decrement("honda-2009-1", "abs:1.3", notes=["A1"])
    >>> round(table.lives[0].to_call, 2)
    0.35
    """
    kind, speeds = parse_speeds(speed)
    require_choice("end", end, End)
    compiled = as_compiled(deal)
    require_notes(compiled.deal, notes or ())
    require_loans(compiled, "--speed")
    base = choose_scenario(compiled, scenario, settings)
    runs = {value: both_ends(compiled, at_speed(base, kind, value, scenario is None)) for value in speeds}
    told(compiled, [pair.to_call for pair in runs.values()])
    to_call = {value: pair.to_call for value, pair in runs.items()}
    to_maturity = {value: pair.to_maturity for value, pair in runs.items()}
    return measure.decrement(kind, to_call, to_maturity, notes, end, "" if scenario is None else base.name)


def parse_speeds(text: str) -> tuple[str, list[float]]:
    """`abs:0.5,1.0` as its kind and numbers."""
    kind, colon, values = text.partition(":")
    hint = "write abs:0.5,1.0,1.3"
    if not colon or kind.lower() not in KINDS:
        raise AbssimError(
            Problem("E003", text, "--speed", "no kind of speed before the colon", f"known: {', '.join(KINDS)}")
        )
    try:
        speeds = [float(value) for value in values.split(",")]
    except ValueError:
        raise AbssimError(Problem("E003", text, "--speed", "not a list of numbers", hint)) from None
    highest = 10_000.0 if kind.lower() == "psa" else 100.0
    if not all(0.0 <= value <= highest for value in speeds):
        raise AbssimError(Problem("E003", text, "--speed", f"a speed is a percentage from 0 to {highest:g}", hint))
    return kind.lower(), list(dict.fromkeys(speeds))


def at_speed(base: Scenario, kind: str, speed: float, lossless: bool) -> Scenario:
    """`base` with everyone prepaying at `speed`; if `lossless`, with nobody defaulting, returning or in arrears."""
    rule: dict[str, object] = {"prepayment": Prepayment.model_validate({f"{kind}_pct": speed})}
    if lossless:
        rule |= {"default": Default.model_validate({"mdr_pct": 0}), "dilution_pct": 0, "repurchase_pct": 0}
    own = {
        "name": f"{'no defaults' if lossless else base.name}, {speed!r} % {kind.upper()}",
        "reason": base.reason,
        "prepay_multiple": 1.0,
        "assumptions": (Rule.model_validate(rule),),
        "stress": {"prepayment": 1},
    }
    return override(base, Scenario.model_validate(own))
