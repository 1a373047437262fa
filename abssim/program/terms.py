"""Notes, accounts, fees, triggers and calls to arrays."""

from __future__ import annotations

from datetime import date

import numpy as np

from abssim.dates import PeriodDates
from abssim.deal.base import REGIMES
from abssim.deal.collection import collecting_accounts
from abssim.deal.deal import Deal
from abssim.deal.expression import Dimension
from abssim.deal.months import accrued
from abssim.deal.note import Note
from abssim.deal.trigger import Call
from abssim.engine.program import ACCOUNT_DATE, CALL, FEE, LEDGER, NOTE, NOTE_DATE, TRIGGER
from abssim.kind.pool import COLLECTIONS
from abssim.kind.table import KINDS
from abssim.money import to_minor
from abssim.program.accrual import fixed_rates, note_fractions
from abssim.program.code import BELOW_ZERO, BINARY, CodeBuilder
from abssim.program.place import FIRST_TRIGGER_MARK

_NO_CAP, _NO_FLOOR = 1e9, -1e9


def note_records(deal: Deal, code: CodeBuilder) -> np.ndarray:
    """(N,) NOTE."""
    indexes = list(deal.indexes)
    rows = []
    for name, note in deal.notes.items():
        floating = note.floating
        rows.append(
            (
                indexes.index(floating.index) if floating else -1,
                code.claim(note.notional, "notes", name, "notional"),
                code.judged(note.capitalizes, "flag", "notes", name, "capitalizes"),
                int(note.interest_on_interest),
                code.counter(BELOW_ZERO, "notes", name, "rate"),
                payment_unit(deal, "note", name),
                floating.cap_pct / 100.0 if floating and floating.cap_pct is not None else _NO_CAP,
                floating.floor_pct / 100.0 if floating and floating.floor_pct is not None else _NO_FLOOR,
            )
        )
    return np.array(rows, dtype=NOTE)


def payment_unit(deal: Deal, kind: str, name: str) -> int:
    """Smallest payment: of a note whose payments per 100 of face are rounded down, else one minor unit."""
    rounded = deal.notes[name].round_per_100 if kind == "note" else None
    return max(1, round(original_balance(deal, kind, name) * rounded / 100.0)) if rounded else 1


def original_balance(deal: Deal, kind: str, name: str) -> int:
    """Balance of a thing at closing, minor units."""
    return to_minor(getattr(deal, KINDS[kind].plural)[name].balance, deal.currency)


def note_dates(deal: Deal, dates: PeriodDates) -> np.ndarray:
    """(T, N) NOTE_DATE."""
    table = np.zeros((len(dates.payment), len(deal.notes)), dtype=NOTE_DATE)
    for n, note in enumerate(deal.notes.values()):
        table["year_fraction"][:, n] = note_fractions(deal, note, dates)
        table["fixed_rate"][:, n] = [rate / 100.0 for rate in fixed_rates(note, dates)]
        table["scheduled_balance"][:, n] = [_scheduled(deal, note, number) for number in dates.number]
    return table


def _scheduled(deal: Deal, note: Note, number: int) -> int:
    reached = [period for period in sorted(note.schedule) if period <= number]
    return to_minor(note.schedule[reached[-1]] if reached else note.balance, deal.currency)


def pays_every(deal: Deal) -> np.ndarray:
    """(4, N) by regime: interest falls due on every n-th date of the deal's life, on each where nothing is said."""
    table = np.ones((len(REGIMES), len(deal.notes)), dtype=np.int64)
    for n, note in enumerate(deal.notes.values()):
        for number, regime in enumerate(REGIMES):
            table[number, n] = note.pays.get(regime, 1)
    return table


def account_dates(deal: Deal, dates: PeriodDates) -> np.ndarray:
    """(T, A) ACCOUNT_DATE: income by months, or the figure given for the period."""
    table = np.zeros((len(dates.payment), len(deal.accounts)), dtype=ACCOUNT_DATE)
    months = np.diff([0, *dates.month])
    for a, account in enumerate(deal.accounts.values()):
        table["reinvestment"][:, a] = account.reinvestment_pct / 100.0 * months / 12.0
        given = account.income[: len(months)]
        table["reinvestment"][: len(given), a] = 0.0
        table["income"][: len(given), a] = [to_minor(each, deal.currency) for each in given]
    return table


