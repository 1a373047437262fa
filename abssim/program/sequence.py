"""The order of a date as rows of the program: names become indices."""

from __future__ import annotations

import numpy as np

from abssim.deal.deal import Deal
from abssim.deal.known import Item
from abssim.deal.moment import MOMENTS, NAMED
from abssim.deal.order import order_of
from abssim.engine.program import PLAN
from abssim.program.code import CodeBuilder


def plan_records(deal: Deal, code: CodeBuilder) -> np.ndarray:
    """PLAN of a deal all of whose expressions `code` has seen."""
    order = order_of(deal, code.symbols)
    assert not order.problems, "a deal with problems is not loaded"
    rows = [(NAMED[item.kind], _index(deal, code, item)) for item in order.items]
    return np.array(rows, dtype=PLAN)


def _index(deal: Deal, code: CodeBuilder, item: Item) -> int:
    """Which of its kind an item is; 0 where there is only one."""
    if item.kind in ("definition", "window"):
        return code.definition_of((code.columns if item.kind == "definition" else code.windows)[item.name])
    part = MOMENTS[NAMED[item.kind]].of
    return [*getattr(deal, part)].index(item.name) if part else 0
