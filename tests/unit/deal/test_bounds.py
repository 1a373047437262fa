"""What is below zero where nothing can be, or too large to be shown to the cent, is refused with its place."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from abssim.deal.load import parse_deal
from abssim.errors import DealError, TapeError
from abssim.program.compile import compile_deal
from tests.command import abssim

DEMO = (Path(__file__).resolve().parents[2] / "cli" / "demo" / "deal.yaml").read_text(encoding="utf-8")
SERVICING = '{rate_pct: 1, of: "opening.pool.balance"}'


def changed(old: str, new: str) -> str:
    assert DEMO.count(old) == 1
    return DEMO.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        (SERVICING, '{rate_pct: -100, of: "opening.pool.balance"}', "fees.servicing.rate_pct", "E109"),
        (SERVICING, "{amount: -5000}", "fees.servicing.amount", "E162"),
        ("collects: all", "collects: [interest, all, interest]", "accounts.collections.collects", "E109"),
        ("collects: all", "collects: all, pools: [loans, loans]", "accounts.collections.pools", "E109"),
        ("collects: all", "collects: all, supports: [A, A]", "accounts.collections.supports", "E109"),
        ("  loans:\n", "  loans:\n    purchase_yield_pct: -1\n", "pools.loans.purchase_yield_pct", "E109"),
        ('price: "pool.balance"', "price: -1", "calls.clean_up.price", "E162"),
        ("coupon_pct: 4}", "coupon_pct: -5}", "notes.A.coupon_pct", "E109"),
        ('target: "min(notes.balance, 100000)"', "target: -1", "accounts.reserve.target", "E162"),
        ("{balance: 6_000_000,", "{balance: -6_000_000,", "pools.loans.replines[0].balance", "E109"),
        ("A: {balance: 8_000_000,", "A: {balance: 1_000_000_000_000_000,", "notes.A.balance", "E109"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(old: str, new: str, path: str, code: str) -> None:
    with pytest.raises(DealError) as caught:
        parse_deal(changed(old, new))
    problem = caught.value.problems[0]
    assert (problem.path, problem.code) == (path, code)


@pytest.mark.parametrize("balance", ["9_000_000_000_000.01", "40_000_000_000_001", "1e100"])
def test_a_repline_has_the_limit_of_a_tape(balance: str) -> None:
    """9 trillion of a currency with cents, whether typed into a deal or read from a file."""
    deal = parse_deal(changed("{balance: 6_000_000,", f"{{balance: {balance},"))
    with pytest.raises(TapeError) as caught:
        compile_deal(deal)
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [("E214", "balance")]


def test_amounts_near_the_largest_are_printed_to_the_cent(tmp_path: Path) -> None:
    """The pool rolls from date to date and its cash is all accounted for in the decimals that are printed."""
    line = "      - {balance: 6_000_000, rate_pct: 7.5, remaining_term: 12, age: 6}\n"
    text = changed(line, 2 * line.replace("6_000_000", "1_999_999_999_999.97"))
    deal = tmp_path / "deal.yaml"
    deal.write_text(text.replace("R: {balance: 800_000}", "R: {balance: 3_999_994_799_999.94}"), encoding="utf-8")
    answer = abssim("run", deal, "--json")
    assert answer.code == 0, answer.err
    document = json.loads(answer.out, parse_float=Decimal)
    assert document["pool"][0]["opening_balance"] == Decimal("4000003999999.94")
    for row in document["pool"]:
        left = row["scheduled_principal"] + row["prepayment"] + row["default"] + row["sold_balance"]
        assert row["opening_balance"] == row["closing_balance"] + left
    for row in document["accounts"]:
        assert row["opening_balance"] + row["collected"] + row["paid_in"] == row["paid_out"] + row["balance"]
