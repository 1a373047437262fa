"""Whatever a file holds, it is a tape or a TapeError; nothing else comes out."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from abssim.errors import TapeError
from abssim.tape import TapeReading, read_tape, replines_tape
from abssim.tape.mapping import KNOWN

CELL = st.one_of(
    st.sampled_from(
        ["", "1", "100.00", "-1", "0", "12", "1e5", "nan", "inf", "x", "level_pay", "custom", "balloon", "7", "08/2019",
         "50;50", "99999999999999999999", '"1,000"', '"a""b"', '"', "=1+1", "0.05", "5%", "\u4eac\u4e1c", "1;2;x",
         "05/01/2025", "17/01/2025", "01/17/2025", "2025\u5e7401\u670805\u65e5", "43831", "9999", "ND5", "(1,234.00)",
         "1.234,5",
         "Total", "USD", "CNY", "02134", "12E5", "36 months", "9999-12-31", "x" * 300]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\r\n",'), max_size=6),
)  # fmt: skip
HEADS = st.lists(st.sampled_from([*KNOWN, "extra", "EXTRA", "assetNumber"]), min_size=1, max_size=8, unique=True)


def accounted(reading: TapeReading) -> None:
    tape = reading.tape
    assert reading.rows_read == len(tape) + reading.rows_dropped
    assert (tape.balance >= 0).all() and (tape.remaining_term >= 0).all() and np.isfinite(tape.rate).all()
    assert np.unique(tape.loan_key).size == len(tape)
    assert all(tape.codes(name).shape == (len(tape),) for name in tape.names)
    for name, words in tape.labels.items():
        assert ((tape.codes(name) >= 0) & (tape.codes(name) < len(words))).all()


HOW = st.fixed_dictionaries(
    {},
    optional={
        "encoding": st.sampled_from(["gb18030", "latin-1", "utf-16", "utf-7", "idna"]),
        "delimiter": st.sampled_from([",", ";", "tab"]), "decimal": st.sampled_from([".", ","]),
        "skip": st.integers(0, 3), "skip_end": st.integers(0, 3),
        "dates": st.sampled_from(["day_first", "month_first", {"maturity_date": "year_first"}]),
        "unknown": st.sampled_from([["9999"], ["*"], ["["], {"score": [9999, "ND*"]}]),
        "words": st.sampled_from([{"grade": {"x": "y"}}, {"balance": {"x": "100"}}]),
        "cut_off": st.just(date(2026, 1, 1)), "currency": st.sampled_from(["USD", "JPY"]),
    },
)  # fmt: skip


@settings(max_examples=200)
@given(HEADS, st.lists(st.lists(CELL, max_size=9), max_size=8), st.sampled_from(["drop", "fail"]), HOW, st.data())
def test_any_csv(
    heads: list[str], rows: list[list[str]], on_bad_row: str, how: dict[str, Any], data: st.DataObject
) -> None:
    heads = [*dict.fromkeys([*heads, *data.draw(st.sampled_from([[], ["balance", "remaining_term", "rate"]]))])]
    text = "\n".join(",".join(row) for row in [heads, *rows])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.csv").write_text(text, encoding="utf-8")
        try:
            accounted(read_tape(Path(folder) / "x.csv", on_bad_row=on_bad_row, **how))
        except TapeError as error:
            assert error.problems


@given(st.binary(max_size=200), st.sampled_from(["x.csv", "x.csv.gz", "x.parquet", "x.xlsx"]))
@example(b"\r\x01", "x.csv")
@example(b"balance,remaining_term\r100,3\r", "x.csv")
def test_any_bytes(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        try:
            accounted(read_tape(Path(folder) / name, on_bad_row="drop"))
        except TapeError as error:
            assert error.problems


VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(),
    st.lists(st.floats(), max_size=3),
    st.sampled_from([100, 0.05, 12, "custom", "2020-01", [50, 50]]),
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(KNOWN), VALUE, max_size=8), max_size=5))
def test_any_replines(rows: list[dict[str, object]]) -> None:
    rows = [{"balance": 100, "remaining_term": 12, "rate": 0.05, **row} for row in rows]
    try:
        assert len(replines_tape(rows, "USD")) == len(rows)
    except TapeError as error:
        assert error.problems
