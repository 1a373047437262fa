"""The jobs that are timed: the deal other packages were timed on, tapes for it, and yardsticks measured beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim import compile_deal, load_deal
from abssim.engine._jit import kernel
from abssim.engine.credit.random import philox
from abssim.engine.layout import Amortization
from abssim.engine.rounding import round_half_up
from abssim.kind.pool import PoolField
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario
from abssim.tape.schema import LoanTape, make_tape

Float64 = npt.NDArray[np.float64]

TERM = 36
CDR, CPR, RECOVERY, LAG = 0.02, 0.10, 0.40, 6

DEAL = """
name: Two notes
currency: USD
dates: {{cut_off: 2024-01-01, closing: 2024-01-01, payment_day: 20, legal_final: 2028-12-20}}
pools: {{loans: {{tape: {{file: {tape}}}}}}}
notes:
  A: {{balance: {senior}, coupon_pct: 4}}
  B: {{balance: {junior}, coupon_pct: 7}}
holders: [seller]
accounts: {{collections: {{collects: all}}}}
fees: {{servicing: {{rate_pct: 1, of: opening.pool.balance}}}}
waterfalls:
  amortization:
    - {{name: servicing, rule: pay_due, source: collections, payees: [servicing]}}
    - {{name: interest, rule: pay_due, source: collections, payees: [A, B]}}
    - {{name: principal, rule: pay_down_to, source: collections, payees: [A, B], target: pool.balance}}
    - {{name: residual, rule: pay_remainder, source: collections, payees: [seller]}}
scenario:
  name: constant
  reason: The assumptions other packages were timed with.
  assumptions:
    - {{prepayment: {{cpr_pct: 10}}, default: {{cdr_pct: 2}}, recovery: {{rate_pct: 40, lag_months: 6}}}}
"""


def scenario(cdr_pct: float = 100 * CDR, cpr_pct: float = 100 * CPR) -> Scenario:
    """Constant CDR and CPR, recovery 40 % after six months."""
    rule = {
        "prepayment": {"cpr_pct": cpr_pct},
        "default": {"cdr_pct": cdr_pct},
        "recovery": {"rate_pct": 100 * RECOVERY, "lag_months": LAG},
    }
    words = {"name": f"CDR {cdr_pct:g}, CPR {cpr_pct:g}", "reason": "constant rates"}
    return Scenario.model_validate({**words, "assumptions": [rule]})


def level_pay_tape(loans: int) -> LoanTape:
    """New 36-month annuities of 1 000 to 30 000 at 1 % to 20 %."""
    rng = np.random.default_rng(7)
    balance = rng.integers(1_000_00, 30_000_00, loans)
    return make_tape("USD", balance, rate=rng.uniform(0.01, 0.20, loans), remaining_term=TERM)


def two_notes(folder: Path, tape: LoanTape, file: str = "tape.parquet") -> Path:
    """The deal document in a folder: note A 85 % of the tape, B the rest."""
    senior = tape.total_balance * 85 // 100
    text = DEAL.format(tape=file, senior=senior / 100, junior=(tape.total_balance - senior) / 100)
    path = folder / "deal.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def compile_job(path: Path, tape: LoanTape) -> CompiledDeal:
    """The deal on a tape in memory."""
    return compile_deal(load_deal(path), tape)


@kernel
def yardstick(blocks: int) -> np.uint64:
    """So many blocks of Philox4x32-10 of consecutive counters: one of them, on one thread, is the yardstick y.

    Scalar, inlined, and independent of one another, as a simulation needs them that does something with each. The way
    out on equal words, which is never taken, keeps compilers from computing several blocks in a vector: that is five
    times as fast on some machines and not on others. Where each block is made of the one before, y measures how long
    one takes (1.7 y), not what many cost.
    """
    zero, total = np.uint64(0), np.uint64(0)
    for counter in range(blocks):
        a, b, c, d = philox(np.uint64(counter), zero, zero, zero, np.uint64(7), zero)
        if a == b:
            break
        total += a ^ b ^ c ^ d
    return total


def block_seconds(blocks: int = 1_000_000) -> float:
    """CPU seconds of y, the best of ten rounds."""
    return spent(yardstick, blocks, rounds=10).cpu / blocks


@kernel
def contractual(tape: Any, total: Any) -> None:
    """The least a loan-level engine can do: read each loan and add its contractual schedule, whole cents, to `total`.

    `tape` holds columns `(L,)`: amortization, balance, original balance, rate, fee rate, remaining term, original
    term. `total` (3, S + 1) is balance, interest and fee by month. Annuities, and equal parts with a flat fee.
    """
    kind, balances, originals, rates, fees, terms, original_terms = tape
    for i in range(len(balances)):
        balance, rate, term = balances[i], rates[i] / 12.0, terms[i]
        total[0, 0] += balance
        level = kind[i] == Amortization.LEVEL_PAY
        part = originals[i] // max(1, original_terms[i])
        fee = round_half_up(float(originals[i]) * fees[i])
        if level:
            part = round_half_up(float(balance) * rate / (1.0 - (1.0 + rate) ** (-float(term))))
        for s in range(1, term + 1):
            interest = round_half_up(float(balance) * rate) if level else 0
            balance = 0 if s == term else balance - min(balance, part - interest)
            total[0, s] += balance
            total[1, s] += interest
            total[2, s] += fee


def floor_columns(tape: LoanTape) -> tuple[Any, ...]:
    """What `contractual` reads of a tape."""
    terms = (tape.remaining_term.astype(np.int64), tape.original_term.astype(np.int64))
    return (tape.amortization, tape.balance, tape.original_balance, tape.rate, tape.fee_rate, *terms)


def numpy_loop(tape: LoanTape) -> Float64:
    """The same aggregates by a plain vectorized loop: (M, PoolField), cents, not rounded.

    Default, then interest and principal of the annuity on what is left, then prepayment, month by month.
    """
    mdr, smm = 1.0 - (1.0 - CDR) ** (1 / 12), 1.0 - (1.0 - CPR) ** (1 / 12)
    rate = tape.rate / 12.0
    balance = tape.balance.astype(np.float64)
    instalment = balance * rate / (1.0 - (1.0 + rate) ** -TERM)
    flows = np.zeros((TERM + LAG, len(PoolField)))
    for month in range(TERM):
        default = balance * mdr
        balance -= default
        instalment *= 1.0 - mdr
        interest = balance * rate
        principal = np.minimum(instalment - interest, balance)
        balance -= principal
        prepayment = balance * smm
        balance -= prepayment
        instalment *= 1.0 - smm
        row = flows[month]
        row[PoolField.INTEREST] = interest.sum()
        row[PoolField.SCHEDULED_PRINCIPAL] = principal.sum()
        row[PoolField.PREPAYMENT] = prepayment.sum()
        row[PoolField.DEFAULT] = default.sum()
        row[PoolField.CLOSING_BALANCE] = balance.sum()
        flows[month + LAG, PoolField.RECOVERY] = RECOVERY * row[PoolField.DEFAULT]
    return flows


class Spent(NamedTuple):
    """The least of several runs, seconds."""

    wall: float
    cpu: float
    """Of all threads: what other processes on the machine do hardly changes it."""


def spent(function: Callable[..., Any], *arguments: Any, rounds: int = 3) -> Spent:
    """Time a call; the first is a rehearsal."""
    function(*arguments)
    found = []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        function(*arguments)
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return Spent(*map(min, zip(*found, strict=True)))
