"""Pools of receivables: what they bring, what is lost, what is left."""

from enum import IntEnum

from abssim.kind.base import Before, Field, Identity, Kind, Opening, Phase
from abssim.kind.claim import Claim, Rule


class PoolField(IntEnum):
    """One row per period of a pool: first flows, then (from `CURRENT_BALANCE`) stocks at the end of the period."""

    OPENING_BALANCE = 0
    INTEREST = 1
    FEE = 2
    PENALTY = 3
    SCHEDULED_PRINCIPAL = 4
    PREPAYMENT = 5
    REPURCHASE = 6
    DILUTION = 7
    DEFAULT = 8
    RECOVERY = 9
    LOSS = 10
    COLLECTION_COST = 11
    ADVANCED_PRINCIPAL = 12
    ADVANCED_INTEREST = 13
    LOST_INTEREST = 14
    DISCOUNT = 15
    PURCHASE = 16
    PURCHASE_COST = 17
    SALE_PROCEEDS = 18
    SOLD_BALANCE = 19
    CAPITALIZED_INTEREST = 20
    CURRENT_BALANCE = 21
    DPD_1_30_BALANCE = 22
    DPD_31_60_BALANCE = 23
    DPD_61_90_BALANCE = 24
    CLOSING_BALANCE = 25
    NON_PERFORMING_BALANCE = 26
    ADJUSTED_BALANCE = 27
    RESTRUCTURED_BALANCE = 28


_P = PoolField


def _flow(english: str, chinese: str, phase: Phase = Phase.CREDIT, given: str = "") -> Field:
    return Field(english, chinese, Opening.ZERO, phase, given=given)


def _stock(english: str, chinese: str) -> Field:
    return Field(english, chinese, Opening.CARRY, Phase.CREDIT)


_LEAVES = (_P.SCHEDULED_PRINCIPAL, _P.PREPAYMENT, _P.REPURCHASE, _P.DILUTION, _P.DEFAULT, _P.SOLD_BALANCE)
_BUCKETS = (_P.CURRENT_BALANCE, _P.DPD_1_30_BALANCE, _P.DPD_31_60_BALANCE, _P.DPD_61_90_BALANCE)

_PURCHASE = Claim(word="purchase", alone=(Rule.PAY_AMOUNT, Rule.PAY_REMAINDER))
"""Receivables bought."""

