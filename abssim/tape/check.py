"""What a tape holds and whether its own figures agree: rows for a summary, all functions of a reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from abssim.annuity import annuity
from abssim.engine.layout import Amortization
from abssim.money import minor_digits
from abssim.tape.alias import FORMATS, ColumnIdentity
from abssim.tape.read import TapeReading
from abssim.tape.schema import LoanTape
from abssim.weighted import weighted_average
from abssim.word import counted

Float64 = npt.NDArray[np.float64]
_AVERAGED = ("rate", "original_term", "remaining_term", "age", "score")
Kind = Literal["count", "amount", "percent", "months", "number"]

MATCH_WITHIN = 2.0
"""Minor units by which an instalment may miss the level payment."""
NON_PERFORMING_DAYS = 91


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of the summary. `kind` says how to print the value: amounts are minor units, percents 0 to 100."""

    group: str
    key: str
    """Stable name, for machines."""
    label: str
    kind: Kind
    value: float
    note: str = ""


def check_tape(reading: TapeReading) -> tuple[CheckRow, ...]:
    """Rows read and left out, the pool in figures, and the share of loans on which each check holds."""
    return (*_rows(reading), *_pool(reading.tape), *_instalments(reading.tape), *_identities(reading))


def _rows(reading: TapeReading) -> Iterator[CheckRow]:
    yield CheckRow("file", "rows_read", "rows read", "count", reading.rows_read)
    yield CheckRow("file", "rows_dropped", "rows left out", "count", reading.rows_dropped)
    yield CheckRow("file", "dropped_balance", "balance of rows left out", "amount", reading.dropped_balance)


def _pool(tape: LoanTape) -> Iterator[CheckRow]:
    balance, total = tape.balance, tape.total_balance
    note = f"{len(tape) - tape.owed:,} without a balance beside them" if tape.owed < len(tape) else ""
    yield CheckRow("pool", "loans", "loans", "count", tape.owed, note)
    yield CheckRow("pool", "unique_ids", "different loan ids", "count", int(np.unique(tape.loan_key).size))
    yield CheckRow("pool", "obligors", "obligors", "count", tape.obligors)
    yield CheckRow("pool", "balance", "balance", "amount", total)
    yield CheckRow("pool", "average_balance", "average balance", "amount", total / max(1, tape.owed))
    yield CheckRow("pool", "largest_balance", "largest loan", "amount", int(balance.max()))
    yield CheckRow("pool", "largest_obligor_pct", "largest obligor, % of balance", "percent", _largest_obligor(tape))
    rate, original, remaining, age, score = (weighted_average(tape.codes(name), balance) for name in _AVERAGED)
    yield CheckRow("pool", "rate_pct", "rate, weighted by balance", "percent", 100.0 * rate)
    yield CheckRow("pool", "original_term", "original term, weighted", "months", original)
    yield CheckRow("pool", "remaining_term", "remaining term, weighted", "months", remaining)
    yield CheckRow("pool", "age", "age, weighted", "months", age)
    absent = np.isnan(tape.score)
    if not absent.all():
        note = f"not known of {counted(int(absent.sum()), 'loan')}" if absent.any() else ""
        yield CheckRow("pool", "score", "score, weighted", "number", score, note)
    for key, label, low in (("dpd_1_plus_pct", "1 or more", 1), ("dpd_91_plus_pct", "91 or more", NON_PERFORMING_DAYS)):
        share = _share(float(balance[tape.days_past_due >= low].sum()), float(total))
        yield CheckRow("pool", key, f"{label} days past due, % of balance", "percent", share)


def _share(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else 0.0


def _largest_obligor(tape: LoanTape) -> float:
    _, place = np.unique(tape.obligor_key, return_inverse=True)
    return _share(float(np.bincount(place, weights=tape.balance).max()), float(tape.total_balance))


def _instalments(tape: LoanTape) -> Iterator[CheckRow]:
    """Given instalments of level-pay loans against the annuity of balance, rate and remaining term."""
    given = (tape.payment > 0) & (tape.amortization == Amortization.LEVEL_PAY)
    count = int(given.sum())
    if count == 0:
        return
    loans = tape.take(given)
    balance = loans.balance.astype(np.float64)
    computed = annuity(balance, loans.rate / 12.0, np.maximum(1.0, loans.remaining_term), 0.0)
    matching = int((np.abs(computed - loans.payment) <= MATCH_WITHIN + 1e-6).sum())
    label = "instalment within 2 minor units of the annuity, % loans"
    yield CheckRow("check", "level_payment_pct", label, "percent", _share(matching, count), counted(count, "loan"))
    short = int((loans.payment < balance * loans.rate / 12.0).sum())
    yield CheckRow("check", "payment_below_interest", "instalments below the first interest", "count", short)


def _identities(reading: TapeReading) -> Iterator[CheckRow]:
    known = next((kind for kind in FORMATS if kind.name == reading.format), None)
    for number, identity in enumerate(known.identities if known else (), 1):
        names = {identity.total, *(name for _, name in identity.parts)} - {"balance"}
        if names <= set(reading.tape.extra):
            holds = _holds(reading.tape, identity)
            note = f"within {identity.cents} minor units"
            yield CheckRow(
                "check", f"identity_{number}_pct", identity.name, "percent", 100.0 * float(holds.mean()), note
            )


def _holds(tape: LoanTape, identity: ColumnIdentity) -> npt.NDArray[np.bool_]:
    scale = 10.0 ** minor_digits(tape.currency)

    def minor(name: str) -> Float64:
        values: Float64 = tape.balance.astype(np.float64) if name == "balance" else tape.extra[name] * scale
        return values

    gap = -minor(identity.total)
    for sign, name in identity.parts:
        gap = gap + sign * minor(name)
    within: npt.NDArray[np.bool_] = np.abs(gap) <= identity.cents + 1e-3
    return within