def collecting(deal: Deal) -> np.ndarray:
    """(K, sources) account that receives each collection of each pool, -1 where the deal maps none."""
    accounts = list(deal.accounts)
    table = np.full((len(deal.pools), len(COLLECTIONS)), -1, dtype=np.int64)
    for k, pool in enumerate(deal.pools):
        for source, name in enumerate(COLLECTIONS):
            collectors = collecting_accounts(deal, pool, name)
            if collectors:
                table[k, source] = accounts.index(collectors[0])
    return table


def fee_records(deal: Deal, code: CodeBuilder) -> np.ndarray:
    """(E,) FEE."""
    rows = [
        (
            code.claim(accrued(deal, fee), "fees", name),
            code.judged(fee.when, "flag", "fees", name, "when"),
            fee.every,
        )
        for name, fee in deal.fees.items()
    ]
    return np.array(rows, dtype=FEE)


def trigger_records(deal: Deal, code: CodeBuilder) -> np.ndarray:
    """(G,) TRIGGER."""
    rows = []
    for g, (name, trigger) in enumerate(deal.triggers.items()):
        place = ("triggers", name, "when")
        sides = code.comparison(trigger.when)
        if sides is None:
            compare = -1
            observed = threshold = code.judged(trigger.when, "flag", *place)
        else:
            left, operator, right, is_amount = sides
            dimension: Dimension = "amount" if is_amount else "number"
            compare = int(BINARY[operator])
            observed, threshold = (code.judged(side, dimension, *place) for side in (left, right))
        rows.append(
            (
                compare,
                observed,
                threshold,
                trigger.periods,
                trigger.cure_after if trigger.curable else 0,
                REGIMES.index(trigger.effect) if trigger.effect in REGIMES else -1,
                int(trigger.effect == "stop_purchases"),
                FIRST_TRIGGER_MARK + g,
            )
        )
    return np.array(rows, dtype=TRIGGER)


def call_records(deal: Deal, code: CodeBuilder) -> np.ndarray:
    """(Q,) CALL."""
    rows = [
        (code.judged(call.when, "flag", "calls", name, "when"), code.claim(call.price, "calls", name, "price"))
        for name, call in deal.calls.items()
    ]
    return np.array(rows, dtype=CALL)


def ledger_records(deal: Deal, code: CodeBuilder) -> np.ndarray:
    """(D,) LEDGER."""
    names = list(deal.ledgers)
    rows = [
        (code.claim(ledger.limit, "ledgers", name, "limit"), names.index(ledger.beyond) if ledger.beyond else -1)
        for name, ledger in deal.ledgers.items()
    ]
    return np.array(rows, dtype=LEDGER)


def account_claims(deal: Deal, code: CodeBuilder, field: str) -> np.ndarray:
    """(A,) expressions of a field of the accounts, -1 where there is none."""
    given = [(name, getattr(account, field)) for name, account in deal.accounts.items()]
    return np.array([code.claim(text, "accounts", name, field) for name, text in given], dtype=np.int64)


def call_dates(deal: Deal, dates: PeriodDates) -> np.ndarray:
    """(T, Q) 1 on the dates a call may be exercised."""
    table = np.zeros((len(dates.payment), len(deal.calls)), dtype=np.int64)
    for c, call in enumerate(deal.calls.values()):
        table[:, c] = _allowed(call, dates)
    return table


def call_premiums(deal: Deal, dates: PeriodDates) -> np.ndarray:
    """(T, Q) premium per unit of balance of a call on a date: rate x years left until the premium ends."""
    table = np.zeros((len(dates.payment), len(deal.calls)))
    for c, call in enumerate(deal.calls.values()):
        terms = call.make_whole
        if terms is not None:
            left = [max(0, (terms.until - day).days) for day in dates.unadjusted]
            table[:, c] = [terms.rate_pct / 100.0 * days / 365.0 for days in left]
    return table


def _allowed(call: Call, dates: PeriodDates) -> list[int]:
    """1 on the dates a call may be exercised; its days name payment dates as scheduled or as moved."""
    days = [max(scheduled, moved) for scheduled, moved in zip(dates.unadjusted, dates.payment, strict=True)]
    passed = max(dates.previous_unadjusted or date.min, dates.previous_payment or date.min)
    chosen = {next((t for t, day in enumerate(days) if day >= wanted), -1) for wanted in call.dates if wanted > passed}
    return [
        int((call.first is None or day >= call.first) and (not call.dates or t in chosen)) for t, day in enumerate(days)
    ]
