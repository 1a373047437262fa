"""Random priorities of payments: steps of every rule, each account brought to an end."""

from __future__ import annotations

from random import Random
from typing import Any

from abssim.deal.payee import sharing
from tests.property.random_words import Document, Words, chance, some


class Waterfall:
    """Random steps of one regime, every account brought to an end."""

    def __init__(self, r: Random, deal: Document, words: Words, regime: str) -> None:
        self.r, self.deal, self.words, self.regime = r, deal, words, regime
        self.bearing = [n for n, note in deal["notes"].items() if "coupon_pct" in note or "floating" in note]
        self.accounts = list(deal["accounts"])

    def steps(self) -> list[Document]:
        made = []
        for _ in range(self.r.randint(3, 9)):
            step = self._step()
            if step is not None:
                step["name"] = f"{self.regime} s{len(made)}"
                made.append(step)
                self.words.steps.append(step["name"].replace(" ", "_"))
        made += self._ends()
        return made

    def _step(self) -> Document | None:
        r = self.r
        makers = [self._due, self._due, self._due, self._amount, self._down, self._down, self._full, self._top_up]
        makers += [self._book, self._buy, self._buy]
        step = r.choice(makers)()
        if step is None:
            return None
        if chance(r, 0.2):
            step["when"] = self.words.flag(1)
        if chance(r, 0.2):
            step["cap"] = self.words.amount(1)
        leaves = _leaves(step["payees"])
        if chance(r, 0.2):
            step["caps"] = {r.choice(leaves): self.words.amount(1)}
        by_balance = sharing(step["payees"], step.get("order") == "pro_rata") if step["rule"] != "pay_due" else ()
        if any(name.partition(".")[0] in self.deal["notes"] for name in by_balance):
            step |= r.choice([{}, {"pro_rata_by": "original_balance"}, {"pro_rata_by": "current_balance"}])
        if step["rule"] != "book":
            self._sources(step, leaves)
        return step

    def _sources(self, step: Document, leaves: list[str]) -> None:
        r = self.r
        free = [name for name in self.accounts if name not in leaves and name != step.get("into")]
        step["source"] = some(r, free, 1, 2)
        support = [name for name in free if name not in step["source"]]
        if support and chance(r, 0.4):
            step["support"] = some(r, support)
        if self.deal["ledgers"] and chance(r, 0.3):
            drawn = r.choice([*step["source"], *step.get("support", [])])
            sign = r.choice(["", "", "-"])
            step["books"] = {r.choice(list(self.deal["ledgers"])): sign + r.choice(["paid", f"from.{drawn}"])}

    def _tree(self, names: list[str]) -> list[Any]:
        """Some of the names, some of them in lists of their own."""
        chosen = some(self.r, names, 1, 4)
        if len(chosen) > 2 and chance(self.r, 0.5):
            cut = self.r.randint(1, len(chosen) - 1)
            return [chosen[:cut], *chosen[cut:]]
        return [chosen] if chance(self.r, 0.1) else chosen

    def _order(self, step: Document) -> Document:
        return step | {"order": self.r.choice(["sequential", "pro_rata"])}

    def _due(self) -> Document | None:
        names = [*self.bearing, *self.deal["fees"]]
        return self._order({"rule": "pay_due", "payees": self._tree(names)}) if names else None

    def _amount(self) -> Document:
        r = self.r
        names = [*self.deal["notes"], *self.deal["holders"], *(f"{note}.residual" for note in self.deal["notes"])]
        if len(self.accounts) > 1:
            names.append(r.choice(self.accounts))
        return self._order({"rule": "pay_amount", "payees": self._tree(names), "amount": self.words.amount()})

    def _down(self) -> Document:
        ledgers = list(self.deal["ledgers"])
        target = self.r.choice(["0", "pool.balance", "0.9 * pool.balance", self.words.amount()])
        if ledgers and len(self.accounts) > 1 and chance(self.r, 0.5):
            into = self.r.choice(self.accounts)
            return self._order({"rule": "pay_down_to", "payees": self._tree(ledgers), "target": "0", "into": into})
        return self._order({"rule": "pay_down_to", "payees": self._tree(list(self.deal["notes"])), "target": target})

    def _full(self) -> Document:
        return self._order({"rule": "pay_in_full", "payees": self._tree(list(self.deal["notes"]))})

    def _top_up(self) -> Document | None:
        if "reserve" not in self.accounts:
            return None
        step: Document = {"rule": "top_up", "payees": ["reserve"]}
        return step | ({"target": self.words.amount(1)} if chance(self.r, 0.3) else {})

    def _book(self) -> Document:
        names = [*self.deal["notes"], *self.deal["ledgers"]]
        return self._order({"rule": "book", "payees": self._tree(names), "amount": self.words.amount()})

    def _buy(self) -> Document | None:
        if "revolving" not in self.deal or (self.regime != "revolving" and not chance(self.r, 0.1)):
            return None
        amount = self.r.choice(["0.5 * pool.balance", "1e9", self.words.amount(1)])
        return {"rule": "pay_amount", "payees": ["purchase"], "amount": amount}

    def _ends(self) -> list[Document]:
        """Each account pays its rest away, or carries it."""
        ends = []
        for i, account in enumerate(self.r.sample(self.accounts, len(self.accounts))):
            end: Document = {"name": f"{self.regime} end {i}", "rule": "carry", "source": [account]}
            if chance(self.r, 0.6):
                end |= {"rule": "pay_remainder", "payees": self._tree([*self.deal["notes"], *self.deal["holders"]])}
                if "revolving" in self.deal and self.regime == "revolving" and chance(self.r, 0.3):
                    end["payees"] = ["purchase", *end["payees"]]
            ends.append(end)
        return ends


def _leaves(tree: list[Any]) -> list[str]:
    return [leaf for item in tree for leaf in ([item] if isinstance(item, str) else _leaves(item))]


def settled(deal: Document) -> list[Document]:
    """Steps that pay on the last date, if nobody did before, what falls due and what is outstanding."""
    notes = deal["notes"]
    due = [name for name, note in notes.items() if "coupon_pct" in note or "floating" in note]
    due += [*deal["fees"], *(["N0.premium"] if "make_whole" in deal.get("calls", {}).get("call", {}) else [])]
    step = {"source": list(deal["accounts"])[:1], "when": "final"}
    steps = [{"name": "last due", "rule": "pay_due", "payees": due} | step] if due else []
    return [*steps, {"name": "last principal", "rule": "pay_down_to", "payees": list(notes), "target": "0"} | step]
