"""Ledgers: amounts that are kept in mind without cash."""

from enum import IntEnum

from abssim.kind.base import Before, Field, Identity, Kind, Opening, Phase


class LedgerField(IntEnum):
    """One row per period and ledger."""

    OPENING_BALANCE = 0
    DEBITED = 1
    CREDITED = 2
    BALANCE = 3


_L = LedgerField

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
    payable=True,
)
