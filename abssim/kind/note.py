"""Notes: the liabilities of a deal."""

from enum import IntEnum

from abssim.kind.base import Before, Field, Identity, Kind, Opening, Phase
from abssim.kind.claim import Claim, Rule


class NoteField(IntEnum):
    """One row per period and note."""

    OPENING_BALANCE = 0
    ACCRUED_INTEREST = 1
    ACCRUED_NOT_DUE = 2
    INTEREST_DUE = 3
    INTEREST_PAID = 4
    INTEREST_SHORTFALL = 5
    PRINCIPAL_PAID = 6
    CAPITALIZED = 7
    WRITE_DOWN = 8
    RESIDUAL_PAID = 9
    BALANCE = 10
    NOTIONAL = 11
    CUMULATIVE_WRITE_DOWN = 12
    SCHEDULED_BALANCE = 13
    PREMIUM_DUE = 14
    PREMIUM_PAID = 15


_N = NoteField
_ZERO, _CARRY = Opening.ZERO, Opening.CARRY

_INTEREST = Claim(
    (_N.INTEREST_PAID,),
    due=_N.INTEREST_DUE,
    less=_N.INTEREST_PAID,
    part="interest",
    alone=(Rule.PAY_DUE,),
    named=(Rule.PAY_DUE,),
    shortfall=_N.INTEREST_SHORTFALL,
)
_PRINCIPAL = Claim(
    (_N.PRINCIPAL_PAID,),
    (_N.BALANCE,),
    due=_N.BALANCE,
    part="principal",
    alone=(Rule.PAY_AMOUNT, Rule.PAY_DOWN_TO),
    named=(Rule.PAY_AMOUNT, Rule.PAY_DOWN_TO),
    weight=_N.OPENING_BALANCE,
)
_PREMIUM = Claim((_N.PREMIUM_PAID,), due=_N.PREMIUM_DUE, less=_N.PREMIUM_PAID, part="premium", named=(Rule.PAY_DUE,))
_RESIDUAL = Claim(
    (_N.RESIDUAL_PAID,),
    part="residual",
    alone=(Rule.PAY_REMAINDER,),
    named=(Rule.PAY_AMOUNT, Rule.PAY_REMAINDER),
    weight=_N.OPENING_BALANCE,
)
_IN_FULL = Claim(parts=(_INTEREST, _PREMIUM, _PRINCIPAL), alone=(Rule.PAY_IN_FULL,), weight=_N.OPENING_BALANCE)
_WRITTEN_DOWN = Claim(
    (_N.WRITE_DOWN, _N.CUMULATIVE_WRITE_DOWN),
    (_N.BALANCE,),
    due=_N.BALANCE,
    alone=(Rule.BOOK,),
    weight=_N.OPENING_BALANCE,
)

NOTE = Kind(
    "note",
    "notes",
    {
        _N.OPENING_BALANCE: Field("balance at the start of the date", "期初本金余额", _N.BALANCE),
        _N.ACCRUED_INTEREST: Field(
            "interest of this accrual period, on unpaid interest too where the note bears it",
            "本期应计利息",
            _ZERO,
            Phase.ACCRUE,
        ),
        _N.ACCRUED_NOT_DUE: Field(
            "accrued interest whose payment date has not come", "未到期应计利息", _CARRY, Phase.DUE
        ),
        _N.INTEREST_DUE: Field(
            "interest due on this date, earlier shortfalls included", "应付利息", _N.INTEREST_SHORTFALL, Phase.DUE
        ),
        _N.INTEREST_PAID: Field("interest paid on this date so far", "实付利息", _ZERO, Phase.PAY),
        _N.INTEREST_SHORTFALL: Field(
            "interest due and unpaid", "利息缺口", _CARRY, Phase.CLOSE, given="opening_shortfall"
        ),
        _N.PRINCIPAL_PAID: Field("principal paid on this date so far", "实付本金", _ZERO, Phase.PAY),
        _N.CAPITALIZED: Field("interest added to the balance instead of paid", "资本化利息", _ZERO, Phase.ACCRUE),
        _N.WRITE_DOWN: Field("balance written down on this date (negative: up)", "本金减记", _ZERO, Phase.PAY),
        _N.RESIDUAL_PAID: Field("cash paid beyond interest and principal", "剩余收益", _ZERO, Phase.PAY),
        _N.BALANCE: Field("balance now", "本金余额", _CARRY, given="opening_balance"),
        _N.NOTIONAL: Field("what interest accrues on", "计息基数", _ZERO, Phase.ACCRUE),
        _N.CUMULATIVE_WRITE_DOWN: Field("balance written down so far", "累计减记", _CARRY),
        _N.SCHEDULED_BALANCE: Field("scheduled balance of this date", "计划余额"),
        _N.PREMIUM_DUE: Field("make-whole premium due if the deal is called", "应付提前赎回溢价", _ZERO, Phase.CALL),
        _N.PREMIUM_PAID: Field("make-whole premium paid", "实付提前赎回溢价", _ZERO, Phase.PAY),
    },
    identities=(
        Identity(
            "note balances",
            "before + capitalized = principal + written down + balance",
            (Before(_N.BALANCE), _N.CAPITALIZED),
            (_N.PRINCIPAL_PAID, _N.WRITE_DOWN, _N.BALANCE),
        ),
        Identity(
            "note interest",
            "owed before + accrued = paid + capitalized + owed after",
            (Before(_N.INTEREST_SHORTFALL), Before(_N.ACCRUED_NOT_DUE), _N.ACCRUED_INTEREST),
            (_N.INTEREST_PAID, _N.CAPITALIZED, _N.INTEREST_SHORTFALL, _N.ACCRUED_NOT_DUE),
        ),
    ),
    takes=(_N.INTEREST_PAID, _N.PRINCIPAL_PAID, _N.PREMIUM_PAID, _N.RESIDUAL_PAID),
    never_negative=(_N.BALANCE,),
    summed=True,
    claims=(_INTEREST, _PRINCIPAL, _PREMIUM, _RESIDUAL, _IN_FULL, _WRITTEN_DOWN),
)
