"""Naive twin of the deal kernel: reads the deal's own document, keeps its state in dicts of Python ints.

Nothing here knows the compiled program. Collateral (whole numbers by month), index rates and the profile of what is
bought are given; everything a payment date does with them is written out in plain steps.
"""

from __future__ import annotations

import copy
import math
import re
from calendar import isleap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from abssim.dates import PeriodDates, accrual_periods, month_day, months_between, year_fraction
from abssim.deal.base import day_counts
from abssim.deal.deal import Deal
from abssim.deal.observable import step_key
from abssim.deal.symbols import Symbols
from abssim.deal.waterfall import Step
from abssim.kind.account import AccountField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import FLOWS, POOL, PoolField
from abssim.kind.trigger import TriggerField
from abssim.money import round_half_up, to_minor
from tests.engine.naive_expression import Reader, divide
from tests.engine.naive_kinds import OTHERS, UNLIMITED, first_rows
from tests.engine.naive_order import Item, Order, Stopped
from tests.engine.naive_step import PRINCIPAL, Row, Steps, blank

REGIMES = ("revolving", "amortization", "early_amortization", "enforcement")
CLOCK = ("period", "month", "months", "regime", "called", "final", "regime_period", "offered")
STOCKS = ("current_balance", "dpd_1_30_balance", "dpd_31_60_balance", "dpd_61_90_balance", "closing_balance")
STOCKS += ("non_performing_balance", "adjusted_balance", "restructured_balance")


@dataclass
class Given:
    """What a path gives the deal: collateral by pool, rates and vintages."""

    dates: PeriodDates
    flows: dict[str, list[Row]]
    """Of each pool by month, the last of them that of the last date."""
    rates: list[dict[str, float]]
    profile: list[list[Row]]
    """Cumulative flows and stocks of one unit bought, by purchase month and age; one entry serves all."""
    price: float
    opening: dict[str, Row]
    """Stocks of each pool before the first date."""
    posted: list[Row]
    """Cash that policies put into each account, by date; negative for what they take out."""
    indexes: dict[str, list[float]]
    """Rates of the indexes that expressions read, by date."""
    calls: bool = True
    ends: bool = True


