"""Random expressions over the names of a deal, and what every maker of random documents draws with."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.property.random_contract import Document

_NOTE_FIELDS = ["balance", "interest_shortfall", "scheduled_balance", "initial_balance", "accrued_interest"]


def some(r: Random, items: list[Any], least: int = 1, most: int = 3) -> list[Any]:
    """A few different items in random order."""
    return r.sample(items, r.randint(min(least, len(items)), min(most, len(items))))


def chance(r: Random, odds: float) -> bool:
    return r.random() < odds


class Words:
    """Random expressions over the names of a deal."""

    def __init__(self, r: Random, deal: Document) -> None:
        self.r, self.deal = r, deal
        self.revolving = bool(deal["dates"]["revolving_periods"])
        self.steps: list[str] = []

    def amount(self, depth: int = 2) -> str:
        """An amount."""
        r = self.r
        if depth == 0 or chance(r, 0.35):
            return self._prefixed(r.choice(self._amounts())) if chance(r, 0.85) else str(r.choice((0, 1, 250.5, 1e6)))
        a, b = self.amount(depth - 1), self.amount(depth - 1)
        made = [f"({a} + {b})", f"({a} - {b})", f"max({a}, {b})", f"min({a}, {b})", f"abs({a})", f"max(0, {a})"]
        made += [f"{self.number(depth - 1)} * {a}", f"({a}) / 3", f"if({self.flag(depth - 1)}, {a}, {b})"]
        made += [f"{r.choice(['round', 'floor', 'ceil'])}({a}, {r.choice(['0.01', '0.1', '7', '1000', '2.5'])})"]
        made += [f"table({self.number(depth - 1)}, 0: 10, 0.3: 250.5, 1: 1e5)", f"daily_average({self._stocks()})"]
        return r.choice(made)

    def number(self, depth: int = 2) -> str:
        """A plain number, finite."""
        r = self.r
        if depth == 0 or chance(r, 0.4):
            return r.choice(
                ["0.5", "0.1", "1.25", "0", "(months / 12)", "pool.factor", "pool.portfolio_yield", "index.euribor"]
            )
        if chance(r, 0.3):
            made = ["period_days / year_days", "year_fraction.act_360 * collection_days", "days_before_payment / 31"]
            made += ["round(pool.factor, 0.0001)", "floor(months * 0.3, 0.1)", "ceil(pool.factor, 3)"]
            made += ["table(pool.balance, 0: 0.5, 1000: -1.5)", "note.N0.year_fraction", "earlier.pool.factor"]
            return r.choice(made)
        ratio = f"({self.amount(depth - 1)} / max(1, {r.choice(self._amounts())}))"
        return r.choice([ratio, f"min(2, {self.number(depth - 1)})"])

    def flag(self, depth: int = 2) -> str:
        """A condition."""
        r = self.r
        if depth == 0 or chance(r, 0.3):
            plain = [f"period > {r.randint(0, 9)}", f"regime_period <= {r.randint(1, 5)}", "final", "not called"]
            plain += ["regime.amortization", "pool.factor < 0.5", "excess_spread < 0.05", "pool.npl_to_pool_ratio > 0"]
            plain += [f"trigger.{name}" for name in self.deal["triggers"]]
            return r.choice(plain)
        a, b = self.amount(depth - 1), self.amount(depth - 1)
        made = [f"{a} {r.choice(['<', '<=', '>', '>=', '==', '!='])} {b}", f"not ({self.flag(depth - 1)})"]
        made.append(f"({self.flag(depth - 1)} {r.choice(['and', 'or'])} {self.flag(depth - 1)})")
        return r.choice(made)

    def _stocks(self) -> str:
        names = [
            "pool.balance",
            "notes.balance",
            "note.N0.balance",
            *(f"{name}.balance" for name in self.deal["accounts"]),
        ]
        return " - ".join(self.r.sample(names, self.r.choice([1, 1, 2])))

    def _amounts(self) -> list[str]:
        deal, r = self.deal, self.r
        names = ["pool.balance", "pool.default", "pool.interest", "pool.adjusted_balance", "pool.cumulative_net_loss"]
        names += ["pool.initial_balance", "notes.balance", "notes.interest_due", "pool.principal_collections"]
        names += [f"pool.{name}.balance" for name in deal["pools"]]
        for note in deal["notes"]:
            names.append(f"note.{note}.{r.choice(_NOTE_FIELDS)}")
        names += [f"{account}.{r.choice(['balance', 'collected'])}" for account in deal["accounts"]]
        names += [f"{ledger}.balance" for ledger in deal["ledgers"]]
        names += [f"fee.{fee}.due" for fee in deal["fees"]]
        names += [f"step.{step}.{r.choice(['paid', 'shortfall', 'due'])}" for step in self.steps]
        return names

    def _prefixed(self, name: str) -> str:
        marks = ["at.closing"] + (["at.end_of_revolving"] if self.revolving else [])
        marks += [f"at.{trigger}" for trigger in self.deal["triggers"]]
        if not chance(self.r, 0.25):
            return name
        return f"{self.r.choice(['opening', 'previous', 'earlier', *marks])}.{name}"
