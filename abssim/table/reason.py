"""Why steps paid what they paid on a date, and what definitions, triggers and ledgers stood at."""

from __future__ import annotations

from rich.console import RenderableType

from abssim.amount import NOTHING, exact
from abssim.kind.ledger import LedgerField
from abssim.kind.step import StepField
from abssim.measure.reason import Known, known, reason
from abssim.measure.trigger import trigger_measures
from abssim.measure.waterfall import steps_in_force
from abssim.result import RunResult
from abssim.table.grid import grid
from abssim.table.number import number
from abssim.table.trigger import trigger_value

_HELD = {True: "yes", False: "no, skipped", None: "see due"}
_LIVE = (
    "Values as the step saw them; of balances, which a step reads while the waterfall pays, none is kept. A step "
    "that is skipped owes nothing."
)


def reason_tables(result: RunResult, t: int) -> list[RenderableType]:
    """Conditions with their values; what was short and where it was to come from."""
    steps = steps_in_force(result, t)
    found = [each for s in steps if (each := reason(result, t, s)) is not None]
    rows = [[r.step, r.condition, "\n".join(_seen(result, each) for each in r.known), _HELD[r.held]] for r in found]
    parts = []
    if rows:
        columns = ["Step", "Only if", "Values", "Held"]
        parts.append(grid("Conditions", columns, rows, words=4, wrap=(0, 1, 2), caption=_LIVE))
    short = [[result.steps_terms[s].name, result.steps_terms[s].description] for s in steps if _short(result, t, s)]
    if short:
        caption = "Nothing more was there, or allowed by a cap: see the accounts below."
        parts.append(grid("Fell short", ["Step", "What it was to do"], short, words=2, wrap=(0, 1), caption=caption))
    return parts


def _short(result: RunResult, t: int, step: int) -> bool:
    return bool(result.step_flow[t, step, StepField.SHORTFALL])


def _seen(result: RunResult, each: Known) -> str:
    return f"{each.name} {_text(result, each)}"


def _text(result: RunResult, each: Known) -> str:
    if each.value is None:
        return NOTHING
    if each.dimension == "flag":
        return "yes" if each.value else "no"
    if each.dimension == "amount":
        return exact(result.currency).text(round(each.value))
    return f"{each.value:g}" if float(each.value).is_integer() else number(each.value, 6)


def state_tables(result: RunResult, t: int) -> list[RenderableType]:
    """Triggers, definitions and ledgers on a date, where the deal has any."""
    money, parts = exact(result.currency), []
    if measures := trigger_measures(result):
        rows = []
        for measure in measures:
            figures = (measure.threshold[t], measure.actual[t], measure.cushion[t])
            values = [trigger_value(measure, float(value), result.currency) for value in figures]
            rows.append([measure.terms.name, measure.status(t), *values])
        parts.append(grid("Triggers", ["Trigger", "Status", "Threshold", "Actual", "Cushion"], rows, words=2))
    if names := result.names["definition"]:
        rows = [[name, _text(result, known(result, t, name))] for name in names]
        parts.append(grid(f"Definitions, amounts in {result.currency}", ["Definition", "Value"], rows))
    if ledgers := result.names["ledger"]:
        flow = result.ledger_flow[t]
        rows = [[name, *(money.text(int(flow[i, field])) for field in LedgerField)] for i, name in enumerate(ledgers)]
        columns = ["Ledger", *(field.name.replace("_BALANCE", "").capitalize() for field in LedgerField)]
        parts.append(grid(f"Ledgers, {money.unit}", columns, rows))
    return parts
