from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abssim.tape.dated import dates_of
from abssim.tape.day import parse_day
from abssim.tape.number import MONEY, MONTHS, PERCENT, parse_number
from abssim.tape.raw import ArrowColumn, PlainColumn, Raw, fixed_width


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12.0), (" 1,234.50 ", 1234.5), ("$1,000", 1000.0), ("¥800", 800.0), ("36 months", 36.0), ("12期", 12.0),
        ("10.65%", 0.1065), ("-3", -3.0), ("1e3", 1000.0), (".5", 0.5), ("5.", 5.0), ("inf", np.inf),
        ("", None), ("abc", None), ("1,00", None), ("12 apples", None), ("1.2.3", None), ("%", None), ("0x10", None),
        ("１２", 12.0), ("1_000", None), ("--1", None), ("$", None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text: str, number: float | None) -> None:
    found = parse_number(text, 0.01, PERCENT | MONEY | MONTHS)
    assert found == (pytest.approx(number) if number is not None else None)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = parse_number(text, percent=0.01)
    assert found is None or isinstance(found, float)
    parse_day(text)


@pytest.mark.parametrize(
    "text", ["08/2019", "2019-08", "2019-08-15", "08-31-2019", "Aug-2019", "August 2019", "201908",
             "20190815",
             "2019-08-15 00:00:00"],
)  # fmt: skip
def test_months(text: str) -> None:
    assert parse_day(text) in (date(2019, 8, 1), date(2019, 8, 15), date(2019, 8, 31))


@pytest.mark.parametrize(
    "text", ["13/2019", "2019-00", "soon", "2019", "08/01/2019", "08/0019", "31/02/2019", "2019-02-30", "11-Dec"]
)
def test_no_months(text: str) -> None:
    assert parse_day(text) is None


def columns(values: list[object]) -> list[Raw]:
    texts = [None if value is None else str(value) for value in values]
    return [
        PlainColumn("x", values), ArrowColumn("x", pa.chunked_array([pa.array(texts, pa.string())])),
        ArrowColumn("x", pa.chunked_array([pa.array(texts, pa.string()).dictionary_encode()])),
        ArrowColumn("x", pa.chunked_array([pa.array(texts[:1], pa.string()), pa.array(texts[1:], pa.string())])),
        ArrowColumn("x", pa.chunked_array([pa.array(["skip", *texts], pa.large_string()).slice(1)])),
    ]  # fmt: skip


@pytest.mark.parametrize("which", range(5))
def test_sources_agree_on_numbers(which: int) -> None:
    parsed = columns([1, "2.5", None, "NA", "word", "1,000", "inf", " 7 "])[which].numbers(percent=0.01)
    assert np.nan_to_num(parsed.values, nan=-1.0, posinf=np.inf).tolist() == [
        1.0,
        2.5,
        -1.0,
        -1.0,
        -1.0,
        1000.0,
        np.inf,
        7.0,
    ]
    assert np.flatnonzero(parsed.missing).tolist() == [2, 3]
    assert np.flatnonzero(parsed.bad).tolist() == [4]


@pytest.mark.parametrize("which", range(5))
def test_sources_agree_on_words_and_ids(which: int) -> None:
    raw = columns(["b", "a", None, " b ", "N/A", "'=1+1", "京东"])[which]
    codes, words = raw.words()
    assert words == ("=1+1", "a", "b", "京东")
    assert codes.tolist() == [2, 1, -1, 2, -1, 0, 3]
    assert [text.decode() for text in raw.ids().tolist()][:3] == ["b", "a", ""]
    assert raw.tell(np.asarray([1, 6])) == ["a", "京东"]


@pytest.mark.parametrize(
    "array",
    [pa.array([1, None, 3]), pa.array([1.0, np.nan, 3.0]), pa.array([1, None, 3], pa.int8()),
     pa.array([None, 1, None, 3], pa.uint16()).slice(1), pa.array([1, None, 3], pa.decimal128(10, 2))],
)  # fmt: skip
def test_arrow_numbers(array: pa.Array) -> None:
    parsed = ArrowColumn("x", pa.chunked_array([array])).numbers(percent=0.01)
    assert np.nan_to_num(parsed.values, nan=-1.0).tolist() == [1.0, -1.0, 3.0]
    assert parsed.missing.tolist() == [False, True, False] and not parsed.bad.any()


def test_dates_and_lists_are_no_numbers() -> None:
    for array in (pa.array([[1.0], None]), pa.array([True, None]), pa.array([date(2020, 1, 1), None])):
        parsed = ArrowColumn("x", pa.chunked_array([array])).numbers(percent=0.01)
        assert (parsed.bad.tolist(), parsed.missing.tolist()) == ([True, False], [False, True])


def test_typed_months_and_whole_floats() -> None:
    found = dates_of(ArrowColumn("x", pa.chunked_array([pa.array([date(2020, 3, 31), None])])), "", "x")
    assert found.days[0] == np.datetime64("2020-03-31") and np.isnat(found.days[1]) and not found.unread.any()
    assert ArrowColumn("x", pa.chunked_array([pa.array([1.0, 2.0])])).ids().tolist() == [b"1", b"2"]
    assert ArrowColumn("x", pa.chunked_array([pa.array([[1.5, 2.0]])])).words()[1] == ("1.5;2.0",)


@given(
    st.lists(
        st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8))
    )
)
def test_fixed_width_is_the_encoded_text(texts: list[str | None]) -> None:
    found = fixed_width(pa.array(["", *texts], pa.string()).slice(1))
    assert [value.decode() for value in found.tolist()] == [text or "" for text in texts]
