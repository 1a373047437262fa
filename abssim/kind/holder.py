"""Residual holders that hold no note."""

from enum import IntEnum

from abssim.kind.base import Field, Kind, Opening, Phase
from abssim.kind.claim import Claim, Rule


class HolderField(IntEnum):
    """One row per period and holder."""

    PAID = 0


HOLDER = Kind(
    "holder",
    "holders",
    {HolderField.PAID: Field("cash paid to the holder", "支付给持有人", Opening.ZERO, Phase.PAY)},
    takes=(HolderField.PAID,),
    claims=(Claim((HolderField.PAID,), alone=(Rule.PAY_AMOUNT, Rule.PAY_REMAINDER)),),
)
