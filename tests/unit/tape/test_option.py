from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from abssim.errors import TapeError
from abssim.tape.option import mapping_of, pairs, parse_amount, parse_bands, parse_date


def test_typed_names_override_the_file(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text("balance: BAL\nrate_pct: RATE\n")
    found = mapping_of(["balance=CUR = BAL", "grade = G"], tmp_path / "map.yaml")
    assert found == {"balance": "CUR = BAL", "rate_pct": "RATE", "grade": "G"}


def test_readings() -> None:
    assert parse_date("2020-07-31") == date(2020, 7, 31)
    assert parse_bands("0,5000, 1e4", ["balance"]) == (0.0, 5000.0, 10000.0)
    assert parse_amount("800_000_000", "CNY") == 80_000_000_000 and parse_amount("1,500.25", "USD") == 150_025


def test_all_wrong_pairs_at_once() -> None:
    with pytest.raises(TapeError) as caught:
        pairs(["balance", "rate=", "a=1", "a=2"], "--map")
    assert [problem.code for problem in caught.value.problems] == ["E227", "E227", "E247"]


def test_what_cannot_be_read() -> None:
    for call, code in (
        (lambda: parse_date("31.7.2020"), "E220"), (lambda: parse_bands("1,b", ["rate"]), "E231"),
        (lambda: parse_bands("1,2", []), "E231"), (lambda: parse_amount("much", "USD"), "E227"),
        (lambda: parse_amount("inf", "USD"), "E227"),
    ):  # fmt: skip
        with pytest.raises(TapeError) as caught:
            call()
        assert caught.value.code == code
