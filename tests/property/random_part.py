"""Random parts of a deal: dates, a servicer's figures, notes, accounts; and what a deal of few dates does not reach."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import get_args

from abssim.deal.base import DayCount
from tests.property.random_words import Document, chance

ALL = ["interest", "fees", "penalty", "scheduled_principal", "prepayment", "repurchase", "recovery"]
ALL += ["advances", "discount", "sale"]


def random_collections(r: Random, scale: float) -> Document:
    """A servicer's figures."""
    balance, rows = round(scale), []
    opening = balance
    for _ in range(r.randint(1, 9)):
        paid = r.randint(0, balance)
        lost = r.randint(0, balance - paid)
        balance -= paid + lost
        rows.append({"interest": float(r.randint(0, 99)), "scheduled_principal": float(paid), "default": float(lost)})
        rows[-1] |= {"recovery": float(r.randint(0, lost)), "fee": 1.5}
    return {"collections": rows, "opening_balance": float(opening)}


def random_dates(r: Random) -> Document:
    months = r.choice([1, 1, 1, 1, 3])
    dates: Document = {"cut_off": "2025-01-01", "closing": "2025-01-20", "payment_day": r.choice([1, 15, 28, 31])}
    ends = ["2025-08-31", "2026-03-31", "2028-06-30"]
    dates |= {"months_per_period": months, "legal_final": r.choice(ends if months > 1 else ["2025-03-31", *ends])}
    dates["revolving_periods"] = r.choice([0, 0, 2, 5, 40])
    if chance(r, 0.2):
        dates["first_period_months"] = months + 1
    if chance(r, 0.15):
        dates |= {"first_payment": "2024-02-15", "closing": "2024-01-20", "payment_day": 15, "months_per_period": 1}
        dates["started_periods"] = 12
    dates["revolving_periods"] = min(dates["revolving_periods"], _count(dates))
    return dates


def _count(dates: Document) -> int:
    """Payment dates of the deal's life."""
    last = date.fromisoformat(dates["legal_final"])
    months, passed = dates["months_per_period"], dates.get("started_periods", 0)
    late = 0 if passed else dates.get("first_period_months", months) - months
    return passed + (12 * (last.year - 2025) + last.month - 1 - late) // int(months)


def _month(day: str) -> int:
    return 12 * int(day[:4]) + int(day[5:7])


def reached(deal: Document) -> Document:
    """The deal without what it says for dates that it does not reach."""
    dates, last = deal["dates"], deal["dates"]["legal_final"]
    left = _count(dates) - dates.get("started_periods", 0)
    latest = _month(last) - int(dates["months_per_period"]) - 2
    for note in deal["notes"].values():
        if "step_up" in note:
            note["step_up"] = {day: rate for day, rate in note["step_up"].items() if _month(day) <= latest}
    for pool in deal["pools"].values():
        if "collections" in pool:
            pool["collections"] = pool["collections"][:left]
    for account in deal["accounts"].values():
        if "income" in account:
            account["income"] = account["income"][:left]
    for call in deal.get("calls", {}).values():
        if call.get("from", "") > last:
            del call["from"]
        if "make_whole" in call:
            call["make_whole"]["until"] = min(call["make_whole"]["until"], last)
    counted = [(fee, "every") for fee in deal["fees"].values()]
    counted += [(trigger, name) for trigger in deal["triggers"].values() for name in ("for", "cure_after")]
    counted += [(note["pays"], regime) for note in deal["notes"].values() for regime in note.get("pays", {})]
    for part, name in counted:
        if name in part:
            part[name] = min(part[name], _count(dates))
    return deal


def random_note(r: Random, scale: float, started: bool) -> Document:
    kind = r.choice(["fixed", "fixed", "floating", "step_up", "io", "z", "sub", "scheduled"])
    note: Document = {"balance": float(round(r.uniform(0.01, 0.6) * scale) + 1)}
    note["day_count"] = r.choice([*get_args(get_args(DayCount)[0])])
    note["accrual"] = r.choice(["adjusted", "unadjusted"])
    if kind != "sub":
        note["coupon_pct"] = r.choice([0.0, 1.0, 5.1, 30.0])
    if kind == "floating":
        del note["coupon_pct"]
        note["floating"] = {"index": "euribor", "spread_pct": r.choice([-1.0, 0.7])}
        note["floating"] |= r.choice([{}, {"floor_pct": 0.0}, {"cap_pct": 4.0, "floor_pct": 1.0}])
        resets = [{"reset_months": 12}, {"reset_months": 1, "lookback_days": 5}, {"setting": "compounded"}]
        note["floating"] |= r.choice([{}, {}, *resets])
    if kind == "step_up":
        note["step_up"] = {"2025-04-01": 7.0, "2025-08-01": 9.5}
    if kind == "io":
        note |= {"balance": 0.0, "notional": r.choice(["notes.balance", "0.5 * pool.balance", "pool.adjusted_balance"])}
    if kind == "z":
        note["capitalizes"] = r.choice(["period < 5", "pool.factor > 0.4", "called or notes.balance > 100"])
    if kind == "scheduled":
        note["schedule"] = {2: round(note["balance"] * 0.7), 4: 0.0}
    if chance(r, 0.3):
        note["pays"] = {r.choice(["revolving", "amortization"]): r.choice([2, 3])}
    if chance(r, 0.3):
        note["interest_on_interest"] = True
    if chance(r, 0.2) and note["balance"]:
        note["round_per_100"] = r.choice([0.01, 0.001])
    if not started and chance(r, 0.2):
        note |= {"dated_date": "2025-01-01", "payment_delay_days": r.choice([0, 24])}
    if started:
        note |= {"opening_balance": float(round(note["balance"] * 0.8)), "opening_shortfall": r.choice([0.0, 12.34])}
    return note


def random_accounts(r: Random, deal: Document) -> Document:
    accounts: Document = {}
    if chance(r, 0.5):
        accounts["cash"] = {"collects": ["all"]}
    else:
        income = ["interest", "fees", "penalty", "recovery", "discount", "advances"]
        accounts["income"] = {"collects": income}
        accounts["principal"] = {"collects": [source for source in ALL if source not in income]}
    for account in accounts.values():
        if chance(r, 0.3):
            account |= {"reinvestment_pct": r.choice([2.0, -0.5]), "income": r.choice([[], [3.25, 0.0]])}
    if chance(r, 0.6):
        target = r.choice(["0.05 * pool.initial_balance", "min(notes.balance, 1000)", "0"])
        accounts["reserve"] = {"balance": r.choice([0.0, 500.25]), "target": target}
    return accounts
