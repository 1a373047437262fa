"""Ledgers: amounts that are kept in mind without cash."""

from enum import IntEnum

from abssim.kind.base import Before, Field, Identity, Kind, Opening, Phase
from abssim.kind.claim import Claim, Rule


class LedgerField(IntEnum):
    """One row per period and ledger."""

    OPENING_BALANCE = 0
    DEBITED = 1
    CREDITED = 2
    BALANCE = 3


_L = LedgerField

_PAID = Claim((_L.CREDITED,), (_L.BALANCE,), due=_L.BALANCE, alone=(Rule.PAY_AMOUNT, Rule.PAY_DOWN_TO), into=True)
_BOOKED = Claim(alone=(Rule.BOOK,))
"""Raised and lowered without cash; limits lead from ledger to ledger."""

LEDGER = Kind(
    "ledger",
    "ledgers",
    {
        _L.OPENING_BALANCE: Field("at the start of the date", "期初余额", _L.BALANCE),
        _L.DEBITED: Field("added on this date so far", "借记", Opening.ZERO, Phase.PAY),
        _L.CREDITED: Field("taken off on this date so far", "贷记", Opening.ZERO, Phase.PAY),
        _L.BALANCE: Field("now", "余额", Opening.CARRY, given="balance"),
    },
    identities=(
        Identity(
            "ledgers",
            "before + debited = credited + balance",
            (Before(_L.BALANCE), _L.DEBITED),
            (_L.CREDITED, _L.BALANCE),
        ),
    ),
    bare=True,
    claims=(_PAID, _BOOKED),
)
