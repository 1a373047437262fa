"""Ledgers that a step moves."""

from __future__ import annotations

from abssim.engine.deal.operation import Amount, Share, Whole
from abssim.kind.ledger import LedgerField
from abssim.program.lower.assembler import Assembler
from abssim.program.lower.expression import amount


def book_ledger(asm: Assembler, ledger: int, moved: int) -> None:
    """Lower a ledger, or raise it up to its limit: what is beyond raises the next one."""
    beyond, limit = (int(asm.program.terms["ledger"][ledger][field]) for field in ("beyond", "limit"))
    base = asm.at(asm.layout["ledger"][ledger])
    if beyond < 0:
        asm.emit(Share.MOVE_LEDGER, base, moved)
        return
    raised = asm.result(Whole.DEFICIT, moved, asm.zero)
    most = amount(asm, Amount.LIMIT, limit, raised)
    part = asm.result(Share.ROOM, moved, base + LedgerField.BALANCE, most)
    asm.emit(Share.MOVE_LEDGER, base, part)
    book_ledger(asm, beyond, asm.result(Whole.SUBTRACT, moved, part))
