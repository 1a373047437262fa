"""Random deals: every one valid, none of them sensible."""

from __future__ import annotations

from random import Random

from abssim.deal.deal import Deal
from abssim.deal.load import check_deal
from tests.property.random_contract import repline
from tests.property.random_part import random_accounts, random_collections, random_dates, random_note, reached
from tests.property.random_timely import dated, in_time
from tests.property.random_waterfall import Waterfall, settled
from tests.property.random_words import Document, Words, chance, some


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
    pools = {name: random_collections(r, scale) for name in names}
    reports = min(len(pool["collections"]) for pool in pools.values())
    return {name: pool | {"collections": pool["collections"][:reports]} for name, pool in pools.items()}


def deal_document(r: Random) -> Document:
    """A deal document."""
    scale = r.choice([100.0, 1e4, 1e6, 1e9, 1e12])
    deal: Document = {"name": "random", "currency": r.choice(["USD", "CNY", "JPY"]), "dates": random_dates(r)}
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
    deal["notes"] = {f"N{i}": random_note(r, scale, started) for i in range(r.randint(1, 5))}
    deal["indexes"] = {"euribor": {"fixings_pct": {"2024-01-20": 2.0}, "forward_pct": r.choice([-3.0, 2.5])}}
    deal["accounts"] = random_accounts(r, deal)
    deal["holders"] = ["seller"] if chance(r, 0.5) else []
    deal["ledgers"] = {name: {"balance": r.choice([0.0, 55.5, -20.0])} for name in ("d1", "d2")[: r.randint(0, 2)]}
    words = Words(r, deal)
    _triggers(r, deal, words)
    deal["fees"] = {f"f{i}": fee for i, fee in enumerate(some(r, _fees(r, words), 0, 3))}
    _definitions(r, deal, words)
    _outside(r, deal, words)
    regimes = (["revolving"] if deal["dates"]["revolving_periods"] else []) + ["amortization"]
    regimes += [name for name in ("early_amortization", "enforcement") if chance(r, 0.3)]
    deal["waterfalls"] = {name: Waterfall(r, deal, words, name).steps() for name in regimes}
    if chance(r, 0.4):
        call: Document = {"when": words.flag(1), "price": r.choice(["pool.balance", f"max(0, {words.amount(1)})"])}
        call |= {"make_whole": {"rate_pct": 3.0, "until": "2026-01-01"}} if chance(r, 0.5) else {}
        deal["calls"] = {"call": call | ({"from": "2025-05-01"} if chance(r, 0.5) else {})}
    place = -len(deal["accounts"])
    deal["waterfalls"]["amortization"][place:place] = settled(deal)
    return in_time(reached(deal))


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
    deal = Deal.model_validate(dated(document))
    problems = check_deal(deal)
    assert not problems, "\n".join(map(str, problems))
    return deal
