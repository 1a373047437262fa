"""What steps of a waterfall may pay: the claims that a kind's row says its things have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Rule(IntEnum):
    """What a step owes."""

    PAY_DUE = 0
    PAY_AMOUNT = 1
    PAY_DOWN_TO = 2
    PAY_IN_FULL = 3
    TOP_UP = 4
    BOOK = 5
    PAY_REMAINDER = 6
    CARRY = 7


@dataclass(frozen=True, eq=False, slots=True)
class Claim:
    """Something of a thing that a step may pay: `due` less `less`, without bound where nothing is due."""

    raises: tuple[IntEnum, ...] = ()
    """Fields that grow by what is paid."""
    lowers: tuple[IntEnum, ...] = ()
    """Fields that shrink by it."""
    due: IntEnum | None = None
    less: IntEnum | None = None
    """What is not claimed of what is due: paid already, or there already."""
    parts: tuple[Claim, ...] = ()
    """Claims that are paid together, the first one first; then nothing else is said."""
    part: str = ""
    """As a payee names it behind the thing: `A.interest`."""
    word: str = ""
    """What a payee writes in the place of a thing's name: `purchase`."""
    alone: tuple[Rule, ...] = ()
    """Rules under which the name of the thing means this."""
    named: tuple[Rule, ...] = ()
    """Rules under which its part can be named."""
    weight: IntEnum | None = None
    """What it counts for where payees share pro rata, or the document's `balance`; without: what is claimed."""
    shortfall: IntEnum | None = None
    """What is due and unpaid when the date closes."""
    into: bool = False
    """Cash paid against it goes to an account that the step names."""

    @property
    def repays(self) -> bool:
        """Paying it in full leaves nothing to pay."""
        return bool(self.lowers) or any(part.repays for part in self.parts)
