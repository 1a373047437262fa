"""Receivables bought by a step."""

from __future__ import annotations

from abssim.engine.deal.operation import Amount, List, Pool
from abssim.kind.pool import PoolField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.judge import flow_slots, stock_slots


def buy(asm: Assembler, cost: int) -> None:
    """Spend cash on receivables at the end of the date, at the vintage's price."""
    pool, month = asm.program.revolving_pool, asm.program.date["month"]
    with asm.jump(Amount.JUMP_NONE, cost):
        face = asm.scratch()
        asm.emit(Pool.BUY, cost, face, asm.whole_by_date(month - month[0]))
        asm.emit(List.ADD_EACH, cost, *asm.entries(flow_slots(asm, pool, PoolField.PURCHASE_COST)))
        stocks = (PoolField.CLOSING_BALANCE, PoolField.CURRENT_BALANCE, PoolField.ADJUSTED_BALANCE)
        bought = [slot for field in stocks for slot in stock_slots(asm, pool, field)]
        asm.emit(List.ADD_EACH, face, *asm.entries([*flow_slots(asm, pool, PoolField.PURCHASE), *bought]))
