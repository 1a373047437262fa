"""Credit enhancement of each note, split by kind.

Notes rank in the deal's order, senior first. Only the first class may have several notes of one rank, told by their
names: `A1`, `A-2a` and `A3` share the letter of the first note. Later ones (`M1`, `M2`) rank one after the other.
Cash counts for the notes its account supports (`abssim.deal.support`), and for no others. A note of a series of a
master trust has the series behind it, not the pool: its classes, and what the transferor subordinates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from abssim.engine.state import block
from abssim.kind.account import AccountField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.series import series_measures
from abssim.result import RunResult

Int64 = npt.NDArray[np.int64]

_SUBCLASS = re.compile(r"^(.*?[^\W\d_])[-_ ]?\d+[a-z]?$")


@dataclass(frozen=True, slots=True)
class Enhancement:
    """What stands behind a note, each a share (decimal) of the performing pool, or of its series' collateral amount."""

    note: str
    subordination: float
    """Balance of the notes of lower classes (of a series: nominal liquidation amounts, and the transferor's part)."""
    overcollateralization: float
    """Pool less all notes; negative where notes exceed the pool."""
    reserve: float
    """Cash in the accounts that support the note."""

    @property
    def total(self) -> float:
        """Sum of the three kinds."""
        return self.subordination + self.overcollateralization + self.reserve


def ranks(notes: Sequence[str]) -> list[int]:
    """Rank of each note, 0 the most senior: those of the first note's class together, then one by one."""
    senior = class_of(notes[0])
    return [0 if class_of(note) == senior else index for index, note in enumerate(notes)]


def class_of(note: str) -> str:
    """Class of a note by its name: `A1`, `A-2a` and `A3` are sub-classes of `A`."""
    match = _SUBCLASS.match(note)
    return match.group(1) if match else note


def enhancement(result: RunResult, t: int | None = None) -> tuple[Enhancement, ...]:
    """Of every note at closing, or at the end of payment date `t`."""
    state = result.initial if t is None else result.trace[t]
    pool = int(block(state, result.layout, "pool")[0, PoolField.CLOSING_BALANCE])
    balances = block(state, result.layout, "note")[:, NoteField.BALANCE]
    cash = block(state, result.layout, "account")[:, AccountField.BALANCE]
    rank = np.array(ranks(result.names["note"]))
    by_note = {}
    for name, own in zip(result.names["note"], rank, strict=True):
        reserve = int(cash[supporting_accounts(result, name)].sum())
        below, above = int(balances[rank > own].sum()), pool - int(balances.sum())
        by_note[name] = Enhancement(name, _share(below, pool), _share(above, pool), _share(reserve, pool))
    at = 0 if t is None else t + 1
    for series in series_measures(result):
        amount = float(series.collateral_amount[at])
        for k, notes in enumerate(series.terms.classes.values()):
            for name in notes:
                reserve = int(cash[supporting_accounts(result, name)].sum())
                behind = float(series.credit_enhancement[at, k])
                by_note[name] = Enhancement(name, behind, 0.0, _share(reserve, amount))
    return tuple(by_note.values())


def supporting_accounts(result: RunResult, note: str) -> list[int]:
    """Rows of the accounts whose cash stands behind a note."""
    return [a for a, account in enumerate(result.names["account"]) if note in result.supports.get(account, ())]


def _share(amount: float, pool: float) -> float:
    return amount / pool if pool else float("nan")
