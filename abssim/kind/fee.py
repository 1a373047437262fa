"""Fees and taxes."""

from enum import IntEnum

from abssim.kind.base import Before, Field, Identity, Kind, Opening, Phase
from abssim.kind.claim import Claim, Rule


class FeeField(IntEnum):
    """One row per period and fee or tax."""

    ACCRUED = 0
    DUE = 1
    PAID = 2
    SHORTFALL = 3


_F = FeeField

FEE = Kind(
    "fee",
    "fees",
    {
        _F.ACCRUED: Field("charged on this date", "本期计提", Opening.ZERO, Phase.ACCRUE),
        _F.DUE: Field("due on this date, earlier shortfalls included", "应付费用", _F.SHORTFALL, Phase.ACCRUE),
        _F.PAID: Field("paid on this date so far", "实付费用", Opening.ZERO, Phase.PAY),
        _F.SHORTFALL: Field("due and unpaid", "费用缺口", Opening.CARRY, Phase.CLOSE, given="opening_shortfall"),
    },
    identities=(
        Identity(
            "fees",
            "owed before + accrued = paid + owed after",
            (Before(_F.SHORTFALL), _F.ACCRUED),
            (_F.PAID, _F.SHORTFALL),
        ),
    ),
    takes=(_F.PAID,),
    summed=True,
    claims=(Claim((_F.PAID,), due=_F.DUE, less=_F.PAID, shortfall=_F.SHORTFALL, alone=(Rule.PAY_DUE,)),),
)
