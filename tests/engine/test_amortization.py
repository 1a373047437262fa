"""Contract schedules: formula by formula, against the naive twin, to the cent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.collateral.contract import PoolSettings, contracts_of, require_paid
from abssim.engine.contract.aggregate import aggregate_contracts
from abssim.engine.contract.amortization import annuity, contract_schedule
from abssim.engine.layout import Amortization, ContractField
from abssim.errors import TapeError
from abssim.tape.schema import LoanTape, make_tape
from tests.engine import naive_contract as naive


def tape_of(loans: list[naive.Loan]) -> LoanTape:
    def column(name: str) -> list[Any]:
        return [getattr(loan, name) for loan in loans]

    days = (0, 15, 45, 75, 120)
    return make_tape(
        "USD",
        column("balance"),
        original_balance=[loan.original_balance or loan.balance for loan in loans],
        original_term=[max(loan.original_term, loan.term) for loan in loans],
        remaining_term=column("term"),
        days_past_due=[days[loan.bucket] for loan in loans],
        amortization=column("kind"),
        schedule=list(range(len(loans))),
        schedules=tuple(np.asarray(loan.principal, dtype=np.int64) for loan in loans),
        age=column("age"),
        **{
            name: column(name)
            for name in ("rate", "fee_rate", "payment", "balloon", "interest_only_term", "minimum_payment_rate")
        },
        **particulars(loans),
    )


def particulars(loans: list[naive.Loan]) -> dict[str, Any]:
    """Columns of particulars that some loan has; rate schedules are texts of percents."""
    found: dict[str, Any] = {
        name: [getattr(loan, name) for loan in loans]
        for name in ("amortization_term", "pays_every", "capitalized_term", "first_period_days")
    }
    found["payment_rounding"] = [("contract", *naive.RULES).index(loan.payment_rounding) for loan in loans]
    found["negative_amortization"] = [loan.negative for loan in loans]
    found["at_reset"] = [loan.keep for loan in loans]
    texts = [";".join(f"{month}:{rate * 100:g}" for month, rate in loan.steps.items()) for loan in loans]
    words = ("", *sorted(set(texts) - {""}))
    if len(words) > 1:
        found["rate_schedule"], found["labels"] = [words.index(text) for text in texts], {"rate_schedule": words}
    return found


def schedule_of(loan: naive.Loan, settings: PoolSettings | None = None) -> np.ndarray:
    contracts = contracts_of(tape_of([loan]), settings or PoolSettings())
    schedule = np.zeros((len(ContractField), loan.term + 1), dtype=np.int64)
    assert contract_schedule(contracts, 0, schedule) == loan.term
    return schedule


@st.composite
def loans(draw: st.DrawFn) -> naive.Loan:
    term = draw(st.integers(1, 60))
    age = draw(st.integers(0, 30))
    original = draw(st.integers(1, 5_000_000))
    on_schedule = original - age * (original // (term + age))
    balance = draw(st.sampled_from([original, on_schedule, draw(st.integers(1, original))]))
    return naive.Loan(
        kind=Amortization(draw(st.integers(0, len(Amortization) - 1))),
        balance=balance,
        term=term,
        rate=draw(st.sampled_from([0.0, 0.0599, 0.12, 0.36])),
        fee_rate=draw(st.sampled_from([0.0, 0.005, 0.007])),
        original_balance=original,
        original_term=term + age,
        payment=draw(st.sampled_from([0, 0, balance // term + balance // 30 + 1, balance // 3 + 1])),
        balloon=draw(st.integers(0, original)),
        interest_only_term=draw(st.integers(0, term)),
        minimum_payment_rate=draw(st.sampled_from([0.0, 0.05, 0.1])),
        principal=tuple(draw(st.lists(st.integers(0, original), max_size=term))),
        bucket=draw(st.integers(0, 4)),
    )


@st.composite
def particular_loans(draw: st.DrawFn) -> naive.Loan:
    """Contracts with any particulars at once."""
    loan = draw(loans())
    steps = draw(st.dictionaries(st.integers(1, 60), st.sampled_from([0.0, 0.03, 0.07, 0.4, -0.01]), max_size=3))
    return replace(
        loan,
        payment=draw(st.sampled_from([loan.payment, loan.balance // 200 + 1])),
        age=draw(st.integers(0, 30)),
        amortization_term=draw(st.sampled_from([0, 0, loan.term, loan.term + 7, 360])),
        pays_every=draw(st.sampled_from([1, 1, 2, 3, 12])),
        capitalized_term=draw(st.sampled_from([0, 0, 0, 3, 70])),
        first_period_days=draw(st.sampled_from([0, 0, 17, 45, 95])),
        payment_rounding=draw(st.sampled_from(["contract", *naive.RULES])),
        negative=draw(st.booleans()),
        keep=draw(st.booleans()),
        steps=dict(sorted(steps.items())),
    )


@given(particular_loans())
def test_particulars_are_those_of_the_naive_twin(loan: naive.Loan) -> None:
    contracts = contracts_of(tape_of([loan]), PoolSettings())
    schedule = np.zeros((len(ContractField), loan.term + 1), dtype=np.int64)
    contract_schedule(contracts, 0, schedule)
    try:
        rows = naive.instalments(loan)
    except naive.Unpaid:
        with pytest.raises(TapeError, match="E270"):
            require_paid(tape_of([loan]), contracts)
        return
    require_paid(tape_of([loan]), contracts)
    assert (-np.diff(schedule[ContractField.BALANCE])).tolist() == [row[0] for row in rows]
    assert schedule[ContractField.INTEREST, 1:].tolist() == [row[1] for row in rows]
    assert schedule[ContractField.FEE, 1:].tolist() == [row[2] for row in rows]
    assert schedule[ContractField.BALANCE, -1] == 0


@given(loans())
def test_schedule_is_the_naive_one_and_adds_up(loan: naive.Loan) -> None:
    schedule = schedule_of(loan)
    rows = naive.instalments(loan)
    principal = -np.diff(schedule[ContractField.BALANCE])
    assert principal.tolist() == [row[0] for row in rows]
    assert schedule[ContractField.INTEREST, 1:].tolist() == [row[1] for row in rows]
    assert schedule[ContractField.FEE, 1:].tolist() == [row[2] for row in rows]
    assert principal.sum() == loan.balance and (principal >= 0).all()
    assert schedule[ContractField.BALANCE, -1] == 0


@given(loans())
def test_adjusted_balance_is_the_discounted_contract(loan: naive.Loan) -> None:
    schedule = schedule_of(loan, PoolSettings(hurdle_rate=0.08))
    rows = naive.instalments(loan)
    wanted = [naive.adjusted(rows, s, 0.08 / 12.0) for s in range(loan.term + 1)]
    assert np.abs(schedule[ContractField.ADJUSTED] - wanted).max() <= 1
    assert (schedule[ContractField.ADJUSTED] <= schedule[ContractField.BALANCE]).all()


def test_a_contract_above_the_hurdle_is_not_adjusted() -> None:
    schedule = schedule_of(naive.Loan(Amortization.LEVEL_PAY, 1_000_000, 36, rate=0.09), PoolSettings(hurdle_rate=0.08))
    assert np.array_equal(schedule[ContractField.ADJUSTED], schedule[ContractField.BALANCE])


def test_annuity_of_the_domain_reference() -> None:
    assert annuity(1000.0, 0.006, 12, 0.0) == pytest.approx(86.618973428, abs=5e-10)


def test_flat_fee_rounds_down_and_the_last_takes_the_rest() -> None:
    loan = naive.Loan(Amortization.FLAT_FEE, 100_000, 3, fee_rate=0.005, original_balance=100_000, original_term=3)
    schedule = schedule_of(loan)
    assert (-np.diff(schedule[ContractField.BALANCE])).tolist() == [33_333, 33_333, 33_334]
    assert schedule[ContractField.FEE].tolist() == [0, 500, 500, 500]


@pytest.mark.parametrize(
    ("balance", "second"),
    [(6_667, 3_333), (6_664, 3_333), (6_669, 3_333), (6_663, 3_332), (6_670, 3_335)],
)
def test_equal_parts_are_those_of_the_original_balance_where_the_loan_is_on_its_schedule(
    balance: int, second: int
) -> None:
    """10,000 in three parts of 3,333: 6,667 is left after one. What is within three units of 6,666.67 is on
    schedule, others repay halves of what is left, rounded up."""
    loan = naive.Loan(Amortization.EQUAL_PRINCIPAL, balance, 2, original_balance=10_000, original_term=3, age=1)
    assert schedule_of(loan)[ContractField.BALANCE].tolist() == [balance, balance - second, 0]


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "with particulars"])
def test_parts_of_half_a_cent_do_not_go_on_below_zero(plain: bool) -> None:
    """5 over 10 months: half a unit each, rounded up, is repaid after 5."""
    own = {} if plain else {"pays_every": 1, "payment_rounding": [1]}
    tape = make_tape("USD", [5], remaining_term=10, amortization=int(Amortization.EQUAL_PRINCIPAL), **own)
    schedule = np.zeros((len(ContractField), 11), dtype=np.int64)
    contract_schedule(contracts_of(tape, PoolSettings()), 0, schedule)
    assert schedule[ContractField.BALANCE].tolist() == [5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("fee", "term", "apr"), [(0.005, 3, 8.98), (0.005, 12, 10.90), (0.007, 24, 15.38)])
def test_true_cost_of_a_flat_fee(fee: float, term: int, apr: float) -> None:
    """The yield that makes 1/n + fee a month worth the principal."""
    schedule = schedule_of(
        naive.Loan(Amortization.FLAT_FEE, 10**9, term, fee_rate=fee, original_balance=10**9, original_term=term)
    )
    cash = -np.diff(schedule[ContractField.BALANCE]) + schedule[ContractField.FEE, 1:]
    discount = (1.0 + apr / 1200.0) ** -np.arange(1.0, term + 1.0)
    assert (cash * discount).sum() / 1e9 == pytest.approx(1.0, abs=5e-5)


def test_single_payment_is_one_cash_flow() -> None:
    schedule = schedule_of(naive.Loan(Amortization.SINGLE_PAYMENT, 79_900, 1))
    assert schedule[ContractField.BALANCE].tolist() == [79_900, 0]
    assert schedule[ContractField.INTEREST].tolist() == [0, 0]


def test_balloon_leaves_the_balloon_for_the_last_instalment() -> None:
    loan = naive.Loan(Amortization.BALLOON, 2_000_000, 36, rate=0.06, balloon=800_000)
    principal = -np.diff(schedule_of(loan)[ContractField.BALANCE])
    assert abs(principal[-1] * 1.005 - 800_000 - naive.level(2_000_000, 0.005, 36, 800_000)) < 40


def test_without_rounding_the_same_arithmetic_runs_in_finer_units() -> None:
    loan = naive.Loan(Amortization.LEVEL_PAY, 10_000_000_000, 360, rate=0.08)
    fine = schedule_of(loan, PoolSettings(rounded=False))[ContractField.BALANCE] / 10_000.0
    k = np.arange(361.0)
    v = (1.0 + 0.08 / 12.0) ** -360.0
    exact = 1e10 * (1.0 - v * (1.0 + 0.08 / 12.0) ** k) / (1.0 - v)
    assert np.abs(fine - exact).max() < 0.1


@given(st.lists(loans(), min_size=1, max_size=8), st.integers(0, 8))
def test_tables_are_sums_whatever_the_chunks(many: list[naive.Loan], cut: int) -> None:
    contracts = contracts_of(tape_of(many), PoolSettings())
    group = np.arange(len(many), dtype=np.int64) % 2
    whole = np.zeros((2, len(ContractField), 61), dtype=np.int64)
    parts = np.zeros_like(whole)
    aggregate_contracts(contracts, group, 0, len(many), whole)
    middle = min(cut, len(many))
    aggregate_contracts(contracts, group, middle, len(many), parts)
    aggregate_contracts(contracts, group, 0, middle, parts)
    assert np.array_equal(whole, parts)
    for g in range(2):
        assert whole[g, ContractField.BALANCE, 0] == sum(loan.balance for loan in many[g::2])
