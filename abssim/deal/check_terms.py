"""What must hold of everything but the waterfalls: names, dates, notes, pools, fees, schedules, collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from abssim.currency import MINOR_DIGITS, meant
from abssim.deal.check_dates import check_dates
from abssim.deal.check_report import check_lengths, check_reports
from abssim.deal.collection import collecting_accounts, produced_sources
from abssim.deal.deal import Deal
from abssim.deal.months import charged_months
from abssim.deal.note import Note
from abssim.deal.pool import CollectionPeriod, Pool, Source
from abssim.deal.symbols import RESERVED
from abssim.deal.thing import payable
from abssim.errors import Problem, did_you_mean
from abssim.kind.table import KINDS
from abssim.lookup import look
from abssim.money import minor_digits, to_minor, to_units
from abssim.node import DocumentPath

_ARREARS = ("dpd_1_30_balance", "dpd_31_60_balance", "dpd_61_90_balance")


def check_terms(deal: Deal) -> Iterator[Problem]:
    """All problems of the terms."""
    if deal.currency not in MINOR_DIGITS:
        text = f'"{deal.currency}" is no currency of ISO 4217'
        yield deal.problem("E148", ("currency",), text, meant(deal.currency))
    yield from _names(deal)
    yield from _sums(deal)
    yield from check_dates(deal)
    for name, note in deal.notes.items():
        yield from _note(deal, note, ("notes", name))
    for name, pool in deal.pools.items():
        yield from _pool(deal, pool, ("pools", name))
    yield from check_lengths(deal)
    yield from _revolving(deal)
    yield from _fees(deal)
    yield from _schedules(deal)
    yield from _collections(deal)


def _names(deal: Deal) -> Iterator[Problem]:
    """Payees share one space of names; no name is a word of the language."""
    owner: dict[str, str] = {}
    places: list[tuple[str, DocumentPath]] = []
    for kind, names in payable(deal).items():
        plural = KINDS[kind].plural
        listed = isinstance(getattr(deal, plural), tuple)
        places += [(name, (plural, index if listed else name)) for index, name in enumerate(names)]
    for name, place in places:
        if name in owner:
            text = f'"{name}" is already a name under {owner[name]}'
            yield deal.problem("E150", place, text, "payees share one space of names: rename one")
        owner.setdefault(name, str(place[0]))
    others: dict[str, Iterable[str]] = {"pools": deal.pools, "definitions": deal.definitions, "triggers": deal.triggers}
    places += [(name, (kind, name)) for kind, names in others.items() for name in names]
    for name, place in places:
        if name in RESERVED:
            text = f'"{name}" is a word of the language of expressions'
            yield deal.problem("E150", place, text, "choose another name")


def _sums(deal: Deal) -> Iterator[Problem]:
    """The name that results give to the sum of all notes; that of all pools, `all`, is a word of the language."""
    for name in deal.notes:
        if look(name) == "total":
            yield deal.problem(
                "E191", ("notes", name), f'"{name}" is what results call all notes', "choose another name"
            )


def _note(deal: Deal, note: Note, path: DocumentPath) -> Iterator[Problem]:
    rates = note.coupon_pct is not None or note.floating is not None
    if note.coupon_pct is not None and note.floating is not None:
        yield deal.problem("E151", (*path, "floating"), "has a fixed coupon too", "keep coupon_pct or floating")
    if note.step_up and not rates and min(note.step_up) > deal.dates.closing:
        text = f"no coupon is given before {min(note.step_up)}"
        yield deal.problem("E151", (*path, "step_up"), text, "add coupon_pct")
    for field in ("notional", "capitalizes"):
        if getattr(note, field) is not None and not rates and not note.step_up:
            yield deal.problem("E151", (*path, field), f"{field} needs a coupon", "add coupon_pct or floating")
    if not note.balance and note.notional is None:
        yield deal.problem("E151", path, "has no balance", "add balance, or notional for an interest-only note")
    if note.floating:
        yield from _floating(deal, note, (*path, "floating"))


def _floating(deal: Deal, note: Note, path: DocumentPath) -> Iterator[Problem]:
    floating = note.floating
    assert floating is not None
    if floating.index not in deal.indexes:
        text = f'no index "{floating.index}"'
        yield deal.problem("E152", (*path, "index"), text, did_you_mean(floating.index, deal.indexes) or "add indexes")
    if floating.cap_pct is not None and floating.floor_pct is not None and floating.cap_pct < floating.floor_pct:
        yield deal.problem("E151", (*path, "cap_pct"), "the cap is below the floor", "exchange them")
    arrears = floating.setting != "in_advance"
    unused = ("reset_months", "first_reset") if arrears else ("observation_shift", "lockout_days")
    for field in unused:
        if getattr(floating, field):
            text = f"has no effect on a rate with setting {floating.setting}"
            yield deal.problem("E180", (*path, field), text, "leave it out, or correct setting")
    if floating.first_reset is not None and floating.reset_months is None and not arrears:
        text = "is for resets every so many months"
        yield deal.problem("E180", (*path, "first_reset"), text, "add reset_months: 12 for once a year")
    if floating.observation_shift and not floating.lookback_days and arrears:
        text = "shifts by lookback_days, which are none"
        yield deal.problem("E180", (*path, "observation_shift"), text, "add lookback_days")


def _pool(deal: Deal, pool: Pool, path: DocumentPath) -> Iterator[Problem]:
    if pool.collections is not None and pool.cut_off is not None:
        text = "has no effect on a servicer's figures, which are by payment date"
        yield deal.problem("E178", (*path, "cut_off"), text, "leave it out")
    yield from _source(deal, pool, path, ("tape", "replines", "synthetic", "collections"))
    for field in ("opening_balance", "opening_adjusted_balance"):
        if pool.collections is None and getattr(pool, field) is not None:
            text = "is only for collections"
            yield deal.problem("E153", (*path, field), text, "a tape says its balance itself")
    if pool.collections:
        if pool.opening_balance is None:
            text = "collections need the balance they start from"
            yield deal.problem("E153", (*path, "collections"), text, "add opening_balance")
        else:
            yield from _roll(deal, pool.collections, pool.opening_balance, (*path, "collections"))
            yield from _defaulted(deal, pool, pool.collections, (*path, "collections"))
            yield from check_reports(deal, pool, pool.collections, path)


def _source(deal: Deal, source: Source, path: DocumentPath, kinds: tuple[str, ...]) -> Iterator[Problem]:
    given = [kind for kind in kinds if getattr(source, kind) is not None and getattr(source, kind) != ()]
    if len(given) != 1:
        stated = "nothing" if not given else " and ".join(given)
        text = f"needs exactly one of {', '.join(kinds)}, not {stated}"
        yield deal.problem("E153", (*path, given[-1]) if given else path, text, "keep one")


def _roll(deal: Deal, rows: tuple[CollectionPeriod, ...], opening: float, path: DocumentPath) -> Iterator[Problem]:
    """Opening balance and new receivables less what leaves must be the closing balance, to the minor unit."""
    balance = to_minor(opening, deal.currency)
    out = ("scheduled_principal", "prepayment", "repurchase", "dilution", "default")
    for index, row in enumerate(rows):
        balance += to_minor(row.new_receivables, deal.currency)
        balance -= sum(to_minor(getattr(row, name), deal.currency) for name in out)
        closing = balance if row.closing_balance is None else to_minor(row.closing_balance, deal.currency)
        if closing != balance or balance < 0:
            text = f"the flows leave {_shown(deal, balance)}, closing_balance says {_shown(deal, closing)}"
            hint = "correct the flows or the balance; what came in are new_receivables"
            yield deal.problem("E158", (*path, index), text, hint)
        late = sum(to_minor(getattr(row, name), deal.currency) for name in _ARREARS)
        if late > max(0, closing):
            text = f"{_shown(deal, late)} past due, of a closing balance of {_shown(deal, closing)}"
            yield deal.problem("E158", (*path, index), text, "the dpd balances are parts of the closing balance")
        balance = closing


def _defaulted(deal: Deal, pool: Pool, rows: tuple[CollectionPeriod, ...], path: DocumentPath) -> Iterator[Problem]:
    """Recoveries and losses come out of the non-performing balance and the defaults so far."""
    balance = to_minor(pool.non_performing_balance, deal.currency)
    hint = "correct recovery, loss or default"
    if not pool.non_performing_balance:
        hint = "state non_performing_balance: what was charged off before and is still recovering"
    for index, row in enumerate(rows):
        balance += to_minor(row.default, deal.currency)
        out = to_minor(row.recovery, deal.currency) + to_minor(row.loss, deal.currency)
        if out > balance:
            text = (
                f"recovery and loss of {_shown(deal, out)} exceed the non-performing balance of {_shown(deal, balance)}"
            )
            yield deal.problem("E158", (*path, index), text, hint)
            return
        balance -= out


def _shown(deal: Deal, minor: int) -> str:
    """An amount of minor units in currency units."""
    return f"{to_units(minor, deal.currency):,.{minor_digits(deal.currency)}f}"


def _revolving(deal: Deal) -> Iterator[Problem]:
    revolving = deal.revolving
    if revolving is None:
        for name, trigger in deal.triggers.items():
            if trigger.effect == "stop_purchases":
                yield deal.problem("E134", ("triggers", name, "effect"), "the deal buys nothing", "add revolving: …")
        return
    yield from _source(deal, revolving.replenishment, ("revolving", "replenishment"), ("tape", "replines", "synthetic"))
    if revolving.pool is not None and revolving.pool not in deal.pools:
        text = f'no pool "{revolving.pool}"'
        yield deal.problem("E132", ("revolving", "pool"), text, did_you_mean(revolving.pool, deal.pools))


def _fees(deal: Deal) -> Iterator[Problem]:
    for name, fee in deal.fees.items():
        rated = fee.rate_pct is not None
        if rated == (fee.amount is not None) or rated != (fee.of is not None):
            hint = "write {amount: 5000}, or {rate_pct: 1.0, of: opening.pool.balance}"
            yield deal.problem("E154", ("fees", name), "needs an amount, or rate_pct and of", hint)
        elif rated and fee.annual and len(names := charged_months(deal, fee)) > 1:
            text = f"counts months, which differ: {' and '.join(names)} by the first payment date"
            yield deal.problem("E182", ("fees", name, "of"), text, "write a fee for each pool")


def _schedules(deal: Deal) -> Iterator[Problem]:
    first = deal.dates.started_periods + 1
    for name, values in deal.schedules.items():
        if not values or min(values) > first:
            yield deal.problem("E156", ("schedules", name), f"says nothing for payment date {first}", f"add {first}: …")
    for name in deal.history:
        if name not in deal.definitions:
            text = f'no definition "{name}"'
            yield deal.problem("E155", ("history", name), text, did_you_mean(name, deal.definitions))


def _collections(deal: Deal) -> Iterator[Problem]:
    named = [(name, i, pool) for name, account in deal.accounts.items() for i, pool in enumerate(account.pools)]
    unknown = [(name, index, pool) for name, index, pool in named if pool not in deal.pools]
    for name, index, pool in unknown:
        text = f'no pool "{pool}"'
        yield deal.problem("E132", ("accounts", name, "pools", index), text, did_you_mean(pool, deal.pools))
    if not unknown:
        yield from _mapped(deal)


def _mapped(deal: Deal) -> Iterator[Problem]:
    """Every source of cash arrives in exactly one account."""
    for pool in deal.pools:
        collecting = {source: collecting_accounts(deal, pool, source) for source in produced_sources(deal)}
        missing = [source for source, accounts in collecting.items() if not accounts]
        if missing:
            text = f"{', '.join(missing)} of {pool} arrive{'s' if len(missing) == 1 else ''} in no account"
            yield deal.problem("E130", ("accounts",), text, f"add {missing[0]} to an account's collects")
        for accounts in sorted({accounts for accounts in collecting.values() if len(accounts) > 1}):
            sources = ", ".join(source for source, chosen in collecting.items() if chosen == accounts)
            text = f'{sources} of {pool} already in "{accounts[0]}"'
            yield deal.problem("E131", ("accounts", accounts[1], "collects"), text, "name each source once")
