"""All cash of a run: what the accounts received and who was paid. Both sums are the same, to the minor unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from abssim.engine.state import block
from abssim.kind.account import AccountField
from abssim.kind.base import Kind
from abssim.kind.pool import POOL
from abssim.kind.table import KINDS
from abssim.result import RunResult

_RECEIVED = {
    AccountField.COLLECTED: "collected from the pool",
    AccountField.INCOME: "income of the accounts",
    AccountField.POSTED: "put in from outside",
}


@dataclass(frozen=True, slots=True)
class CashRow:
    """Where cash came from, or who was paid. Minor units."""

    name: str
    received: int = 0
    paid: int = 0
    unpaid: int | None = None
    """Of what falls due: due and unpaid at the end of the run."""


def cash_rows(run: RunResult) -> tuple[CashRow, ...]:
    """Cash in the accounts at the start and what they received; notes, fees, holders and purchases of receivables that
    were paid; cash in the accounts at the end."""
    start = int(block(run.initial, run.layout, "account")[:, AccountField.BALANCE].sum())
    received = run.account_flow.sum(axis=(0, 1))
    end = int(run.account_flow[-1, :, AccountField.BALANCE].sum())
    came = [CashRow(words, received=int(received[field])) for field, words in _RECEIVED.items() if received[field]]
    paid = [row for kind in KINDS.values() for row in _paid(run, kind)]
    first, last = CashRow("in the accounts at the start", received=start), CashRow("left in the accounts", paid=end)
    return first, *came, *paid, last


def _paid(run: RunResult, kind: Kind) -> Iterator[CashRow]:
    """Each thing of a kind that takes cash for good; of pools what was paid for receivables, if any was."""
    short = [claim.shortfall for claim in kind.claims if claim.shortfall is not None]
    for i, name in enumerate(run.names[kind.name][:1] if kind is POOL else run.names[kind.name]):
        flow = run.flow(kind.name)[:, i]
        paid = int(flow[:, list(kind.takes)].sum()) if kind.takes else 0
        if kind is POOL and paid:
            yield CashRow("paid for receivables", paid=paid)
        elif kind is not POOL and kind.takes:
            yield CashRow(f"{kind.name} {name}", paid=paid, unpaid=int(flow[-1, short].sum()) if short else None)
