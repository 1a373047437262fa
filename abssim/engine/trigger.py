"""Triggers and calls: conditions that change what happens on a date.

A trigger fires after `persistence` consecutive breaches and stays until it has been cured for `cure` dates (never,
if it is not curable). Twin: `tests/engine/naive_deal.py::test_triggers`.
"""

from abssim.engine._jit import inlined
from abssim.engine.expression import binary, evaluate
from abssim.engine.program import AT_CLOSING, NOT_YET
from abssim.engine.rounding import round_half_up
from abssim.kind.clock import ClockField, Regime
from abssim.kind.note import NoteField
from abssim.kind.trigger import TriggerField


@inlined
def _advance(trigger, breached, persistence, cure):
    """Count the breach, or the date without one, and switch the trigger."""
    active = trigger[TriggerField.ACTIVE]
    moving = breached != active
    trigger[TriggerField.BREACHED] = breached
    trigger[TriggerField.COUNT] = trigger[TriggerField.COUNT] + 1 if moving else 0
    if active == 0 and moving and trigger[TriggerField.COUNT] >= persistence:
        trigger[TriggerField.ACTIVE] = 1
        trigger[TriggerField.COUNT] = 0
    elif active == 1 and moving and cure > 0 and trigger[TriggerField.COUNT] >= cure:
        trigger[TriggerField.ACTIVE] = 0
        trigger[TriggerField.COUNT] = 0


@inlined
def judge_trigger(lay, triggers, code, memory, state, t, g):
    """Test a trigger on date `t`; keep observed value and threshold."""
    values = memory.values[code.history + t]
    terms, column = triggers[g], len(code.definition) + 2 * g
    values[column] = evaluate(code, memory, state, t, terms["observed"])
    values[column + 1] = evaluate(code, memory, state, t, terms["threshold"])
    compare = terms["compare"]
    breached = values[column] if compare < 0 else binary(compare, values[column], values[column + 1])
    trigger = state[lay.trigger + g]
    _advance(trigger, 1 if breached != 0.0 else 0, terms["persistence"], terms["cure"])
    if trigger[TriggerField.ACTIVE] == 1 and memory.marks[terms["mark"]] == NOT_YET:
        memory.marks[terms["mark"]] = t


@inlined
def regime_of(lay, triggers, state, scheduled):
    """The most severe of the scheduled regime and of those that active triggers (or an earlier call) ask for."""
    regime = scheduled
    for g in range(len(triggers)):
        if state[lay.trigger + g, TriggerField.ACTIVE] == 1:
            regime = max(regime, triggers[g]["regime"])
    if state[lay.clock, ClockField.CALLED] == 1 and regime == Regime.REVOLVING:
        regime += 1
    return regime


@inlined
def end_of_revolving(marks, t):
    """Remember the date before `t` as the last of the revolving period, the first time it has ended."""
    if marks[1] == NOT_YET:
        marks[1] = t - 1 if t > 0 else AT_CLOSING


@inlined
def enter(clock, marks, regime, t):
    """Count the dates in a regime, from 1 where it is a new one."""
    if t > 0 and clock[ClockField.REGIME] == regime:
        clock[ClockField.REGIME_PERIOD] += 1
        return
    if regime != Regime.REVOLVING:
        end_of_revolving(marks, t)
    clock[ClockField.REGIME] = regime
    clock[ClockField.REGIME_PERIOD] = 1


@inlined
def purchases_stopped(lay, triggers, state):
    """True while an active trigger stops purchases, where nothing is offered, or once a call is exercised."""
    if state[lay.clock, ClockField.CALLED] == 1 or state[lay.clock, ClockField.OFFERED] == 0:
        return True
    for g in range(len(triggers)):
        if triggers[g]["stops_purchases"] == 1 and state[lay.trigger + g, TriggerField.ACTIVE] == 1:
            return True
    return False


@inlined
def exercised_call(calls, allowed, code, memory, state, t):
    """Index of the first call exercised on date `t`, -1 if none; `allowed` (T, Q)."""
    for c in range(len(calls)):
        if allowed[t, c] == 1 and evaluate(code, memory, state, t, calls[c]["condition"]) != 0.0:
            return c
    return -1


@inlined
def premium_due(lay, rate, state):
    """Make-whole premium on every note: balance x `rate`, rounded half up."""
    for n in range(lay.notes):
        note = state[lay.note + n]
        note[NoteField.PREMIUM_DUE] = round_half_up(float(note[NoteField.BALANCE]) * rate)
