"""Random contracts of every type, with the particulars few have."""

from __future__ import annotations

from random import Random
from typing import Any

Document = dict[str, Any]


def repline(r: Random, scale: float, any_time: bool = False) -> Document:
    """A loan of any kind; one that can be bought `any_time` is not bound to the calendar and adds no interest."""
    kind = r.choice(["level_pay", "level_pay", "equal_principal", "interest_only", "single_payment", "flat_fee"])
    kind = r.choice([kind, "free_instalment", "minimum_payment", "balloon"])
    term, age = r.choice([1, 2, 6, 12, 30]), r.randint(0, 12)
    balance = round(r.uniform(0.01, 1.0) * scale, 0)
    row: Document = {"balance": max(1.0, balance), "remaining_term": term, "age": age, "original_term": term + age}
    row |= {"amortization": kind, "grade": r.choice("ABC"), "region": r.choice("NS")}
    row |= {"days_past_due": r.choice([0, 0, 0, 15, 45, 75, 100])}
    if kind not in ("flat_fee", "free_instalment"):
        row["rate_pct"] = r.choice([0.0, 3.5, 12.0, 36.0])
    if kind == "flat_fee":
        row["fee_rate_pct"] = r.choice([0.3, 0.9])
    if kind == "minimum_payment":
        row["minimum_payment_rate_pct"] = 10.0
    if kind == "balloon":
        row["balloon"] = max(1.0, float(round(row["balance"] / 3)))
    if r.random() < 0.3:
        row |= _particulars(r, kind, any_time)
    return row


def _particulars(r: Random, kind: str, any_time: bool) -> Document:
    """What few contracts have."""
    found: Document = {"pays_every": r.choice([2, 3, 12]), "first_period_days": r.choice([10, 45])}
    found |= {
        "day_count": r.choice(["30/360", "act/360", "act/365"]),
        "rate_schedule": r.choice(["2:7", "3:0.5;5:40", "1:-2"]),
    }
    found |= {"capitalized_term": r.choice([1, 3, 40]), "payment_rounding": r.choice(["up", "down", "half_even"])}
    if kind == "level_pay":
        found |= {"payment": r.choice([1.0, 100.0]), "negative_amortization": "yes", "at_reset": "keep_payment"}
    if any_time:
        found = {name: found[name] for name in ("pays_every", "first_period_days", "rate_schedule", "payment_rounding")}
    kept = r.sample(sorted(found), r.randint(1, 3))
    if "capitalized_term" in kept and (kind == "balloon" or "payment" in kept):
        kept.remove("capitalized_term")
    if "payment" in kept or "at_reset" in kept:
        kept.append("negative_amortization")
    return {name: found[name] for name in kept}
