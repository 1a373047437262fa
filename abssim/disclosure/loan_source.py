"""What columns of a tape tell of a loan's fields: a function for each source `loan.…` of the templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from abssim.annuity import annuity
from abssim.disclosure.loan_view import LoanView, Texts, amount_text
from abssim.engine.layout import Amortization
from abssim.money import minor_digits, round_half_up

DEFAULT_DAYS = 90
"""A loan more days past due is in default (Regulation (EU) 575/2013 Art 178(1)(b))."""
OTHER = "OTHR"
_REPAID = {
    Amortization.LEVEL_PAY: "FRXX",
    Amortization.EQUAL_PRINCIPAL: "FIXE",
    Amortization.FLAT_FEE: "FIXE",
    Amortization.FREE_INSTALMENT: "FIXE",
    Amortization.INTEREST_ONLY: "BLLT",
    Amortization.SINGLE_PAYMENT: "BLLT",
}
"""Amortization types of the EU's templates; all others are other."""
_EVERY = {0: "MNTH", 1: "MNTH", 3: "QUTR", 6: "SEMI", 12: "YEAR"}
_AT_ONCE = (Amortization.INTEREST_ONLY, Amortization.SINGLE_PAYMENT, Amortization.MINIMUM_PAYMENT)
_NUTS = re.compile("[A-Z]{2}[A-Z0-9]{3}")
_SCHEDULE_AL = {"new": "1", "used": "2"}
_ESMA = {"new": "NEWX", "used": "USED"}


def _addition(view: LoanView) -> Texts:
    """The later of closing and origination: what the EU wants where the day is not recorded."""
    closing = view.closing.isoformat()
    return [max(closing, day) for day in view.originated()]


def _grace_end(view: LoanView) -> Texts:
    """End of the months without principal, of contracts that repay in instalments after them."""
    pairs = zip(view.values("interest_only_term"), view.values("amortization"), strict=True)
    return [view.after(months) if months and kind not in _AT_ONCE else "" for months, kind in pairs]


def _every(view: LoanView) -> Texts:
    return [_EVERY.get(months or 0, OTHER) for months in view.values("pays_every")]


def _principal_every(view: LoanView) -> Texts:
    """Other, of contracts whose principal falls due at once or as the borrower pleases."""
    pairs = zip(view.values("amortization"), _every(view), strict=True)
    return [OTHER if kind in _AT_ONCE else every for kind, every in pairs]


def _payment_due(view: LoanView) -> Texts:
    """The instalment as given, or as a contract in equal months has it; of other contracts nothing."""
    digits = minor_digits(view.tape.currency)
    pairs = zip(view.values("payment"), _instalments(view), strict=True)
    return [amount_text(own or due, digits) if own or due else "" for own, due in pairs]


def _instalments(view: LoanView) -> list[int]:
    """Level payments by the annuity, equal principal with interest, interest alone until the last month."""
    kind, rate = view.column("amortization"), view.column("rate") / 12.0
    balance, term = view.column("balance").astype(np.float64), np.maximum(view.column("remaining_term"), 1)
    plain = view.column("interest_only_term") == 0
    for name, most in (("pays_every", 1), ("day_count", 0)):
        plain &= view.column(name) <= most if name in view.tape.particulars else True
    due = {
        Amortization.LEVEL_PAY: annuity(balance, rate, term, 0.0),
        Amortization.EQUAL_PRINCIPAL: balance / term + balance * rate,
        Amortization.INTEREST_ONLY: balance * rate + balance * (term == 1),
    }
    chosen = np.select([plain & (kind == each) for each in due], list(due.values()), 0.0)
    return [round_half_up(value) for value in chosen.tolist()]


def _nuts(view: LoanView) -> Texts:
    """Regions of Eurostat's classification, and countries outside of it with ZZZ; other words are none."""
    return [word if _NUTS.fullmatch(word) else "" for word in view.words("region")]


def _index(view: LoanView) -> Texts:
    """Of floating loans: an index by another name than the EU's codes is other."""
    return [OTHER if word else "" for word in view.words("rate_index")]


def _arrears(view: LoanView) -> Texts:
    """Nothing is late where no day is past due; of others only a column of the tape can tell."""
    return ["0" if days == 0 else "" for days in view.values("days_past_due")]


def _defaulted(view: LoanView) -> Texts:
    """0 where the loan is not in default; of others only a column of the tape can tell."""
    return ["0" if days <= DEFAULT_DAYS else "" for days in view.values("days_past_due")]


def _status(days: int) -> str:
    return "PERF" if days == 0 else "ARRE" if days <= DEFAULT_DAYS else "DFLT"


def _balloon(view: LoanView) -> Texts:
    pairs = zip(view.values("balloon"), view.money("balloon"), strict=True)
    return [text if minor else "" for minor, text in pairs]


SOURCES: Mapping[str, Callable[[LoanView], Texts]] = {
    "id": LoanView.ids,
    "obligor": LoanView.obligors,
    "balance": lambda view: view.money("balance"),
    "original_balance": lambda view: view.money("original_balance"),
    "balloon": _balloon,
    "rate": lambda view: view.numbers("rate"),
    "rate_pct": lambda view: view.percent("rate"),
    "original_term": lambda view: view.whole("original_term"),
    "remaining_term": lambda view: view.whole("remaining_term"),
    "days_past_due": lambda view: view.whole("days_past_due"),
    "score": lambda view: view.numbers("score"),
    "nuts_region": _nuts,
    "region": lambda view: view.words("region"),
    "make": lambda view: view.words("make"),
    "model": lambda view: view.words("model"),
    "model_year": lambda view: view.words("model_year"),
    "vehicle_value": lambda view: view.words("vehicle_value"),
    "new_used_code": lambda view: [_SCHEDULE_AL.get(word, "") for word in view.words("segment")],
    "vehicle_condition": lambda view: [_ESMA.get(word, "") for word in view.words("segment")],
    "pool_addition_date": _addition,
    "origination_date": LoanView.originated,
    "maturity_date": lambda view: [view.after(months) for months in view.values("remaining_term")],
    "grace_end_date": _grace_end,
    "amortisation_type": lambda view: [_REPAID.get(Amortization(kind), OTHER) for kind in view.values("amortization")],
    "principal_frequency": _principal_every,
    "interest_frequency": _every,
    "payment_due": _payment_due,
    "rate_index": _index,
    "margin_pct": lambda view: view.percent("rate_margin"),
    "cap_pct": lambda view: view.percent("rate_cap"),
    "floor_pct": lambda view: view.percent("rate_floor"),
    "reset_interval": lambda view: view.given("reset_every"),
    "arrears_balance": _arrears,
    "account_status": lambda view: [_status(days) for days in view.values("days_past_due")],
    "default_amount": _defaulted,
}
