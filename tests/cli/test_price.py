"""`abssim price` on the demo deal: what it prints agrees with itself and with arithmetic done here."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from abssim.cli.price import parse_quotes
from abssim.errors import AbssimError

Call = Callable[..., subprocess.CompletedProcess[str]]
Json = Callable[..., Any]
DEMO = Path(__file__).parent / "demo"


@pytest.fixture(scope="module")
def floating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo deal, its note A floating 1.2 % over an index of 4 %."""
    text = (DEMO / "deal.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "{balance: 8_000_000, coupon_pct: 4}", "{balance: 8_000_000, floating: {index: ibor, spread_pct: 1.2}}"
    )
    path = tmp_path_factory.mktemp("floating") / "deal.yaml"
    path.write_text(text + "indexes: {ibor: {forward_pct: 4}}\n", encoding="utf-8")
    return path


def quotes(document: Any, note: str, end: str = "maturity") -> list[dict[str, Any]]:
    return next(case["quotes"] for case in document["cases"] if (case["note"], case["to"]) == (note, end))


def test_price_is_the_discounted_cash_of_the_payment_table(abssim_json: Json) -> None:
    shown = quotes(abssim_json("price", DEMO, "--note", "B", "--yield-pct", "5", "--convention", "isma"), "B", "call")[
        0
    ]
    payments = [p for p in abssim_json("run", DEMO)["payments"] if p["note"] == "B"]
    cash = [p["interest_paid"] + p["principal_paid"] for p in payments]
    times = [(28 + 30 * t) / 360 for t in range(len(cash))]  # closing on 22 January, paid on the 20th
    values = [amount * 1.05**-time for amount, time in zip(cash, times, strict=True)]
    assert shown["price"] == pytest.approx(100 * sum(values) / 1_200_000, abs=1e-7)
    duration = sum(value * time for value, time in zip(values, times, strict=True)) / 1.05 / sum(values)
    assert shown["modified_duration"] == pytest.approx(duration, abs=1e-7)
    assert shown["discount_margin_bps"] is None


def test_price_and_yield_lead_to_each_other(abssim_json: Json) -> None:
    by_price = quotes(abssim_json("price", DEMO, "--price", "99.5"), "A")[0]
    by_yield = quotes(abssim_json("price", DEMO, "--yield-pct", str(by_price["yield_pct"])), "A")[0]
    assert by_yield["price"] == pytest.approx(99.5, abs=1e-6)
    assert by_yield["convexity"] == pytest.approx(by_price["convexity"], abs=1e-6)


def test_a_floating_note_at_par_has_its_spread_as_discount_margin(floating: Path, abssim_json: Json) -> None:
    at_par, below = quotes(abssim_json("price", floating, "--note", "A", "--price", "100,99"), "A")
    assert at_par["discount_margin_bps"] == pytest.approx(120, abs=0.01)
    assert below["discount_margin_bps"] > 300
    back = quotes(abssim_json("price", floating, "--dm-bps", "120"), "A")[0]
    assert back["price"] == pytest.approx(100, abs=1e-5)
    assert back["yield_pct"] == pytest.approx(at_par["yield_pct"], abs=1e-4)


def test_a_margin_prices_floating_notes_only(floating: Path, abssim_json: Json, abssim: Call) -> None:
    assert {case["note"] for case in abssim_json("price", floating, "--dm-bps", "100")["cases"]} == {"A"}
    answer = abssim("price", floating, "--note", "B", "--dm-bps", "100")
    assert answer.returncode == 2
    assert "floating notes: A" in answer.stderr
    mixed = abssim_json("price", floating, "--note", "A", "--note", "B", "--price", "99", "--dm-bps", "100")["cases"]
    assert {case["note"] for case in mixed} == {"A", "B"}
    alone = abssim("price", floating, "--note", "B", "--price", "99", "--dm-bps", "100")
    assert alone.returncode == 2 and "floating notes: A" in alone.stderr


def test_margins_are_shown_beside_yields(floating: Path, abssim: Call) -> None:
    shown = abssim("price", floating, "--note", "A").stdout
    assert "yield, % by price" in shown
    assert "discount margin, bp by price" in shown
    assert "120.0" in shown


def test_all_kinds_of_values_stand_in_one_table(floating: Path, abssim: Call) -> None:
    """Prices, a yield and a margin of a floating note: at 120 bp, what it pays over its index, it is worth par."""
    asked = ("--price", "99,100", "--yield-pct", "5", "--dm-bps", "120")
    answer = abssim("price", floating, "--note", "A", "--to", "maturity", *asked, env={"COLUMNS": "80"})
    (head,) = [line for line in answer.stdout.splitlines() if line.lstrip().startswith("Note A")]
    assert head.strip().endswith("demo to maturity")
    rows = {line[:14].strip(): line[14:].split() for line in answer.stdout.splitlines()}
    assert rows["price 100"][::2] == rows["margin 120 bp"][::2] == ["100.0000", "120.0"]
    assert rows["yield 5 %"][1] == "5.000" and rows["price 99"][0] == "99.0000"
    assert max(map(len, answer.stdout.splitlines())) <= 80


def test_an_index_that_rises_leaves_the_margin_and_lifts_the_yield(floating: Path, abssim_json: Json) -> None:
    up = abssim_json("price", floating, "-s", "rates-up-200", "--note", "A", "--price", "100")
    flat = abssim_json("price", floating, "-s", "base", "--note", "A", "--price", "100")
    assert quotes(up, "A")[0]["discount_margin_bps"] == pytest.approx(120, abs=0.01)
    assert quotes(up, "A")[0]["yield_pct"] == pytest.approx(quotes(flat, "A")[0]["yield_pct"] + 2, abs=0.1)


