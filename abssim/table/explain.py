"""The priority of payments in words, and one payment date line by line."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from abssim.amount import Scale, exact
from abssim.guard import in_lines
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField, Regime
from abssim.kind.note import NoteField
from abssim.kind.step import StepField
from abssim.measure.waterfall import steps_in_force
from abssim.result import Int64, RunResult
from abssim.table.grid import WIDTH, grid, listing, stack
from abssim.table.number import day, fit
from abssim.table.reason import reason_tables, state_tables
from abssim.table.setting import setting_parts


def priority_of_payments(result: RunResult) -> RenderableType:
    """The series of a trust, then every waterfall step by step, in words."""
    parts: list[RenderableType] = [Text(in_lines(result.deal_name), style="bold"), *setting_parts(result.settings)]
    for series in result.series_terms:
        words = listing([(words,) for words in series.description])
        parts.append(Group(Text(f"Series {series.name}", style="bold"), words))
    for regime, steps in itertools.groupby(result.steps_terms, key=lambda step: step.regime):
        rows = [(f"{i}.", step.name, step.description) for i, step in enumerate(steps, start=1)]
        title = Text(f"Priority of payments: {regime.replace('_', ' ')}", style="bold")
        parts.append(Group(title, listing(rows)))
    return stack(parts)


def payment_date(result: RunResult, t: int) -> RenderableType:
    """What came in, what each step owed and paid and from which account, and where everything stood after it."""
    regime = Regime(int(result.clock[t, ClockField.REGIME])).name.lower()
    date, number = day(result.dates.payment[t]), result.dates.number[t]
    whose = Text(in_lines(f"{result.deal_name}: scenario {result.scenario_name}"), style="bold")
    head = Text(f"Payment date {number}, {date}, {regime.replace('_', ' ')}", style="bold")
    cash = [_steps(result, t), *reason_tables(result, t), _accounts(result, t), _notes(result, t)]
    return stack([Group(whose, head), *setting_parts(result.settings), *cash, *state_tables(result, t)])


def _steps(result: RunResult, t: int) -> RenderableType:
    money = exact(result.currency)
    rows = []
    for i, s in enumerate(steps_in_force(result, t), start=1):
        step = result.steps_terms[s]
        due, paid, short = (int(result.step_flow[t, s, f]) for f in StepField)
        amounts = [money.text(due), money.text(paid), money.text(short) if short else ""]
        rows.append([str(i), step.name, step.rule, *amounts, _origin(result, t, s, money)])
    columns = ["#", "Step", "Rule", "Due", "Paid", "Shortfall", "Paid from"]
    return grid(f"Waterfall, {money.unit}", columns, rows, words=3, wrap=(1, 6))


def _origin(result: RunResult, t: int, step: int, money: Scale) -> str:
    draws = result.draw_flow[t, step]
    taken = [(name, int(draws[a])) for a, name in enumerate(result.sources) if draws[a]]
    if len(taken) == 1:
        return taken[0][0]
    return "\n".join(f"{name} {money.text(amount)}" for name, amount in taken)


def _accounts(result: RunResult, t: int) -> RenderableType:
    optional = (AccountField.INCOME, AccountField.POSTED, AccountField.TARGET)
    fields = [f for f in AccountField if f not in optional or result.account_flow[t, :, f].any()]
    money = _scale(result, result.account_flow[t], result.names["account"], len(fields))
    rows = [
        [name, *(money.text(int(result.account_flow[t, a, f])) for f in fields)]
        for a, name in enumerate(result.names["account"])
    ]
    columns = ["Account", *(f.name.replace("_BALANCE", "").capitalize().replace("_", " ") for f in fields)]
    return grid(f"Accounts, {money.unit}", columns, rows)


def _notes(result: RunResult, t: int) -> RenderableType:
    fields = {
        "Opening": NoteField.OPENING_BALANCE,
        "Interest due": NoteField.INTEREST_DUE,
        "Interest paid": NoteField.INTEREST_PAID,
        "Principal": NoteField.PRINCIPAL_PAID,
        "Residual": NoteField.RESIDUAL_PAID,
        "Closing": NoteField.BALANCE,
    }
    shown = {k: f for k, f in fields.items() if k != "Residual" or result.note_flow[t, :, f].any()}
    money = _scale(result, result.note_flow[t], result.names["note"], len(shown))
    rows = [
        [name, *(money.text(int(result.note_flow[t, n, f])) for f in shown.values())]
        for n, name in enumerate(result.names["note"])
    ]
    return grid(f"Notes, {money.unit}", ["Note", *shown], rows)


def _scale(result: RunResult, flow: Int64, names: Sequence[str], columns: int) -> Scale:
    """To the minor unit, unless so many columns of that do not fit beside the names."""
    room = WIDTH - max(cell_len(name) for name in names)
    return fit(int(abs(flow).max(initial=0)), result.currency, room // columns - 1)
