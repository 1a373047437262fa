"""The order of a date as it is lowered: the phases, and what belongs to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from abssim.dates import DateType
from abssim.kind.base import Phase
from abssim.program.lower import accrue, books, close, judge, regime, step
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.audit import audit
from abssim.program.lower.recipes import RECIPES


class Lowered(NamedTuple):
    """What a phase comes to in the machine."""

    first: tuple[Callable[[Assembler], None], ...] = ()
    """What reads nothing but what earlier phases have left: at the beginning of the date, whatever the deal says."""
    judged: Mapping[str, Callable[[Assembler, int], None]] = {}
    """By moment (`abssim.deal.moment`), for each of its entries: in the order of what they read."""
    last: tuple[Callable[[Assembler], None], ...] = ()
    """What comes when all has been judged."""


PHASES: dict[Phase, Lowered] = {
    Phase.OPEN: Lowered((books.open_books, books.move_clock, regime.latch_end_of_revolving)),
    Phase.EVENTS: Lowered(),
    Phase.CREDIT: Lowered((books.open_pools,)),
    Phase.CASH: Lowered((books.earn, books.collect)),
    Phase.PROTECT: Lowered(),
    Phase.ACCRUE: Lowered(
        judged={
            "capitalize": accrue.capitalize,
            **{kind: recipe.accrue for kind, recipe in RECIPES.items() if recipe.accrue},
        }
    ),
    Phase.RECEIVE: Lowered((books.post,), {"receipt": accrue.receive}),
    Phase.JUDGE: Lowered(
        judged={"definition": judge.define, "window": judge.define, "trigger": judge.judge_trigger},
    ),
    Phase.ACT: Lowered(judged={"regime": judge.enter_regime}),
    Phase.CALL: Lowered(judged={"call": judge.judge_calls}),
    Phase.DUE: Lowered(judged={"due": accrue.fall_due, "target": accrue.set_target}),
    Phase.PAY: Lowered(judged={"pay": step.pay}),
    Phase.CLOSE: Lowered(judged={"end": judge.judge_trigger}, last=(close.keep, close.bound, audit)),
}
"""In the order of a date. Events of parties and protection of the pool have nothing yet; nor has cash on its way from
the servicer, which is collected in the month it is paid."""
PHASES_OF: dict[DateType, tuple[Phase, ...]] = {
    each: tuple(phase for phase in Phase if each is DateType.PAYMENT or phase <= Phase.CASH) for each in DateType
}
"""Every date begins alike; a payment date goes on from there."""
JUDGED = {moment: recipe for lowered in PHASES.values() for moment, recipe in lowered.judged.items()}
"""By moment."""
