"""From a draft to a tape: absent columns follow from others where a definition exists, contracts are checked for sense.

What was derived or assumed is said in the notes; every row that cannot be used is among the faults.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Amortization
from abssim.money import to_minor
from abssim.tape.agree import check_contracts
from abssim.tape.contract import FLAT, PARTS, acts, is_given
from abssim.tape.detail import HIGHEST_RATE, LOWEST_RATE, read_particulars
from abssim.tape.draft import Draft, or_zero
from abssim.tape.footer import TOTAL_STARTS, is_sum, is_total
from abssim.tape.key import TEXT, lone_keys, text_keys
from abssim.tape.mark import comma_hint
from abssim.tape.schema import CATEGORIES, Array, LoanTape, make_tape
from abssim.tape.status import check_status
from abssim.tape.term import Terms, terms_of
from abssim.word import counted

Float64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Kinds = npt.NDArray[np.int8]

_WITHOUT_RATE = (*FLAT, Amortization.SINGLE_PAYMENT)


def build_tape(draft: Draft, cut_off: date | None, repeated_ids: bool) -> tuple[LoanTape, Float64]:
    """The tape of the rows without fault, and the balance of every row of the file in minor units."""
    kinds = draft.amortization()
    balance = draft.amount("balance")
    draft.require("balance", balance)
    originated = draft.dates("origination_month")
    terms = terms_of(draft, originated, cut_off, balance)
    columns: dict[str, Array] = {
        "balance": balance,
        "original_balance": _original_balance(draft, kinds, balance, terms),
        "original_term": terms.original,
        "remaining_term": terms.remaining,
        "age": terms.age,
        "amortization": kinds,
        "payment": _payment(draft, kinds, balance),
        "days_past_due": _arrears(draft),
        "interest_only_term": or_zero(draft.whole("interest_only_term")),
        "score": draft.number("score", low=-1e9, high=1e9),
    }
    particulars, words = read_particulars(draft)
    columns.update(particulars)
    columns.update(_rates(draft, columns))
    columns["balloon"] = _balloon(draft, columns)
    columns["schedule"], schedules = _schedules(draft, kinds, balance, terms)
    draft.fault((terms.remaining == 0) & (balance > 0), "E216", "remaining_term", "a balance and no remaining term")
    check_contracts(draft, columns, words)
    check_status(draft, balance, columns["days_past_due"])
    for name in particulars:
        if not is_given(name, columns[name]).any():
            del columns[name]
    columns.update(_keys(draft, repeated_ids, balance))
    labels, extra = _words(draft, columns)
    labels.update(words)
    if originated is not None:
        columns["origination_month"] = originated.months
    return _assembled(draft, columns, labels, extra, schedules), balance


def _payment(draft: Draft, kinds: Kinds, balance: Float64) -> Float64:
    """Given instalments; one of nothing is computed as where none is given."""
    payment = draft.amount("payment")
    draft.tell_zeros("payment", np.where(acts("payment", kinds) & (balance > 0), payment, np.nan))
    return or_zero(payment)


def _arrears(draft: Draft) -> Float64:
    """Days past due; a loan of which nothing is said is current."""
    days = draft.whole("days_past_due", high=36_500)
    absent = int((np.isnan(days) & ~draft.faults.bad).sum())
    if absent and draft.has("days_past_due"):
        draft.notes.append(f"days_past_due of {counted(absent, 'loan')} is not known, and taken as 0")
    return or_zero(days)


def _assembled(
    draft: Draft,
    columns: dict[str, Array],
    labels: dict[str, tuple[str, ...]],
    extra: dict[str, Array],
    schedules: tuple[npt.NDArray[np.int64], ...],
) -> LoanTape:
    """The good rows. Columns leave the draft one at a time, so that both never stand in memory whole."""
    keep = slice(None) if not draft.faults.bad.any() else ~draft.faults.bad
    kept = {name: columns.pop(name)[keep] for name in list(columns)}
    kept["row"] = draft.faults.rows[keep]
    further = {name: extra.pop(name)[keep] for name in list(extra)}
    return make_tape(draft.currency, **kept, labels=labels, extra=further, schedules=schedules)


def _original_balance(draft: Draft, kinds: Kinds, balance: Float64, terms: Terms) -> Float64:
    """Given; else the balance at age 0 or where no instalment depends on it; else balance x original / remaining term.

    The last holds for contracts that repay equal parts of the original balance.
    """
    given = draft.amount("original_balance")
    absent = np.isnan(given)
    parts = np.isin(kinds, PARTS) & (terms.age > 0) & (terms.original > terms.remaining)
    scaled = np.floor(balance * terms.original / np.maximum(terms.remaining, 1.0) + 0.5)
    if (absent & parts).any():
        draft.notes.append(
            f"original_balance of {counted(int((absent & parts).sum()), 'loan')} is balance x original term / "
            "remaining term"
        )
    if (absent & ~parts & (terms.age > 0)).any():
        what = "fees are charged on it" if draft.has("fee_rate") else "no instalment depends on it"
        draft.notes.append(f"original_balance is absent and taken as the balance; {what}")
    known = np.where(absent, np.where(parts, scaled, balance), given)
    draft.fault(np.isin(kinds, FLAT) & (balance > known), "E221", "balance", "more than the original balance")
    return or_zero(known)


def _rates(draft: Draft, columns: dict[str, Array]) -> dict[str, Array]:
    """Rates and fees; a decimal above 1 is taken for a percent, while a percent may say 130."""
    kinds = columns["amortization"]
    decimal = draft.unit("rate") != "percent"
    hint = comma_hint(draft.raw.get("rate")) or "a rate in percent is mapped as rate_pct: 130 there is 130 % a year"
    rate = draft.number("rate", low=LOWEST_RATE, high=1.0 if decimal else HIGHEST_RATE, code="E219", hint=hint)
    floats = columns.get("rate_index", np.zeros(draft.count)) != 0
    held = columns.get("months_to_reset", np.zeros(draft.count)) > 0
    draft.require("rate", rate, ~np.isin(kinds, _WITHOUT_RATE) & (held | ~floats))
    fee = draft.number("fee_rate", high=0.2, code="E219", hint="a fee in percent a month is mapped as fee_rate_pct")
    draft.require("fee_rate", fee, kinds == Amortization.FLAT_FEE)
    least = draft.number("minimum_payment_rate", high=1.0, code="E224")
    needs = (kinds == Amortization.MINIMUM_PAYMENT) & ~(least > 0) & ~draft.faults.bad
    draft.fault(needs, "E224", "minimum_payment_rate", "a minimum payment contract without its rate")
    return {"rate": or_zero(rate), "fee_rate": or_zero(fee), "minimum_payment_rate": or_zero(least)}


def _balloon(draft: Draft, columns: dict[str, Array]) -> Float64:
    balloon, kinds = or_zero(draft.amount("balloon")), columns["amortization"]
    longer = columns.get("amortization_term", np.zeros(draft.count)) > 0
    absent = (kinds == Amortization.BALLOON) & (balloon <= 0) & ~longer
    draft.fault(absent, "E223", "balloon", "a balloon contract without its balloon or amortization_term")
    large = acts("balloon", kinds) & (balloon > columns["balance"])
    draft.fault(large, "E223", "balloon", "a balloon larger than the balance")
    return balloon


def _schedules(
    draft: Draft, kinds: Kinds, balance: Float64, terms: Terms
) -> tuple[Array, tuple[npt.NDArray[np.int64], ...]]:
    """Principal by month as `100;100.5;…` (currency units): must add up to the balance within the remaining term."""
    if not draft.has("schedule"):
        draft.fault(kinds == Amortization.CUSTOM, "E222", "schedule", "no schedule", "write 100;100;50.25")
        return np.full(draft.count, -1), ()
    codes, words = draft.words("schedule")
    written = np.asarray([word != "" for word in words], dtype=np.bool_)[codes]
    custom = kinds == Amortization.CUSTOM
    tables = [_schedule(word, draft.currency) for word in words]
    totals = np.asarray([-1 if table is None else int(table.sum()) for table in tables])
    lengths = np.asarray([0 if table is None else table.size for table in tables])
    wrong = custom & ((totals[codes] != balance) | (lengths[codes] > terms.remaining)) & ~draft.faults.bad
    draft.fault(wrong, "E222", "schedule", "not the balance over the remaining term", "write 100;100;50.25")
    empty = np.zeros(0, dtype=np.int64)
    return np.where(custom | written, codes, -1), tuple(empty if table is None else table for table in tables)


def _schedule(word: str, currency: str) -> npt.NDArray[np.int64] | None:
    try:
        amounts = [to_minor(part.strip(), currency) for part in word.split(";")]
        table = np.asarray(amounts, dtype=np.int64)
    except (ArithmeticError, ValueError):
        return None
    return table if (table >= 0).all() and table.sum() >= 0 else None


def _keys(draft: Draft, repeated_ids: bool, balance: Float64) -> dict[str, Array]:
    ids = draft.ids("loan_id")
    if ids is None:
        draft.notes.append("no column gives a loan id: the row number is the id")
    elif repeated_ids and (distinct := np.unique(ids).size) < draft.count:
        name = draft.label("loan_id")
        draft.notes.append(
            f"{name} is not unique ({counted(distinct, 'value')} on {draft.count:,} rows): the row number is the "
            f"loan's id, {name} is kept as original_id"
        )
        draft.keep_as_text("original_id", "loan_id")
        ids = None
    if ids is None:
        ids = draft.faults.rows.astype(np.bytes_)
    _refuse_totals(draft, ids, balance)
    draft.fault(ids == b"", "E210", "loan_id", "no value", "give it, as no default can")
    keys = text_keys(ids)
    _report_duplicates(draft, keys, ids != b"")
    return {"loan_id": ids, "loan_key": keys, **_obligors(draft, keys)}


def _refuse_totals(draft: Draft, ids: npt.NDArray[np.bytes_], balance: Float64) -> None:
    """Rows of totals among the loans, or after them where they were not taken for such: by their words, or as the last
    row has no id and the balance of all others."""
    likely = np.flatnonzero(np.isin(np.char.lower(ids.astype("S3")), TOTAL_STARTS))
    totals = np.zeros(ids.size, dtype=bool)
    totals[likely[[is_total(text.decode("utf-8", "replace")) for text in ids[likely].tolist()]]] = True
    if is_sum(balance) and ids[-1] == b"":
        totals[-1] = True
    draft.fault(totals, "E255", "loan_id", "a row of totals, not a loan", "leave it out")


def _report_duplicates(draft: Draft, keys: npt.NDArray[np.uint64], present: Mask) -> None:
    ordered = np.sort(keys)
    if not (ordered[1:] == ordered[:-1]).any():
        return
    _, first = np.unique(keys, return_index=True)
    repeated = present.copy()
    repeated[first] = False
    draft.fault(repeated, "E215", "loan_id", "an earlier row has this id already")


def _obligors(draft: Draft, keys: npt.NDArray[np.uint64]) -> dict[str, Array]:
    """Keys of the obligors, and their ids where a key does not tell the id."""
    ids = draft.ids("obligor_id")
    if ids is None:
        return {"obligor_key": keys}
    alone = ids == b""
    if alone.any():
        draft.notes.append(
            f"obligor_id of {counted(int(alone.sum()), 'loan')} is not given: each is an obligor of its own"
        )
    own = text_keys(ids)
    columns: dict[str, Array] = {"obligor_key": np.where(alone, lone_keys(keys), own)}
    if ((own >= TEXT) & ~alone).any():
        columns["obligor_id"] = ids
    return columns


def _words(draft: Draft, columns: dict[str, Array]) -> tuple[dict[str, tuple[str, ...]], dict[str, Array]]:
    """Codes of the text columns into `columns`, their labels, and the further columns."""
    labels: dict[str, tuple[str, ...]] = {}
    extra: dict[str, Array] = {}
    for name in CATEGORIES:
        columns[name], labels[name] = draft.words(name)
    if draft.has("status"):
        extra["status"], labels["status"] = draft.words("status")
    for name in draft.further():
        numbers = draft.plain_numbers(name)
        if numbers is not None:
            extra[name] = numbers
            continue
        reason = draft.too_wordy(name) if name in draft.automatic else ""
        if reason:
            draft.notes.append(f"{name} is left out: {reason}; map it to have it read")
        else:
            extra[name], labels[name] = draft.words(name)
    return labels, extra