def test_what_is_not_known_is_null(abssim_json: Json) -> None:
    case = abssim_json("price", "carmax-2025-2", "--note", "A3", "--price", "100")["cases"][0]
    assert case["wal"] is None
    assert case["quotes"][0]["yield_pct"] is None


def test_files(abssim: Call, tmp_path: Path) -> None:
    for name in ("prices.csv", "prices.xlsx"):
        answer = abssim("price", DEMO, "-s", "base", "-s", "stress", "--price", "99,101", "--out", tmp_path / name)
        assert answer.returncode == 0, answer.stderr
        assert f"wrote {tmp_path / name}" in answer.stderr
    with (tmp_path / "prices.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 2 * 2 * 2  # notes, scenarios, to call and to maturity, prices
    assert {row["to"] for row in rows} == {"call", "maturity"}
    page = openpyxl.load_workbook(tmp_path / "prices.xlsx")["Prices"]
    assert page.max_row == len(rows) + 1


@pytest.mark.parametrize("text", ["", "100,,101", "nan", "inf", "-5", "0", "1e9"])
def test_prices_that_cannot_be_read(text: str) -> None:
    with pytest.raises(AbssimError) as error:
        parse_quotes({"--price": text})
    assert error.value.code == "E008"


def test_several_kinds_of_figures_at_once() -> None:
    assert parse_quotes({"--price": None, "--yield-pct": "5,5"}) == {"yield": [0.05]}
    asked = parse_quotes({"--price": "99,100", "--yield-pct": "5", "--dm-bps": "40"})
    assert asked == {"price": [99.0, 100.0], "yield": [0.05], "margin": [0.004]}
    with pytest.raises(AbssimError) as error:
        parse_quotes({"--price": "par", "--yield-pct": "500000"})
    assert [problem.code for problem in error.value.problems] == ["E008", "E008"]


def test_settlement_between_two_dates(floating: Path, abssim_json: Json) -> None:
    """On 1 March: 4 % of 2024-02-20 on, 11 days of 30-day months; prices, yields and margins lead to each other."""
    asked = ("--settle", "2024-03-01", "--price", "99.5", "--yield-pct", "5", "--dm-bps", "100", "--to", "maturity")
    document = abssim_json("price", floating, "--note", "A", *asked)
    assert document["settlement"] == "2024-03-01"
    (case,) = document["cases"]
    assert case["to"] == "maturity"
    assert case["accrued"] == pytest.approx(100 * 0.052 * 11 / 360, abs=1e-8)
    by_price, by_yield, by_margin = case["quotes"]
    assert [quote["given"] for quote in case["quotes"]] == ["price", "yield", "margin"]
    assert by_price["dirty_price"] == pytest.approx(99.5 + case["accrued"])
    again = ("--settle", "2024-03-01", "--yield-pct", str(by_price["yield_pct"]), "--dm-bps")
    back = quotes(abssim_json("price", floating, "--note", "A", *again, str(by_price["discount_margin_bps"])), "A")
    assert [quote["price"] for quote in back] == pytest.approx([99.5, 99.5], abs=1e-6)
    assert by_yield["yield_pct"] == pytest.approx(5.0)
    assert by_margin["discount_margin_bps"] == pytest.approx(100.0)


@pytest.fixture(scope="module")
def with_io(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo deal with an interest-only note on the balance of A."""
    text = (DEMO / "deal.yaml").read_text(encoding="utf-8")
    text = text.replace("  R: {balance", '  IO: {notional: "note.A.balance", coupon_pct: 1}\n  R: {balance')
    text = text.replace("payees: [A], support", "payees: [A, IO], support")
    path = tmp_path_factory.mktemp("io") / "deal.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_interest_only_note(with_io: Path, abssim: Call, abssim_json: Json) -> None:
    """No yield at par; the notional in payments and decrement; a price that is given has a yield."""
    notes = {note["note"]: note for note in abssim_json("run", with_io)["notes"]}
    assert notes["IO"]["yield_at_par_pct"] is notes["IO"]["modified_duration"] is None
    shown = abssim("run", with_io).stdout
    assert "#   Date            Notional" in shown
    assert "no price around par says anything of it" in abssim("price", with_io, "--note", "IO").stdout
    cells = abssim_json("decrement", with_io, "--speed", "cpr:10", "--note", "IO", "--to", "maturity")
    a = abssim_json("decrement", with_io, "--speed", "cpr:10", "--note", "A", "--to", "maturity")
    assert [cell["percent"] for cell in cells["cells"]] == [cell["percent"] for cell in a["cells"]]
    (quote,) = quotes(abssim_json("price", with_io, "--note", "IO", "--price", "0.4"), "IO")
    assert quote["yield_pct"] > 0


def test_a_run_to_maturity_is_never_called(abssim_json: Json) -> None:
    held, called = abssim_json("run", DEMO, "--to", "maturity"), abssim_json("run", DEMO)
    assert held["call"] is None and called["call"]["price"] == called["call"]["pool_balance"]
    assert [note["wal_to_call"] for note in held["notes"]] == [None] * 3
    assert [note["wal_to_maturity"] for note in held["notes"]] == [note["wal_to_maturity"] for note in called["notes"]]
    assert len(held["pool"]) > len(called["pool"])