POOL = Kind(
    "pool",
    "pools",
    {
        _P.OPENING_BALANCE: Field(
            "performing balance at the start of the collection period", "期初正常余额", _P.CLOSING_BALANCE
        ),
        _P.INTEREST: _flow("interest received, net of what is added to balances", "利息回收"),
        _P.FEE: _flow("instalment fees received", "分期服务费回收"),
        _P.PENALTY: _flow("penalty interest received", "违约金及罚息回收"),
        _P.SCHEDULED_PRINCIPAL: _flow(
            "scheduled principal received, arrears included; the last instalment settles a contract", "计划本金回收"
        ),
        _P.PREPAYMENT: _flow("principal received early", "早偿本金"),
        _P.REPURCHASE: _flow("principal of assets bought back by the originator", "赎回本金"),
        _P.DILUTION: _flow(
            "balance reduced by returns, discounts and negative interest, without cash", "退货等减少的余额"
        ),
        _P.DEFAULT: _flow("balance of assets defaulted", "新增违约金额"),
        _P.RECOVERY: _flow("cash from defaulted assets, before collection cost", "违约后回收"),
        _P.LOSS: _flow("defaulted balance written off", "核销金额"),
        _P.COLLECTION_COST: _flow("cost withheld from recoveries", "催收成本"),
        _P.ADVANCED_PRINCIPAL: _flow("principal of defaulted assets advanced by the servicer", "垫付本金"),
        _P.ADVANCED_INTEREST: _flow("interest advanced by the servicer", "垫付利息"),
        _P.LOST_INTEREST: _flow("interest due on defaulted assets that nobody paid", "损失的利息"),
        _P.DISCOUNT: _flow(
            "share of collected principal that is income, the asset having been bought below par", "折价收入"
        ),
        _P.PURCHASE: _flow("face amount bought, and new receivables a servicer reports", "购买的资产面额", Phase.PAY),
        _P.PURCHASE_COST: _flow("price paid for it", "购买价款", Phase.PAY),
        _P.SALE_PROCEEDS: _flow("price paid for the pool in a call", "资产出售价款", Phase.CALL),
        _P.SOLD_BALANCE: _flow("balance sold in a call", "出售的余额", Phase.CALL),
        _P.CAPITALIZED_INTEREST: _flow(
            "interest added to balances instead of paid, beyond the principal other contracts paid", "利息资本化"
        ),
        _P.CURRENT_BALANCE: _stock("balance not past due", "正常余额"),
        _P.DPD_1_30_BALANCE: _stock("balance 1-30 days past due", "逾期1-30天余额"),
        _P.DPD_31_60_BALANCE: _stock("balance 31-60 days past due", "逾期31-60天余额"),
        _P.DPD_61_90_BALANCE: _stock("balance 61-90 days past due", "逾期61-90天余额"),
        _P.CLOSING_BALANCE: _stock(
            "performing balance (to 90 days past due) at the end of the collection period, purchases included",
            "期末正常余额",
        ),
        _P.NON_PERFORMING_BALANCE: _stock(
            "defaulted (91 days and more) and neither recovered nor written off", "不良余额"
        ),
        _P.ADJUSTED_BALANCE: _stock("closing balance, contracts below the hurdle rate discounted", "调整后余额"),
        _P.RESTRUCTURED_BALANCE: _stock(
            "part of the current balance: restructured (plan extended) when 61-90 days past due", "重组余额"
        ),
    },
    identities=(
        Identity(
            "pool roll-forward",
            "opening + purchased + interest added = principal + repurchased + diluted + defaulted + sold + closing",
            (_P.OPENING_BALANCE, _P.PURCHASE, _P.CAPITALIZED_INTEREST),
            (*_LEAVES, _P.CLOSING_BALANCE),
        ),
        Identity(
            "pool continuity",
            "opening balance = closing balance of the date before",
            (_P.OPENING_BALANCE,),
            (Before(_P.CLOSING_BALANCE),),
        ),
        Identity(
            "non-performing roll-forward",
            "before + defaulted = recovered + written off + advances + outstanding",
            (Before(_P.NON_PERFORMING_BALANCE), _P.DEFAULT),
            (_P.RECOVERY, _P.LOSS, _P.ADVANCED_PRINCIPAL, _P.NON_PERFORMING_BALANCE),
        ),
        Identity(
            "delinquency buckets", "current + 1-30 + 31-60 + 61-90 = closing balance", _BUCKETS, (_P.CLOSING_BALANCE,)
        ),
    ),
    brings=(
        *(_P.INTEREST, _P.FEE, _P.PENALTY, _P.SCHEDULED_PRINCIPAL, _P.PREPAYMENT, _P.REPURCHASE, _P.RECOVERY),
        *(_P.ADVANCED_PRINCIPAL, _P.ADVANCED_INTEREST, _P.SALE_PROCEEDS),
    ),
    withheld=(_P.COLLECTION_COST,),
    takes=(_P.PURCHASE_COST,),
    never_negative=(*_BUCKETS, _P.CLOSING_BALANCE, _P.NON_PERFORMING_BALANCE),
    claims=(_PURCHASE,),
)

FLOWS = tuple(member for member in PoolField if POOL.fields[member].opens is Opening.ZERO)
"""Fields whose running sums since closing are kept beside them."""

COLLECTIONS = {
    "interest": PoolField.INTEREST,
    "fees": PoolField.FEE,
    "penalty": PoolField.PENALTY,
    "scheduled_principal": PoolField.SCHEDULED_PRINCIPAL,
    "prepayment": PoolField.PREPAYMENT,
    "repurchase": PoolField.REPURCHASE,
    "recovery": PoolField.RECOVERY,
    "advances": PoolField.ADVANCED_PRINCIPAL,
    "discount": PoolField.DISCOUNT,
    "sale": PoolField.SALE_PROCEEDS,
}
"""Sources of cash a deal maps to accounts. `scheduled_principal`, `prepayment` and `repurchase` arrive less their
share of `discount`; `recovery` arrives less collection cost; `advances` is principal and interest advanced."""
