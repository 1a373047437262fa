"""Dates: one order of day and month for a column, or none; terms that follow from dates and the cut-off."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from abssim.errors import TapeError
from abssim.tape import TapeReading, read_tape, replines_tape
from abssim.tape.day import parse_days
from abssim.tape.repline import replines_reading

HEAD = "loan_id,balance,rate_pct,remaining_term,origination_month"
CUT_OFF = date(2026, 1, 1)


def read(folder: Path, *days: str, head: str = HEAD, term: str = "300", **how: object) -> TapeReading:
    rows = [f"{place},100000,6,{term},{day}" for place, day in enumerate(days, 1)]
    (folder / "tape.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_tape(folder / "tape.csv", cut_off=CUT_OFF, **how)  # type: ignore[arg-type]


def ages(reading: TapeReading) -> list[int]:
    return [int(age) for age in reading.tape.age]


@pytest.mark.parametrize(("order", "age"), [("day_first", 12), ("month_first", 8)])
def test_a_declared_order_is_followed(tmp_path: Path, order: str, age: int) -> None:
    assert ages(read(tmp_path, "05-01-2025", dates=order)) == [age]
    assert ages(read(tmp_path, "05/01/25", dates={"origination_month": order})) == [age]


def test_years_of_two_digits_may_come_first(tmp_path: Path) -> None:
    """25/05/01 is the first of May: as days or months first it would be of 2001."""
    assert ages(read(tmp_path, "25/05/01", dates="year_first")) == [8]


def test_an_open_order_is_refused_with_both_readings(tmp_path: Path) -> None:
    for policy in ("fail", "drop"):
        with pytest.raises(TapeError) as caught:
            read(tmp_path, "01-01-2025", "05-01-2025", on_bad_row=policy)
        (problem,) = caught.value.problems
        assert (problem.code, problem.path) == ("E252", "origination_month")
        assert '"05-01-2025" (row 2)' in problem.message
        assert "--read dates.origination_month=day_first" in problem.hint and "month_first" in problem.hint


@pytest.mark.parametrize(("decides", "age"), [("17-01-2025", 12), ("01-17-2025", 8)])
def test_one_cell_decides_the_column(tmp_path: Path, decides: str, age: int) -> None:
    assert ages(read(tmp_path, "05-01-2025", decides)) == [age, 12]
    assert ages(read(tmp_path, decides, "05-01-2025")) == [12, age]


def test_cells_that_contradict_each_other_are_both_named(tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read(tmp_path, "17/01/2025", "05/01/2025", "01/17/2025", on_bad_row="drop")
    (problem,) = caught.value.problems
    assert problem.code == "E253"
    assert '"17/01/2025" (row 1)' in problem.message and '"01/17/2025" (row 3)' in problem.message


def test_a_spreadsheets_serials_beside_texts_are_refused(tmp_path: Path) -> None:
    """A spreadsheet turns the cells it can read into serial days and leaves 17/01/2025 a text: the others are wrong."""
    with pytest.raises(TapeError) as caught:
        read(tmp_path, "45778", "17/01/2025")
    assert caught.value.code == "E253"


def test_a_declared_order_refuses_the_cells_it_does_not_fit(tmp_path: Path) -> None:
    reading = read(tmp_path, "05-01-2025", "17-01-2025", dates="month_first", on_bad_row="drop")
    assert ages(reading) == [8] and [problem.code for problem in reading.listed()] == ["E220"]


@pytest.mark.parametrize(
    "text",
    ["2025-01-05", "2025/1/5", "2025.01.05", "20250105", "202501", "2025-01", "01/2025", "2025年01月05日", "2025年1月",
     "5-Jan-2025", "05 January 2025", "Jan 5, 2025", "Jan-2025", "January 2025", "5-Jan-25", "Jan-25", "45662",
     "2025-01-05 00:00:00", "2025-01-05T00:00:00Z", "01/01/2025"],
)  # fmt: skip
def test_dates_that_say_themselves_what_is_what(tmp_path: Path, text: str) -> None:
    assert ages(read(tmp_path, f'"{text}"')) == [12]


@pytest.mark.parametrize("text", ["2025-13-01", "31/02/2025", "29-Feb-2025", "2025", "0000-00-00", "11-Dec", "soon"])
def test_what_is_no_date_is_a_bad_row(tmp_path: Path, text: str) -> None:
    with pytest.raises(TapeError) as caught:
        read(tmp_path, text)
    assert caught.value.code == "E220"


def test_years_of_two_digits_need_an_order() -> None:
    assert parse_days(["17/01/25"]).ambiguous == "17/01/25"
    assert parse_days(["25/01/17"], "year_first").days == (date(2025, 1, 17),)
    assert parse_days(["17/01/69", "17/01/70"], "day_first").days == (date(2069, 1, 17), date(1970, 1, 17))


def test_defaults_are_dates_too(tmp_path: Path) -> None:
    head, term = "loan_id,balance,rate_pct,remaining_term,grade", "12"
    assert ages(read(tmp_path, "A", head=head, term=term, defaults={"origination_month": "2025-03"})) == [10]
    with pytest.raises(TapeError) as caught:
        read(tmp_path, "A", head=head, term=term, defaults={"origination_month": "03-04-2025"})
    assert caught.value.code == "E252"


MATURITY = "loan_id,balance,rate_pct,origination_month,maturity_date"


def test_terms_from_maturity_and_cut_off(tmp_path: Path) -> None:
    """From January 2024 to January 2028 are 48 months, 24 of them gone by January 2026."""
    reading = read(tmp_path, "2028-01-15", "2026-01-20", head=MATURITY, term="2024-01-15")
    tape = reading.tape
    assert (tape.original_term.tolist(), tape.age.tolist()) == ([48, 24], [24, 24])
    assert tape.remaining_term.tolist() == [24, 1]  # what is due later in the month of the cut-off has one to go
    assert "remaining_term of all loans is months from the cut-off to maturity_date" in reading.notes


def test_terms_from_original_term_and_origination(tmp_path: Path) -> None:
    head = "loan_id,balance,rate_pct,original_term,origination_month"
    reading = read(tmp_path, "2024-03-31", head=head, term="36")
    assert (reading.tape.age.tolist(), reading.tape.remaining_term.tolist()) == ([22], [14])


def test_without_a_cut_off_dates_give_no_terms(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("balance,rate,maturity_date\n100,.05,2028-01-15\n")
    with pytest.raises(TapeError) as caught:
        read_tape(tmp_path / "t.csv")
    (problem,) = caught.value.problems
    assert problem.code == "E245" and "--cut-off" in problem.hint and "maturity_date" in problem.hint
    (tmp_path / "t.csv").write_text("balance,rate,remaining_term,origination_month\n100,.05,5,2023-01\n")
    reading = read_tape(tmp_path / "t.csv")
    assert "origination_month gives no term: there is no cut-off date (--cut-off)" in reading.notes


@pytest.mark.parametrize(
    ("lent", "matures", "column"),
    [("2024-01-15", "2025-12-31", "maturity_date"), ("2024-01-15", "2026-01-01", "maturity_date"),
     ("2026-02-01", "2028-01-15", "origination_month"), ("2025-05-01", "2025-05-31", "maturity_date")],
)  # fmt: skip
def test_dates_that_contradict_each_other(tmp_path: Path, lent: str, matures: str, column: str) -> None:
    with pytest.raises(TapeError) as caught:
        read(tmp_path, matures, head=MATURITY, term=lent)
    assert ("E256", column) in [(problem.code, problem.path) for problem in caught.value.problems]


def test_a_loan_that_is_paid_may_have_matured(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("balance,rate,maturity_date\n0,.05,2025-06-15\n10,.05,2027-06-15\n")
    assert read_tape(tmp_path / "t.csv", cut_off=CUT_OFF).tape.remaining_term.tolist() == [0, 17]


def test_given_terms_hold_and_what_differs_is_told(tmp_path: Path) -> None:
    text = "balance,rate,original_term,remaining_term,age,origination_month,maturity_date\n"
    text += "100,.05,60,36,24,2024-01,2029-01\n100,.05,60,30,12,2023-01,2029-01\n"
    (tmp_path / "t.csv").write_text(text)
    reading = read_tape(tmp_path / "t.csv", cut_off=CUT_OFF)
    assert reading.tape.remaining_term.tolist() == [36, 30] and reading.tape.age.tolist() == [24, 12]
    said = [note.removesuffix("; it is taken as given") for note in reading.notes if "taken as given" in note]
    assert said == [
        "remaining_term of 1 loan differs from that by maturity_date (30 against 36 in row 2)",
        "age of 1 loan differs from that by origination_month (12 against 36 in row 2)",
        "original_term of 1 loan differs from that by the dates (60 against 72 in row 2)",
        "original_term of 1 loan differs from that by remaining_term and age (60 against 42 in row 2)",
    ]


def test_replines_tell_what_their_terms_contradict() -> None:
    row = {"balance": 100, "rate": 0.05, "remaining_term": 24, "age": 5, "original_term": 10}
    notes = replines_reading([row | {"origination_month": "2024-01"}], "USD", cut_off=CUT_OFF).notes
    months = (CUT_OFF.year - 2024) * 12 + CUT_OFF.month - 1
    assert notes == (
        f"age of 1 loan differs from that by origination_month (5 against {months} in row 1); it is taken as given",
        "original_term of 1 loan differs from that by remaining_term and age (10 against 29 in row 1); "
        "it is taken as given",
    )


@pytest.mark.parametrize(
    ("lent", "told"), [("2024-12", False), ("2024-11", True), ("2025-02", False), ("2025-03", True)]
)
def test_a_month_between_a_term_and_its_dates_is_no_difference(tmp_path: Path, lent: str, told: bool) -> None:
    """An age of 12 against 13, 14, 11 and 10 months from origination to the cut-off."""
    (tmp_path / "t.csv").write_text(f"balance,rate,remaining_term,age,origination_month\n100,.05,5,12,{lent}\n")
    reading = read_tape(tmp_path / "t.csv", cut_off=CUT_OFF)
    assert any("age of 1 loan differs from that by origination_month" in note for note in reading.notes) is told


def test_replines_have_dates_too() -> None:
    row = {"balance": 100, "rate": 0.05, "remaining_term": 24, "origination_month": "2025-03"}
    assert replines_tape([row], "USD", cut_off=CUT_OFF).age.tolist() == [10]
    with pytest.raises(TapeError) as caught:
        replines_tape([row | {"origination_month": "03-04-2025"}], "USD", cut_off=CUT_OFF)
    assert caught.value.code == "E252"


def test_typed_dates_of_parquet(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    days = pa.array([date(2024, 5, 1), None], pa.date32())
    times = pa.array(np.asarray(["2028-01-05", "2029-01-05"], dtype="datetime64[us]"))
    table = {"balance": [100.0, 100.0], "rate": [0.05, 0.05], "origination_month": days, "maturity_date": times}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    tape = read_tape(tmp_path / "t.parquet", cut_off=CUT_OFF).tape
    assert (tape.remaining_term.tolist(), tape.age.tolist()) == ([24, 36], [20, 0])


def test_the_date_of_origination_is_a_name_of_its_month(tmp_path: Path) -> None:
    """2025-01-15 to 2026-01-01 is 12 months by the calendar; an age that contradicts it is told."""
    head = HEAD.replace("origination_month", "origination_date")
    assert ages(read(tmp_path, "2025-01-15", head=head)) == [12]
    assert ages(read(tmp_path, "05-01-2025", head=head, dates={"origination_date": "day_first"})) == [12]
    mapped = read(tmp_path, "05-01-2025", head=HEAD.replace("origination_month", "D"), dates="day_first",
                  columns={"origination_date": "D"})  # fmt: skip
    assert ages(mapped) == [12] and str(mapped.tape.origination_month) == "['2025-01']"
    aged = read(tmp_path, "2025-01-15,40", head=f"{head},age")
    assert ages(aged) == [40]
    said = "age of 1 loan differs from that by origination_date (40 against 12 in row 1); it is taken as given"
    assert said in aged.notes


def test_a_date_under_two_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read(tmp_path, "2025-01,2025-02-01", head=f"{HEAD},origination_date")
    assert [problem.code for problem in caught.value.problems] == ["E247"]
    with pytest.raises(TapeError) as caught:
        read(tmp_path, "2025-01", dates={"origination_date": "day_first", "origination_month": "month_first"})
    assert caught.value.problems[0].path == "dates.origination_date"
