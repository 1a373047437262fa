"""Rows of the Chinese trustee report (受托机构报告) for one payment date of a run: a function a table.

A loan 91 days past due is in default here, so the bands of arrears end with 61 to 90 days. Three ratios of bad debt
(不良率) are told with their denominators, for they differ widely where a pool turns over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from abssim.business import business_days_before
from abssim.deal.deal import Deal
from abssim.disclosure.figures import Figures
from abssim.disclosure.level import level_text
from abssim.disclosure.loan_view import amount_text, plain_text
from abssim.disclosure.once import OneRow
from abssim.kind.account import AccountField
from abssim.kind.fee import FeeField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.pool import initial_pool_balance
from abssim.measure.trigger import trigger_measures
from abssim.money import minor_digits
from abssim.result import RunResult

_P, _N = PoolField, NoteField
_STATUS = {
    "正常": _P.CURRENT_BALANCE,
    "拖欠1至30天": _P.DPD_1_30_BALANCE,
    "拖欠31至60天": _P.DPD_31_60_BALANCE,
    "拖欠61至90天": _P.DPD_61_90_BALANCE,
    "违约（未被注销）": _P.NON_PERFORMING_BALANCE,
}
_COLLECTED: Mapping[str, tuple[tuple[PoolField, ...], tuple[PoolField, ...]]] = {
    "计划内还款": ((_P.SCHEDULED_PRINCIPAL,), (_P.INTEREST, _P.FEE, _P.PENALTY)),
    "提前还款": ((_P.PREPAYMENT,), ()),
    "赎回": ((_P.REPURCHASE,), ()),
    "违约回收": ((_P.RECOVERY,), ()),
    "资产出售": ((_P.SALE_PROCEEDS,), ()),
}
"""Fields of the pool that are principal, and that are income, by kind of collection."""
SERIOUS = "严重拖欠率"
LOSS_LIMIT_PCT = 10.0
"""Losses above this share of the notes outstanding are told to investors at once."""


class Trustee:
    """Row `t` of a run as the tables of the report."""

    def __init__(self, deal: Deal, result: RunResult, t: int) -> None:
        self._deal, self._result, self._t = deal, result, t
        self._figures = Figures(result, t)
        self._before = Figures(result, t - 1) if t else None

    def once(self) -> OneRow:
        """基本信息."""
        dates, t = self._result.dates, self._t
        previous = dates.cut_off if self._before is None else self._before.cut_off
        values = {
            "run.number": str(dates.number[t]),
            "run.collection_start": previous.isoformat(),
            "run.collection_end": (self._figures.cut_off - timedelta(days=1)).isoformat(),
            "run.payment_date": dates.payment[t].isoformat(),
            "run.record_date": business_days_before(dates.payment[t], 1, self._deal.dates.calendar).isoformat(),
            "report.currency": self._result.currency,
        }
        periods = self._result.notes_terms[0].accrual_periods
        if len(periods) > t:
            values |= {"run.accrual_start": periods[t][0].isoformat(), "run.accrual_end": periods[t][1].isoformat()}
        return OneRow(values)

    def tables(self) -> dict[str, Iterator[OneRow]]:
        """The other tables, by section of the template."""
        made: dict[str, Callable[[], Iterator[dict[str, str]]]] = {
            "证券兑付": self._classes,
            "贷款状态": self._statuses,
            "收款信息": self._collections,
            "违约及拖欠": self._measures,
            "账户变动": self._accounts,
            "税费支付": self._fees,
            "触发事件": self._triggers,
        }
        return {section: (OneRow(values, label=section) for values in rows()) for section, rows in made.items()}

    def _money(self, minor: float) -> str:
        return amount_text(int(minor), minor_digits(self._result.currency))

    def _classes(self) -> Iterator[dict[str, str]]:
        for terms, note in zip(self._result.notes_terms, self._result.note_flow[self._t].tolist(), strict=True):
            coupon = float(terms.coupon_rates[self._t])
            money = {
                "initial": terms.initial_balance,
                "opening": note[_N.OPENING_BALANCE],
                "closing": note[_N.BALANCE],
                "principal": note[_N.PRINCIPAL_PAID],
                "interest": note[_N.INTEREST_PAID],
                "shortfall": note[_N.INTEREST_SHORTFALL],
                "loss": note[_N.WRITE_DOWN],
            }
            shares = {
                "principal_per_100": (money["principal"], money["initial"]),
                "interest_per_100": (money["interest"], money["initial"]),
                "face_per_100": (money["closing"], money["initial"]),
                "principal_of_initial_pct": (money["principal"], money["initial"]),
                "principal_of_opening_pct": (money["principal"], money["opening"]),
            }
            yield {
                "class.name": terms.name,
                "class.coupon_pct": plain_text(round(100.0 * coupon, 8)),
                **{f"class.{name}": self._money(minor) for name, minor in money.items()},
                **{f"class.{name}": _percent(*share) for name, share in shares.items()},
            }

    def _statuses(self) -> Iterator[dict[str, str]]:
        balances = {name: self._figures.pool[field] for name, field in _STATUS.items()}
        for name, balance in (*balances.items(), ("汇总", sum(balances.values()))):
            share = _percent(balance, self._figures.closing)
            yield {"status.name": name, "status.balance": self._money(balance), "status.share_pct": share}

    def _collections(self) -> Iterator[dict[str, str]]:
        now, before = self._figures.pool, self._before.pool if self._before else [0] * len(PoolField)
        rows = {
            name: [sum(pool[field] for field in fields) for fields in kinds for pool in (before, now)]
            for name, kinds in _COLLECTED.items()
        }
        rows["合计"] = [sum(column) for column in zip(*rows.values(), strict=True)]
        names = ("principal_before", "principal", "income_before", "income")
        for kind, amounts in rows.items():
            cells = zip(names, amounts, strict=True)
            yield {"collection.name": kind, **{f"collection.{name}": self._money(each) for name, each in cells}}

    def _measures(self) -> Iterator[dict[str, str]]:
        rows = self._ratios(self._t)
        earlier = self._ratios(self._t - 1) if self._t else {}
        for (name, basis), value in rows.items():
            yield {
                "measure.name": name,
                "measure.basis": basis,
                "measure.now": value,
                "measure.before": earlier.get((name, basis), ""),
            }

    def _ratios(self, t: int) -> dict[tuple[str, str], str]:
        """Amounts and ratios by name and denominator."""
        pool, sums = (flow[t, 0].tolist() for flow in (self._result.pool_flow, self._result.pool_cumulative))
        figures = Figures(self._result, t)
        initial, issued = (
            initial_pool_balance(self._result),
            sum(terms.initial_balance for terms in self._result.notes_terms),
        )
        ever = initial + sums[_P.PURCHASE]
        bad, late = pool[_P.NON_PERFORMING_BALANCE], pool[_P.DPD_61_90_BALANCE]
        return {
            ("新增违约贷款", "金额"): self._money(pool[_P.DEFAULT]),
            ("累计违约贷款", "金额"): self._money(sums[_P.DEFAULT]),
            ("累计违约回收", "金额"): self._money(sums[_P.RECOVERY]),
            ("累计违约率", "累计违约 / 初始资产池"): _percent(sums[_P.DEFAULT], initial),
            ("累计违约率", "累计违约 / (初始资产池 + 循环购买)"): _percent(sums[_P.DEFAULT], ever),
            ("不良率", "未结清不良 / 发行规模"): _percent(bad, issued),
            ("不良率", "未结清不良 / 期末资产池"): _percent(bad, figures.closing),
            (SERIOUS, "拖欠61天以上 (含违约) / 期末资产池"): _percent(late + bad, figures.closing),
            ("累计核销", "金额"): self._money(sums[_P.LOSS]),
        }

    def _accounts(self) -> Iterator[dict[str, str]]:
        names = self._result.names["account"]
        for name, row in zip(names, self._result.account_flow[self._t].tolist(), strict=True):
            came = (AccountField.COLLECTED, AccountField.INCOME, AccountField.POSTED, AccountField.PAID_IN)
            amounts = {
                "opening": row[AccountField.OPENING_BALANCE],
                "paid_in": sum(row[field] for field in came),
                "paid_out": row[AccountField.PAID_OUT],
                "closing": row[AccountField.BALANCE],
                "target": row[AccountField.TARGET],
            }
            yield {"account.name": name, **{f"account.{key}": self._money(each) for key, each in amounts.items()}}

    def _fees(self) -> Iterator[dict[str, str]]:
        fields = {"due": FeeField.DUE, "paid": FeeField.PAID, "unpaid": FeeField.SHORTFALL}
        for name, row in zip(self._result.names["fee"], self._result.fee_flow[self._t].tolist(), strict=True):
            yield {"fee.name": name, **{f"fee.{key}": self._money(row[field]) for key, field in fields.items()}}

    def _triggers(self) -> Iterator[dict[str, str]]:
        digits = minor_digits(self._result.currency)
        for measure in trigger_measures(self._result):
            yield {
                "trigger.name": measure.terms.name,
                "trigger.condition": measure.terms.condition,
                "trigger.threshold": level_text(measure, float(measure.threshold[self._t]), digits),
                "trigger.actual": level_text(measure, float(measure.actual[self._t]), digits),
                "trigger.active": str(bool(measure.active[self._t])).lower(),
                "trigger.breached": str(bool(measure.breached[self._t])).lower(),
            }
        yield self._loss_alert()

    def _loss_alert(self) -> dict[str, str]:
        """重大事项: losses of the assets above a tenth of the notes outstanding."""
        lost = int(self._result.pool_cumulative[self._t, 0, _P.LOSS])
        share = _percent(lost, self._figures.notes)
        hit = str(bool(share) and float(share) > LOSS_LIMIT_PCT).lower()
        return {
            "trigger.name": "重大事项：基础资产损失",
            "trigger.condition": "累计核销 / 证券未偿本金余额 > 10%",
            "trigger.threshold": plain_text(LOSS_LIMIT_PCT),
            "trigger.actual": share,
            "trigger.active": hit,
            "trigger.breached": hit,
        }


def _percent(part: float, whole: float) -> str:
    """Percent of a whole; nothing of nothing."""
    return plain_text(round(100.0 * part / whole, 8)) if whole else ""
