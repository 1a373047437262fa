"""Accounts: where the cash of a deal lies."""

from enum import IntEnum

from abssim.kind.base import Before, Drawable, Field, Identity, Kind, Opening, Phase
from abssim.kind.claim import Claim, Rule


class AccountField(IntEnum):
    """One row per period and account."""

    OPENING_BALANCE = 0
    COLLECTED = 1
    INCOME = 2
    POSTED = 3
    PAID_IN = 4
    PAID_OUT = 5
    BALANCE = 6
    TARGET = 7


_A = AccountField
_ZERO, _CARRY = Opening.ZERO, Opening.CARRY

ACCOUNT = Kind(
    "account",
    "accounts",
    {
        _A.OPENING_BALANCE: Field("cash at the start of the date", "期初余额", _A.BALANCE),
        _A.COLLECTED: Field("cash from the pool", "资产池转入", _ZERO, Phase.CASH),
        _A.INCOME: Field("reinvestment income", "合格投资收益", _ZERO, Phase.CASH),
        _A.POSTED: Field(
            "cash put in from outside, by policies or a formula; negative if taken out",
            "外部注入",
            _ZERO,
            Phase.RECEIVE,
        ),
        _A.PAID_IN: Field("cash from steps of the waterfall so far", "分配转入", _ZERO, Phase.PAY),
        _A.PAID_OUT: Field("cash paid by the account so far", "分配转出", _ZERO, Phase.PAY),
        _A.BALANCE: Field("cash now", "余额", _CARRY, Phase.CASH, given="balance"),
        _A.TARGET: Field("target balance", "目标余额", _CARRY, Phase.DUE),
    },
    identities=(
        Identity(
            "accounts",
            "before + collected + income + posted + paid in = paid out + balance",
            (Before(_A.BALANCE), _A.COLLECTED, _A.INCOME, _A.POSTED, _A.PAID_IN),
            (_A.PAID_OUT, _A.BALANCE),
        ),
    ),
    never_negative=(_A.BALANCE,),
    bare=True,
    drawable=Drawable(_A.BALANCE, _A.PAID_OUT),
    claims=(
        Claim((_A.PAID_IN, _A.BALANCE), alone=(Rule.PAY_AMOUNT, Rule.PAY_REMAINDER)),
        Claim((_A.PAID_IN, _A.BALANCE), due=_A.TARGET, less=_A.BALANCE, alone=(Rule.TOP_UP,)),
    ),
)