class Twin(Steps, Order):
    """A deal on its way through the dates."""

    def __init__(self, deal: Deal, given: Given) -> None:
        self.deal, self.given, self.symbols = deal, given, Symbols(deal)
        self.flows = copy.deepcopy(given.flows)
        self.issued = {name: self.minor(note.balance) for name, note in deal.notes.items()}
        self.issue_size = sum(self.issued.values())
        self.pool_initial = {
            name: given.opening[name]["closing_balance"]
            if pool.initial_balance is None
            else self.minor(pool.initial_balance)
            for name, pool in deal.pools.items()
        }
        cut = deal.dates.cut_off
        self.extra = {name: months_between(pool.cut_off or cut, cut) for name, pool in deal.pools.items()}
        self.pool_initial[""] = sum(self.pool_initial.values())
        self.initial = self._initial()
        self.state = copy.deepcopy(self.initial)
        self.history: list[dict[str, Any]] = []
        self.marks: dict[str, int | None] = {"closing": -1, "end_of_revolving": None}
        self.marks |= {name: -1 if trigger.fired else None for name, trigger in deal.triggers.items()}
        if not self._scheduled_revolving(0):
            self.marks["end_of_revolving"] = -1
        self.t = 0
        self.reader = Reader(self)

    def minor(self, amount: float) -> int:
        return to_minor(amount, self.deal.currency)

    @property
    def before(self) -> dict[str, Any]:
        """State at the end of the date before."""
        return self.history[-1] if self.history else self.initial

    def _initial(self) -> dict[str, Any]:
        deal, minor = self.deal, self.minor
        pools: dict[str, Row] = {name: blank(PoolField) for name in ("", *deal.pools)}
        sums: dict[str, Row] = {name: blank(PoolField) for name in ("", *deal.pools)}
        for name, pool in deal.pools.items():
            for own in (pools[name], pools[""]):
                for stock, amount in self.given.opening[name].items():
                    own[stock] += amount
            for field, value in pool.to_date.model_dump().items():
                sums[name][field] += minor(value)
                sums[""][field] += minor(value)
            unstated = max(0, self.given.opening[name]["non_performing_balance"] - sums[name]["default"])
            sums[name]["default"] += unstated
            sums[""]["default"] += unstated
        notes, steps = {}, {}
        for name, note in deal.notes.items():
            notes[name] = blank(NoteField)
            notes[name]["balance"] = minor(note.balance if note.opening_balance is None else note.opening_balance)
            notes[name]["interest_shortfall"] = minor(note.opening_shortfall)
        for regime, written in deal.waterfalls.items():
            steps |= {(regime, step_key(step.name)): self._blank_step() for step in written}
        return {
            "pool": pools,
            "cumulative": sums,
            "note": notes,
            "account": {n: blank(AccountField) | {"balance": minor(a.balance)} for n, a in deal.accounts.items()},
            "ledger": {n: blank(LedgerField) | {"balance": minor(a.balance)} for n, a in deal.ledgers.items()},
            "step": steps,
            "trigger": {
                n: blank(TriggerField) | {"active": int(g.fired), "count": g.count} for n, g in deal.triggers.items()
            },
            **first_rows(deal, minor),
            "clock": dict.fromkeys(CLOCK, 0),
        }

    def _blank_step(self) -> dict[str, Any]:
        return {"due": 0, "paid": 0, "shortfall": 0, "from": dict.fromkeys(self.deal.accounts, 0)}

    def _scheduled_revolving(self, t: int) -> bool:
        return self.given.dates.number[t] <= self.deal.dates.revolving_periods

    def run(self) -> list[dict[str, Any]]:
        """States at the end of all dates."""
        for t in range(len(self.given.rates)):
            self.t, self.owed = t, {}
            self._open()
            self._collect()
            self._post()
            self.begin()
            self._end_revolving()
            self.settle()
            self._enter()
            self.passing("regime")
            self._exercise()
            self.passing("call")
            self._fall_due()
            self.passing("due")
            self._run_waterfall()
            self.passing("pay")
            assert not self.pending, self.pending
            self.reader.end_of_date()
            if self._largest() > 2**52:
                raise Stopped
            self.history.append(copy.deepcopy(self.state))
        return self.history

    def _largest(self) -> int:
        """The largest amount of the date; what steps ask for, accounts aim at, and sums of stocks have no bound."""
        found = 0
        unbounded = {"target"}, {"target", *(name for name in POOL.words() if PoolField[name.upper()] not in FLOWS)}
        for kind, rows in self.state.items():
            for row in rows.values() if kind not in ("clock", "step") else ():
                if isinstance(row, dict):
                    found = max(
                        found,
                        *(abs(value) for name, value in row.items() if name not in unbounded[kind == "cumulative"]),
                    )
        return found

    def _judge(self, item: Item) -> Callable[[str], None]:
        judges: dict[str, Callable[[str], None]] = {"note": self._accrue_note}
        judges |= {"definition": self.reader.define, "target": self._set_target}
        judges |= {"receipt": self._receive}
        judges |= {kind: partial(other.accrue, self) for kind, other in OTHERS.items()}
        return judges.get(item[0], self._test)

    def _receive(self, name: str) -> None:
        formula = self.deal.accounts[name].receives
        assert formula is not None
        self._deposit(name, max(0, self.amount(formula, finite=True)), "posted")

    def calendar(self, name: str) -> float:
        """Days and fractions of the year of the date."""
        dates, t = self.given.dates, self.t
        if name.startswith("note."):
            note = self.deal.notes[name.split(".")[1]]
            return self._years(note, self._accrual_period(note)[0])
        if name.startswith("year_fraction."):
            count = next(each for each in day_counts() if re.sub(r"\W", "_", each) == name.partition(".")[2])
            start, end = (
                (dates.unadjusted[t - 1] if t else dates.previous_unadjusted or dates.closing),
                dates.unadjusted[t],
            )
            return year_fraction(start, end, count, start if t else dates.regular_start, self.deal.dates.legal_final)
        before = dates.payment[t - 1] if t else dates.previous_payment or dates.closing
        if name == "period_days":
            return (dates.payment[t] - before).days
        first, after = (month_day(dates.cut_off, m, dates.cut_off.day) for m in ([0, *dates.month][t], dates.month[t]))
        if name == "year_days":
            return 366 if isleap((after - timedelta(days=1)).year) else 365
        whole = (after - first).days
        return whole if name == "collection_days" else sorted((0, (before - first).days, whole))[1]

    def _set_target(self, name: str) -> None:
        target = self.deal.accounts[name].target
        assert target is not None
        self.state["account"][name]["target"] = max(0, self.amount(target))

    def _run_waterfall(self) -> None:
        self.judging = ("pay", "")
        for step in self._waterfall(self.state["clock"]["regime"]):
            if step.rule != "carry" and (step.when is None or self.reader.number(step.when, "flag")):
                (self._book if step.rule == "book" else self._pay)(step)
        for name, note in self.state["note"].items():
            unpaid = note["interest_due"] - note["interest_paid"]
            put_off = unpaid if unpaid < self.payment_unit(name) else 0
            note["accrued_not_due"] += put_off
            note["interest_shortfall"] = unpaid - put_off
        for kind, other in OTHERS.items():
            for row in self.state[kind].values():
                other.close(row)

    def amount(self, text: str, finite: bool = False) -> int:
        """An expression in whole minor units."""
        value = self.reader.number(text, "amount")
        if not math.isfinite(value) or (finite and abs(value) > 1e18):
            raise Stopped
        return round_half_up(value) if abs(value) <= 1e18 else int(math.copysign(UNLIMITED, value))

    def _open(self) -> None:
        state, t, dates = self.state, self.t, self.given.dates
        for name, note in state["note"].items():
            kept = ("balance", "cumulative_write_down", "accrued_not_due", "interest_shortfall")
            note |= dict.fromkeys((field for field in note if field not in kept), 0)
            note["opening_balance"], note["interest_due"] = note["balance"], note["interest_shortfall"]
            steps = self.deal.notes[name].schedule
            reached = [period for period in steps if period <= dates.number[t]]
            note["scheduled_balance"] = self.minor(steps[max(reached)]) if reached else self.issued[name]
        for account in state["account"].values():
            account |= dict.fromkeys(("collected", "income", "posted", "paid_in", "paid_out"), 0)
            account["opening_balance"] = account["balance"]
        for ledger in state["ledger"].values():
            ledger |= {"opening_balance": ledger["balance"], "debited": 0, "credited": 0}
        state["step"] = {key: self._blank_step() for key in state["step"]}
        for kind, other in OTHERS.items():
            for row in state[kind].values():
                other.open(row)
        clock = state["clock"]
        clock["months"] = dates.month[t] - clock["month"]
        clock |= {"period": dates.number[t], "month": dates.month[t]}
        clock["offered"] = int(self._vintage()[0]["closing_balance"] > 0)
        clock["final"] = int(self.given.ends and t == len(self.given.rates) - 1)
        for name in self.deal.pools:
            opening = state["pool"][name]["closing_balance"]
            state["pool"][name] = self._months_of(name) | {"opening_balance": opening}
        state["pool"][""] = {
            field: sum(state["pool"][name][field] for name in self.deal.pools) for field in blank(PoolField)
        }
        for name in ("", *self.deal.pools):
            for field, value in state["pool"][name].items():
                state["cumulative"][name][field] += value

    def _months_of(self, pool: str) -> Row:
        """Flows of the months since the date before, stocks at the end of the last."""
        rows = self.flows[pool][self.row(self.t - 1) if self.t else 0 : self.row(self.t)]
        return {field: rows[-1][field] if field in STOCKS else sum(row[field] for row in rows) for field in rows[0]}

    def row(self, t: int) -> int:
        """Months of collateral that end by a date."""
        month = self.given.dates.month
        return len(next(iter(self.flows.values()))) - month[len(self.given.rates) - 1] + month[t]

    def _deposit(self, account: str, amount: int, field: str) -> None:
        self.state["account"][account][field] += amount
        self.state["account"][account]["balance"] += amount

    def _collecting(self, pool: str, source: str) -> str:
        """Account that collects a source of a pool: by its name, else by `all`."""
        fitting = {n: a for n, a in self.deal.accounts.items() if not a.pools or pool in a.pools}
        named = [n for n, a in fitting.items() if source in a.collects]
        return (named or [n for n, a in fitting.items() if "all" in a.collects])[0]

    def _collect(self) -> None:
        for name, account in self.deal.accounts.items():
            if self.t < len(account.income):
                self._deposit(name, self.minor(account.income[self.t]), "income")
            else:
                rate = account.reinvestment_pct / 100.0 * self.state["clock"]["months"] / 12.0
                self._deposit(name, round_half_up(self.state["account"][name]["opening_balance"] * rate), "income")
        for pool in self.deal.pools:
            row = self.state["pool"][pool]
            cash = {"interest": row["interest"], "fees": row["fee"], "penalty": row["penalty"]}
            cash["recovery"] = row["recovery"] - row["collection_cost"]
            cash["advances"] = row["advanced_principal"] + row["advanced_interest"]
            cash["discount"] = left = row["discount"]
            for source in PRINCIPAL:
                income = min(left, row[source])
                cash[source] = row[source] - income
                left -= income
            for source, amount in cash.items():
                if amount:
                    self._deposit(self._collecting(pool, source), amount, "collected")

    def _post(self) -> None:
        for account, amount in self.given.posted[self.t].items():
            balance = self.state["account"][account]["balance"]
            self._deposit(account, amount if amount >= 0 else -min(-amount, max(0, balance)), "posted")

    def _accrue_note(self, name: str) -> None:
        note, row = self.deal.notes[name], self.state["note"][name]
        base = row["opening_balance"]
        if note.notional is not None:
            base = max(0, self.amount(note.notional, finite=True))
        adds = note.capitalizes is not None and bool(self.reader.number(note.capitalizes, "flag"))
        row["notional"] = base
        if note.interest_on_interest:
            base += row["interest_shortfall"]
        period, begins = self._accrual_period(note)
        years = self._years(note, period)
        interest = max(0, round_half_up(float(base) * self._coupon(name, begins) * years))
        row["accrued_interest"] = interest
        if adds:
            row["capitalized"] = interest
        else:
            row["accrued_not_due"] += interest

    def _years(self, note: Any, period: tuple[date, date]) -> float:
        regular = period[0] if self.t else self.given.dates.regular_start - timedelta(days=note.payment_delay_days)
        maturity = note.legal_final or self.deal.dates.legal_final
        return year_fraction(*period, note.day_count, regular, maturity)

    def _accrual_period(self, note: Any) -> tuple[tuple[date, date], date]:
        """Days of the note's period, and the later of its scheduled and moved first days."""
        dated, delay = note.dated_date, note.payment_delay_days
        found = [accrual_periods(self.given.dates, moved, dated, delay)[self.t] for moved in (False, True)]
        return found[note.accrual == "adjusted"], max(start for start, _ in found)

    def accrue_fee(self, name: str) -> None:
        fee = self.deal.fees[name]
        if self.state["clock"]["period"] % fee.every or (fee.when and not self.reader.number(fee.when, "flag")):
            return
        accrued = max(0, self._fee(fee))
        self.state["fee"][name]["accrued"] = accrued
        self.state["fee"][name]["due"] += accrued

    def _fee(self, fee: Any) -> int:
        if fee.amount is not None:
            return self.amount(fee.amount, finite=True)
        value = fee.rate_pct / 100.0 * self.reader.number(fee.of, "amount")
        if fee.annual:
            past = self.history[max(0, len(self.history) - fee.every + 1) :] if fee.every > 1 else []
            pools = set(re.findall(r"pool\.(?:(\w+)\.)?\w", fee.of)) if any(self.extra.values()) else set()
            pool = pools.pop() if pools else None
            months = [self.months(state, pool) for state in (self.state, *past)]
            value *= sum(months) / len(months) * fee.every / 12.0
        if math.isnan(value) or abs(value) > 1e18:
            raise Stopped
        return round_half_up(value)

    def months(self, state: dict[str, Any], pool: str | None) -> float:
        """Months that a pool, all pools by balance (empty name), or the deal has collected on the date of a state."""
        months = state["clock"]["months"]
        if pool is None or state["clock"]["period"] != self.given.dates.number[0]:
            return float(months)
        balance = {name: state["pool"][name]["opening_balance"] for name in ([pool] if pool else self.deal.pools)}
        more = sum(self.extra[name] * opening for name, opening in balance.items())
        return months + (self.extra[pool] if pool else divide(float(more), float(sum(balance.values()))))

    def _coupon(self, name: str, start: Any) -> float:
        note = self.deal.notes[name]
        floating = note.floating
        fixed = (floating.spread_pct if floating else note.coupon_pct) or 0.0
        reached = [day for day in note.step_up if day <= start]
        fixed = note.step_up[max(reached)] / 100.0 if reached else fixed / 100.0
        if floating is None:
            return fixed
        rate = self.given.rates[self.t][name] + fixed
        if floating.floor_pct is not None:
            rate = max(floating.floor_pct / 100.0, rate)
        return min(floating.cap_pct / 100.0, rate) if floating.cap_pct is not None else rate

    def _test(self, name: str) -> None:
        trigger, row = self.deal.triggers[name], self.state["trigger"][name]
        row["breached"] = int(self.reader.number(trigger.when, "flag"))
        row["count"] = row["count"] + 1 if row["breached"] != row["active"] else 0
        needed: float = trigger.periods
        if row["active"]:
            needed = trigger.cure_after if trigger.curable else math.inf
        if row["breached"] != row["active"] and row["count"] >= needed:
            row["active"], row["count"] = row["breached"], 0
        if row["active"] and self.marks[name] is None:
            self.marks[name] = self.t

    def _exercise(self) -> None:
        if self.state["clock"]["called"] or not self.given.calls:
            return
        day, paying = self.given.dates.unadjusted[self.t], self.given.dates.payment
        self.judging = ("call", "")
        for call in self.deal.calls.values():
            chosen = {next((d for d in paying if d >= wanted), None) for wanted in call.dates}
            late = call.first is None or paying[self.t] >= call.first
            if not late or (call.dates and paying[self.t] not in chosen):
                continue
            if self.reader.number(call.when, "flag"):
                price = self.amount(call.price, finite=True)
                if price < 0:
                    raise Stopped
                self._sell(price)
                if call.make_whole is not None:
                    years = max(0, (call.make_whole.until - day).days)
                    for note in self.state["note"].values():
                        rate = call.make_whole.rate_pct / 100.0 * years / 365.0
                        note["premium_due"] = round_half_up(note["balance"] * rate)
                self.state["clock"]["called"] = 1
                if self.state["clock"]["regime"] == 0:
                    self.state["clock"] |= {"regime": 1, "regime_period": 1}
                    self._end_revolving()
                self.judge_again()
                return

    def _sell(self, price: int) -> None:
        balances = {name: self.state["pool"][name]["closing_balance"] for name in self.deal.pools}
        left, whole = price, max(1, sum(balances.values()))
        for name, balance in balances.items():
            last = name == list(balances)[-1]
            part = left if last else min(left, price * balance // whole)
            left -= part
            if part:
                self._deposit(self._collecting(name, "sale"), part, "collected")
            own = dict(self.state["pool"][name])
            gone = {"sold_balance": own["closing_balance"], "loss": own["non_performing_balance"]}
            self._pool_flow(name, {"sale_proceeds": part, **gone})
            self._pool_stock(name, {stock: -own[stock] for stock in STOCKS})
            for later in self.flows[name][self.row(self.t) :]:
                later |= blank(PoolField)

    def _pool_stock(self, name: str, amounts: Row) -> None:
        for field, amount in amounts.items():
            for each in (name, ""):
                self.state["pool"][each][field] += amount

    def _pool_flow(self, name: str, amounts: Row) -> None:
        self._pool_stock(name, amounts)
        for field, amount in amounts.items():
            for each in (name, ""):
                self.state["cumulative"][each][field] += amount

    def _end_revolving(self) -> None:
        """The date before is the last of the revolving period, if that has ended for the first time."""
        ended = not self._scheduled_revolving(self.t) or self.state["clock"]["regime"]
        if ended and self.marks["end_of_revolving"] is None:
            self.marks["end_of_revolving"] = self.t - 1
            self.judge_again()

    def _enter(self) -> None:
        """Regime of the date: the most severe of those asked for."""
        assert not any(kind == "start" for kind, _ in self.pending), self.pending
        asked = [0 if self._scheduled_revolving(self.t) else 1]
        for name, trigger in self.deal.triggers.items():
            if self.state["trigger"][name]["active"] and trigger.effect in REGIMES:
                asked.append(REGIMES.index(trigger.effect))
        if self.state["clock"]["called"]:
            asked.append(1)
        clock, regime = self.state["clock"], max(asked)
        same = bool(self.history) and clock["regime"] == regime
        clock |= {"regime": regime, "regime_period": clock["regime_period"] + 1 if same else 1}
        self._end_revolving()

    def _fall_due(self) -> None:
        ends = self.state["clock"]["called"] or self.state["clock"]["final"]
        regime = REGIMES[self.state["clock"]["regime"]]
        for name, note in self.deal.notes.items():
            row = self.state["note"][name]
            if ends or self.state["clock"]["period"] % note.pays.get(regime, 1) == 0:
                row["interest_due"] += row["accrued_not_due"]
                row["accrued_not_due"] = 0

    def _waterfall(self, regime: int) -> Sequence[Step]:
        present = [name for name in REGIMES[: regime + 1] if name in self.deal.waterfalls]
        self.regime = present[-1]
        return self.deal.waterfalls[self.regime]
