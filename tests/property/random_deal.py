"""Random deals, tapes and scenarios: every one valid, none of them sensible."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import Any, get_args

from abssim.deal.base import DayCount
from abssim.deal.deal import Deal
from abssim.deal.load import check_deal
from abssim.deal.payee import sharing
from abssim.errors import Problem
from abssim.scenario.scenario import Scenario
from tests.property.random_contract import repline

Document = dict[str, Any]
ALL = ["interest", "fees", "penalty", "scheduled_principal", "prepayment", "repurchase", "recovery"]
ALL += ["advances", "discount", "sale"]
UNTIMELY = ("E115", "E160", "E161", "E162")
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


def collections(r: Random, scale: float) -> Document:
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


def _dates(r: Random) -> Document:
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


def _reached(deal: Document) -> Document:
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
    return deal


def _note(r: Random, scale: float, started: bool) -> Document:
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


def _accounts(r: Random, deal: Document) -> Document:
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


class _Waterfall:
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


def _triggers(r: Random, deal: Document, words: Words) -> None:
    effects = [None, "amortization", "early_amortization", "enforcement"]
    effects += ["stop_purchases"] if "revolving" in deal else []
    for i in range(r.randint(0, 3)):
        trigger: Document = {"when": words.flag(), "effect": r.choice(effects), "test": r.choice(["start", "end"])}
        trigger |= {"for": r.choice([1, 1, 2, 3])}
        if chance(r, 0.5):
            trigger |= {"curable": True, "cure_after": r.choice([1, 2])}
        if deal["dates"].get("started_periods") and chance(r, 0.3):
            trigger |= {"fired": True}
        deal["triggers"][f"g{i}"] = trigger


def _definitions(r: Random, deal: Document, words: Words) -> None:
    ratio = r.choice(["pool.npl_to_issue_ratio", "excess_spread", "pool.dpd_30_plus_ratio", "pool.payment_rate"])
    window = r.choice(["average", "highest", "lowest", "total"])
    offered = {
        "peak": "max(previous.peak, notes.balance)",
        "dates": "previous.dates + 1",
        "ratio": ratio,
        "smooth": "ratio.3m",
        "window": f"{window}(pool.default, {r.randint(1, 5)})",
        "wild": words.amount(),
        "later": "wild + previous.wild",
        "limit": "schedule.limit * pool.initial_balance",
    }
    kept = {name: text for name, text in offered.items() if name not in ("smooth", "later") and chance(r, 0.5)}
    kept |= {"smooth": offered["smooth"]} if "ratio" in kept else {}
    kept |= {"later": offered["later"]} if "wild" in kept else {}
    deal["definitions"] = kept
    if "limit" in kept:
        deal["schedules"] = {"limit": {1: 0.01, 4: 0.02}}
    if deal["dates"].get("started_periods") and "ratio" in kept:
        deal["history"] = {"ratio": [0.01, 0.02, 0.08][: r.randint(1, 3)]}


def _outside(r: Random, deal: Document, words: Words) -> None:
    """Cash from outside by formula, and ledgers that rise one after the other."""
    if chance(r, 0.3):
        deal["accounts"][r.choice(list(deal["accounts"]))]["receives"] = r.choice(["12.5", words.amount(1)])
    if len(deal["ledgers"]) == 2 and chance(r, 0.6):
        deal["ledgers"]["d1"] |= {"limit": r.choice(["100", "0.1 * notes.balance", words.amount(1)]), "beyond": "d2"}


def _pools(r: Random, scale: float) -> Document:
    """One pool or two, of loans or of as many reports each."""
    names = ("p", "q")[: r.choice([1, 1, 2])]
    if not chance(r, 0.15):
        return {name: {"replines": [repline(r, scale) for _ in range(r.randint(1, 3))]} for name in names}
    pools = {name: collections(r, scale) for name in names}
    reports = min(len(pool["collections"]) for pool in pools.values())
    return {name: pool | {"collections": pool["collections"][:reports]} for name, pool in pools.items()}


def deal_document(r: Random) -> Document:
    """A deal document."""
    scale = r.choice([100.0, 1e4, 1e6, 1e9, 1e12])
    deal: Document = {"name": "random", "currency": r.choice(["USD", "CNY", "JPY"]), "dates": _dates(r)}
    deal |= {"ledgers": {}, "fees": {}, "triggers": {}, "holders": [], "schedules": {}}
    started = bool(deal["dates"].get("started_periods"))
    deal["pools"] = _pools(r, scale)
    loans = [name for name, pool in deal["pools"].items() if "replines" in pool]
    for name in loans:
        deal["pools"][name] |= r.choice([{}, {"purchase_yield_pct": 9.0}, {"hurdle_rate_pct": 10.0}])
        later = "2025-02-01" if deal["dates"]["months_per_period"] > 1 else "2025-01-01"
        deal["pools"][name] |= r.choice([*[{}] * 4, {"cut_off": "2024-12-01"}, {"cut_off": later}])
    if loans and chance(r, 0.5):
        deal["revolving"] = {
            "pool": loans[-1],
            "replenishment": {"replines": [repline(r, scale, any_time=True) for _ in range(2)]},
        }
        deal["revolving"]["replenishment"]["replines"][0]["days_past_due"] = 0
        if chance(r, 0.5):
            deal["revolving"]["purchase_yield_pct"] = 12.0
        if chance(r, 0.3):
            deal["revolving"]["eligibility"] = [{"column": "remaining_term", "min": 1}]
    deal["notes"] = {f"N{i}": _note(r, scale, started) for i in range(r.randint(1, 5))}
    deal["indexes"] = {"euribor": {"fixings_pct": {"2024-01-20": 2.0}, "forward_pct": r.choice([-3.0, 2.5])}}
    deal["accounts"] = _accounts(r, deal)
    deal["holders"] = ["seller"] if chance(r, 0.5) else []
    deal["ledgers"] = {name: {"balance": r.choice([0.0, 55.5, -20.0])} for name in ("d1", "d2")[: r.randint(0, 2)]}
    words = Words(r, deal)
    _triggers(r, deal, words)
    deal["fees"] = {f"f{i}": fee for i, fee in enumerate(some(r, _fees(r, words), 0, 3))}
    _definitions(r, deal, words)
    _outside(r, deal, words)
    regimes = (["revolving"] if deal["dates"]["revolving_periods"] else []) + ["amortization"]
    regimes += [name for name in ("early_amortization", "enforcement") if chance(r, 0.3)]
    deal["waterfalls"] = {name: _Waterfall(r, deal, words, name).steps() for name in regimes}
    if chance(r, 0.4):
        call: Document = {"when": words.flag(1), "price": r.choice(["pool.balance", words.amount(1)])}
        call |= {"make_whole": {"rate_pct": 3.0, "until": "2026-01-01"}} if chance(r, 0.5) else {}
        deal["calls"] = {"call": call | ({"from": "2025-05-01"} if chance(r, 0.5) else {})}
    place = -len(deal["accounts"])
    deal["waterfalls"]["amortization"][place:place] = _settled(deal)
    return in_time(_reached(deal))


def in_time(document: Document) -> Document:
    """The document with `previous.` (or `opening.`) before every name that is read before it is known."""
    for _ in range(60):
        problems = [each for each in check_deal(Deal.model_validate(_dated(document))) if each.code in UNTIMELY]
        if not problems:
            return document
        for problem in {each.path: each for each in problems}.values():
            _postpone(document, problem)
    raise AssertionError(problems)


def _postpone(document: Document, problem: Problem) -> None:
    """Let the expression where a chain begins read the date before."""
    path, _, payee = problem.path.partition(".caps.")
    *path, last = [int(key) if key.isdigit() else key for key in re.findall(r"\w+", path)]
    if payee:
        path, last = [*path, last, "caps"], payee
    place: Any = document
    for key in path:
        place = place[key]
    if problem.code == "E162":
        place[last] = f"max(0, {place[last]})"
        return
    chain = re.search(r"(?:before it is known \(|back to itself: )([^)]*)", problem.message)
    links = chain[1].split(" → ") if chain else re.findall(r"(?:reads) ([\w.]+)", problem.message)
    name = next(link for link in links if re.search(rf"(?<![\w.]){re.escape(link)}(?![\w.(])", str(place[last])))
    earlier = "opening" if "opening." in problem.hint else "previous"
    plain = name.partition(".")[2] if name.startswith("opening.") else re.sub(r"^at\.\w+\.", "", name)
    place[last] = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"{earlier}.{plain}", str(place[last]))


def _settled(deal: Document) -> list[Document]:
    """Steps that pay on the last date, if nobody did before, what falls due and what is outstanding."""
    notes = deal["notes"]
    due = [name for name, note in notes.items() if "coupon_pct" in note or "floating" in note]
    due += [*deal["fees"], *(["N0.premium"] if "make_whole" in deal.get("calls", {}).get("call", {}) else [])]
    step = {"source": list(deal["accounts"])[:1], "when": "final"}
    steps = [{"name": "last due", "rule": "pay_due", "payees": due} | step] if due else []
    return [*steps, {"name": "last principal", "rule": "pay_down_to", "payees": list(notes), "target": "0"} | step]


def _fees(r: Random, words: Words) -> list[Document]:
    return [
        {"rate_pct": 1.0, "of": "opening.pool.balance", "every": r.choice([1, 1, 2, 5])},
        {"rate_pct": 3.26, "of": "pool.interest", "annual": False},
        {"amount": "25.5", "every": r.choice([1, 2, 3])},
        {"amount": words.amount(1), "when": words.flag(1)},
        {"amount": "10", "opening_shortfall": 7.0},
    ]


def random_deal(r: Random) -> Deal:
    """A deal without problems."""
    return deal_of(deal_document(r))


def deal_of(document: Document) -> Deal:
    """The deal a document says."""
    deal = Deal.model_validate(_dated(document))
    problems = check_deal(deal)
    assert not problems, "\n".join(map(str, problems))
    return deal


def _dated(value: Any) -> Any:
    """Dates out of their ISO text, keys included."""
    if isinstance(value, dict):
        return {_dated(key): _dated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dated(item) for item in value]
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return date.fromisoformat(value)
    return value


def random_scenario(r: Random) -> Scenario:
    """Assumptions of every kind, extreme ones too."""
    return Scenario.model_validate(
        {
            "name": "random",
            "reason": "property test",
            "competing_risks": r.choice(["default_first", "simultaneous", "prepay_first"]),
            "default_multiple": r.choice([1.0, 1.0, 0.0, 3.0, 100.0]),
            "prepay_multiple": r.choice([1.0, 0.5, 4.0]),
            "assumptions": _rules(r),
            "rates": r.choice([{}, {"euribor": {"forward_pct": 3.0}}, {"all": {"shock_bps": -900}}]),
            "stress": r.choice([{}, {"default": "1 ramp 4 over 6"}, {"prepayment": 0.3, "recovery": 0.2}]),
        }
    )


def _rules(r: Random) -> list[Document]:
    rules = [_rule(r, {}), *(_rule(r, _where(r)) for _ in range(r.choice([0, 0, 1, 2])))]
    spread = {"curve_pct", "channels", "sale"}
    if all("roll_rates" not in rule["default"] and not spread & rule["recovery"].keys() for rule in rules):
        rules[0]["advances"] = r.choice(["none", "principal", "principal_and_interest"])
    return rules


def _where(r: Random) -> Document:
    return r.choice([{"grade": "A"}, {"grade": ["B", "C"]}, {"age": {"min": 3, "max": 8}}, {"region": "N"}])


def _rule(r: Random, where: Document) -> Document:
    rate = r.choice([0, 0.5, 3, 20, 100])
    rule: Document = {"where": where, "by": r.choice(["month", "age"])}
    rule["prepayment"] = {r.choice(["smm_pct", "cpr_pct", "psa_pct", "abs_pct"]): rate}
    cumulative = {"cumulative_pct": r.choice([0.0, 4.0, 60.0]), "timing": r.choice(["base", "front", "back"])}
    defaults = [{"mdr_pct": rate}, {"cdr_pct": "0.2 ramp 8 over 6"}, {"sda_pct": 200}, cumulative]
    defaults += [{"lifetime_pd_pct": 40, "timing": "back"}, {"lifetime_pd_pct": 9, "life_months": 10}]
    defaults += [{"roll_rates": name} for name in ("prime", "base", "stress")]
    rule["default"] = r.choice(defaults)
    rule["recovery"] = _recovery(r)
    if chance(r, 0.3):
        rule |= {"dilution_pct": 1, "repurchase_pct": "2 for 3, 0"}
    if chance(r, 0.3):
        rule["penalty_pct_per_day"] = 0.05
    return rule


def _recovery(r: Random) -> Document:
    recovery = _collector(r)
    if chance(r, 0.3):
        agency = {"share_pct": 30, "from_month": r.choice([1, 4])}
        recovery = {"channels": {"in_house": {"share_pct": 60} | recovery, "agency": agency | _collector(r)}}
    if chance(r, 0.3):
        recovery["sale"] = {"month": r.choice([0, 3]), "price_pct": r.choice([0.0, 4.0, 100.0])}
    return recovery


def _collector(r: Random) -> Document:
    found = {r.choice(["rate_pct", "severity_pct"]): r.choice([0.0, 35.0, 100.0])}
    found |= {"commission_pct": r.choice([0.0, 20.0]), "cost_pct": r.choice([0.0, 5.0])}
    return found | r.choice([{"lag_months": 0}, {"lag_months": 4}, {"curve_pct": [50, 30, 20]}])
