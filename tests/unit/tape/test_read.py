from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abssim.engine.layout import Amortization
from abssim.errors import TapeError
from abssim.tape import TapeReading, check_tape, read_tape, stratify
from tests.process import PATIENCE

Reference = Callable[[str], Path]
HEAD = "loan_id,balance,rate,remaining_term"


def read(folder: Path, text: str, **options: object) -> TapeReading:
    file = folder / "tape.csv"
    file.write_text(text, encoding="utf-8")
    return read_tape(file, **options)  # type: ignore[arg-type]


def values(reading: TapeReading) -> dict[str, float]:
    return {row.key: row.value for row in check_tape(reading)}


def test_world_omni(reference: Reference) -> None:
    """Schedule AL names are recognised; the ids repeat, which is said."""
    reading = read_tape(reference("world-omni-2020-a/world_omni.csv"))
    tape = reading.tape
    assert (len(tape), tape.total_balance, tape.obligors) == (7_572, 184_506_367_68, 7_572)
    assert reading.format == "Schedule AL" and not reading.problems
    assert any("assetNumber is not unique (2,159 values on 7,572 rows)" in note for note in reading.notes)
    assert tape.loan_key.tolist() == list(range(1, 7_573)) and "original_id" in tape.extra
    assert (tape.age == tape.original_term - tape.remaining_term).all()
    assert tape.rate.max() == 0.2 and str(tape.origination_month[0]) == "2019-08"  # type: ignore[index]
    found = values(reading)
    assert [found[f"identity_{number}_pct"] for number in (1, 2, 3)] == [100.0, 100.0, 100.0]
    for by in ("balance", "rate", "remaining_term", "score", "region", "segment", "days_past_due", "make"):
        strata = stratify(tape, by)
        assert sum(row.balance for row in strata.rows) == strata.total.balance == 184_506_367_68
        assert sum(row.loans for row in strata.rows) == strata.total.loans == 7_572


def test_lending_club(reference: Reference) -> None:
    """The level payment reproduces `installment` within 2 cents on at least 95.5 % of the loans."""
    reading = read_tape(reference("lendingclub-2007-2011/lc_2007_2011_slim.csv.gz"))
    assert (len(reading.tape), reading.format) == (42_535, "LendingClub")
    found = values(reading)
    assert found["level_payment_pct"] >= 95.5
    assert found["payment_below_interest"] == 0
    assert found["identity_1_pct"] == 100.0


def test_mapping_defaults_and_percent(tmp_path: Path) -> None:
    text = "ID;Cur Bal;Coupon;Rem;Prod\nx1;$1,250.55;5.25;36 months;Phone\nx2;99.999;;12;Phone\n"
    reading = read(
        tmp_path, text, columns={"loan_id": "ID", "balance": "Cur Bal", "rate_pct": "Coupon", "remaining_term": "Rem",
                                 "product": "Prod"},
        defaults={"rate_pct": 6.0, "amortization": "equal principal", "segment": "phones"}, currency="EUR",
    )  # fmt: skip
    tape = reading.tape
    assert tape.balance.tolist() == [125_055, 10_000]
    assert tape.rate.tolist() == [0.0525, 0.06]
    assert tape.column("product").tolist() == ["Phone", "Phone"] and tape.column("segment").tolist() == ["phones"] * 2
    assert (tape.amortization == Amortization.EQUAL_PRINCIPAL).all()
    assert any("fractions of a minor unit" in note for note in reading.notes)


def test_a_loan_of_the_cut_off_month_is_new_and_none_is_older_than_a_century(tmp_path: Path) -> None:
    text = "balance,rate,remaining_term,origination_month\n600,.05,12,2026-01\n600,.05,12,1901-01\n"
    reading = read(tmp_path, text, cut_off=date(2026, 1, 15))
    assert reading.tape.age.tolist() == [0, 1_200]


def test_derived_columns(tmp_path: Path) -> None:
    head = "balance,amortization,fee_rate,remaining_term,original_term,rate,origination_month"
    text = f"{head}\n600,flat_fee,.005,6,12,,\n600,level_pay,,6,12,.05,\n600,level_pay,,6,,.05,2019-10\n"
    reading = read(tmp_path, text, cut_off=date(2020, 1, 15))
    assert reading.tape.original_balance.tolist() == [120_000, 60_000, 60_000]
    assert reading.tape.age.tolist() == [6, 6, 3]
    assert reading.tape.original_term.tolist() == [12, 12, 9]
    assert reading.tape.loan_key.tolist() == [1, 2, 3]
    said = " ".join(reading.notes)
    assert "row number is the id" in said and "balance x original term / remaining term" in said


def test_an_original_balance_is_rounded_to_the_nearest_cent(tmp_path: Path) -> None:
    """100.00 x 12 / 7 = 171.428…; 100.00 x 11 / 7 = 157.142…; 0.01 x 3 / 2 = 0.015, and a half goes up."""
    text = "balance,amortization,fee_rate,remaining_term,original_term\n"
    rows = ("100,flat_fee,.005,7,12", "200,flat_fee,.005,7,12", "100,flat_fee,.005,7,11", ".01,flat_fee,.005,2,3")
    reading = read(tmp_path, text + "\n".join(rows) + "\n")
    assert reading.tape.original_balance.tolist() == [17_143, 34_286, 15_714, 2]


def test_a_fee_is_at_most_a_fifth_a_month(tmp_path: Path) -> None:
    text = "balance,amortization,fee_rate,remaining_term,original_term\n100,flat_fee,{},7,7\n"
    assert read(tmp_path, text.format("0.2")).tape.fee_rate.tolist() == [0.2]
    with pytest.raises(TapeError) as caught:
        read(tmp_path, text.format("0.2001"))
    assert (caught.value.code, caught.value.problems[0].path) == ("E219", "fee_rate")


def test_a_balloon_is_at_most_the_balance(tmp_path: Path) -> None:
    text = "balance,rate,remaining_term,amortization,balloon\n100,.05,12,balloon,{}\n"
    assert read(tmp_path, text.format("100")).tape.column("balloon").tolist() == [10_000]
    with pytest.raises(TapeError) as caught:
        read(tmp_path, text.format("100.01"))
    assert (caught.value.code, caught.value.problems[0].path) == ("E223", "balloon")


def test_terms_that_contradict_each_other(tmp_path: Path) -> None:
    """More months behind than there ever were leaves none to go; more to go than there were is an extension."""
    reading = read(tmp_path, "balance,rate,original_term,age\n1,.1,12,5\n1,.1,12,15\n", on_bad_row="drop")
    assert reading.tape.remaining_term.tolist() == [7] and reading.listed()[0].code == "E216"
    extended = read(tmp_path, "balance,rate,original_term,remaining_term\n1,.1,12,15\n")
    assert extended.tape.age.tolist() == [0] and any("extended" in note for note in extended.notes)


def test_custom_schedule(tmp_path: Path) -> None:
    text = f"{HEAD},amortization,schedule\n1,100.00,.05,3,custom,40;60\n2,100.00,.05,3,,\n3,100,.05,2,custom,40;60\n"
    tape = read(tmp_path, text).tape
    assert tape.schedule.tolist()[1] == -1 and tape.schedule[0] == tape.schedule[2]
    assert tape.schedules[tape.schedule[0]].tolist() == [4_000, 6_000]


def test_obligors(tmp_path: Path) -> None:
    reading = read(tmp_path, f"{HEAD},obligor_id\n1,1,.05,2,5\n5,1,.05,2,\n7,1,.05,2,5\n8,1,.05,2,u\n")
    assert reading.tape.obligors == 3
    assert reading.tape.obligor_key[0] == reading.tape.obligor_key[2] == 5
    assert any("obligor_id of 1 loan is not given" in note for note in reading.notes)


def test_every_bad_row_is_told_first_twenty_by_name(tmp_path: Path) -> None:
    rows = "".join(f"{n},{f'x{n}' if n % 2 else 10},{-1 if n % 3 == 0 else 0.05},12\n" for n in range(1, 101))
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"{HEAD}\n{rows}")
    problems = caught.value.problems
    assert [problem.where for problem in problems[:2]] == ["tape.csv:2 row 1", "tape.csv:4 row 3"]
    assert sum(" row " in problem.where for problem in problems) == 20
    told = [problem.message for problem in problems[20:]]
    assert told == ["not a number: 50 rows in all", "below -0.1: 33 rows in all", "66 of 100 rows are bad"]


@pytest.mark.parametrize(
    ("column", "word", "code"),
    [
        ("amortization", "annuity", "E218"),
        ("day_count", "act/364", "E269"),
        ("rate_schedule", "soon", "E267"),
        ("days_past_due", "CA", "E211"),
        ("origination_month", "Smith", "E220"),
        ("status", "Paid in full", "E273"),
    ],
)
def test_a_word_that_means_nothing_is_told_once(tmp_path: Path, column: str, word: str, code: str) -> None:
    """With the number of its rows, not row by row; another wrong word is another problem."""
    other = {"E273": "charged-off"}.get(code, "XY")
    rows = "".join(f"{n},10,.05,12,{word if n < 30 else other}\n" for n in range(1, 101))
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"{HEAD},{column}\n{rows}")
    first, second, total = caught.value.problems
    assert {first.code, second.code} == {code}
    assert first.message.endswith(f"{word} (29 rows)") and first.where == "tape.csv:2 row 1"
    assert second.message.endswith(f"{other} (71 rows)") and second.where == "tape.csv:31 row 30"
    assert total.message == "100 of 100 rows are bad"


def test_what_is_wrong_in_most_rows_is_the_column(tmp_path: Path) -> None:
    """Names in the place of balances: one problem, not twenty and a count."""
    rows = "".join(f"{n},name{n},.05,12\n" for n in range(1, 1_001))
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"{HEAD}\n{rows}")
    assert [problem.message for problem in caught.value.problems] == [
        "not a number: name1 (1,000 rows)", "1,000 of 1,000 rows are bad"
    ]  # fmt: skip


def test_a_default_that_means_nothing_is_told_once(tmp_path: Path) -> None:
    rows = "".join(f"{n},10,.05,12\n" for n in range(1, 101))
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"{HEAD}\n{rows}", defaults={"amortization": "annuity"})
    assert [problem.code for problem in caught.value.problems] == ["E218", "E218"]
    assert caught.value.problems[0].message == "unknown amortization (100 rows)"


def test_drop_counts_and_states_the_balance(tmp_path: Path) -> None:
    reading = read(tmp_path, f"{HEAD}\n1,10.00,.05,12\n2,20.00,-1,12\n3,x,.05,12\n4,5\n", on_bad_row="drop")
    assert (len(reading.tape), reading.rows_read, reading.rows_dropped, reading.dropped_balance) == (1, 4, 3, 2_000)
    note = "3 rows left out with a balance of 20.00 USD; the balance of 2 of them cannot be read"
    assert note in reading.notes


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = f'{HEAD}\n\n1,10,.05,12\n"a\nb",10,.05,12\n\n3,x,.05,12\n4,1\n5,y,.05,12\n'
    reading = read(tmp_path, text, on_bad_row="drop")
    assert [problem.where for problem in reading.listed()] == [
        "tape.csv:7 row 3", "tape.csv:8 row 4", "tape.csv:9 row 5"
    ]  # fmt: skip
    assert reading.tape.row.tolist() == [1, 2]


def test_same_tape_from_csv_gzip_and_parquet(tmp_path: Path) -> None:
    table = pa.table(
        {"loan_id": ["a", "b"], "balance": pa.array(["1.10", "2.25"], pa.string()).cast(pa.decimal128(9, 2)),
         "rate": [0.05, 0.06], "remaining_term": pa.array([3, 4], pa.int16()),
         "origination_month": pa.array([date(2020, 1, 31), None]), "grade": pa.array(["A", None]).dictionary_encode()}
    )  # fmt: skip
    pq.write_table(table, tmp_path / "tape.parquet")
    text = f"{HEAD},origination_month,grade\na,1.10,.05,3,01/2020,A\nb,2.25,.06,4,,\n"
    (tmp_path / "tape.csv").write_text("\ufeff" + text, encoding="utf-8")
    with gzip.open(tmp_path / "tape.csv.gz", "wt") as stream:
        stream.write(text)
    tapes = [read_tape(tmp_path / name).tape for name in ("tape.csv", "tape.csv.gz", "tape.parquet")]
    for tape in tapes:
        for name in tape.names:
            assert tape.column(name).astype(str).tolist() == tapes[0].column(name).astype(str).tolist(), name
        assert tape.column("grade").tolist() == ["A", ""]
        assert str(tape.origination_month[0]) == "2020-01"  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.csv", b"", "E241"), ("blank.csv", b"\n\n", "E241"),
        ("short.csv.gz", gzip.compress(b"x" * 9999, mtime=0)[:40], "E244"),
        ("text.csv.gz", b"loan_id,balance", "E244"), ("cut.parquet", b"PAR1 and no more PAR1", "E244"),
        ("nul.csv", b"loan_id\0,balance\n1,2\n", "E244"),
        ("latin.csv", "Gr\u00f6\u00dfe,x\n1,2\n".encode("latin-1"), "E243"),
        ("twice.csv", b"balance,balance,remaining_term,rate\n1,2,3,0\n", "E247"),
    ],
)  # fmt: skip
def test_files_that_are_no_tapes(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TapeError) as caught:
        read_tape(tmp_path / name)
    assert caught.value.code == code


def test_folder_and_missing_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path, tmp_path / "none.csv", tmp_path / "pipe.csv", tmp_path / ("x" * 300 + ".csv")):
        with pytest.raises(TapeError) as caught:
            read_tape(path)
        assert caught.value.code == "E200"


def test_all_problems_of_a_mapping_at_once(tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"{HEAD}\n1,1,.05,2\n", columns={"grade": "GRADE", "region": "ST"}, defaults={"rat": 1})
    assert [problem.code for problem in caught.value.problems] == ["E248", "E246", "E246"]
    assert 'did you mean "rate"?' in caught.value.problems[0].hint


def test_rate_without_number_is_needed_only_where_interest_is(tmp_path: Path) -> None:
    text = "balance,remaining_term,amortization\n10,3,free_instalment\n10,1,single_payment\n"
    assert len(read(tmp_path, text).tape) == 2
    with pytest.raises(TapeError) as caught:
        read(tmp_path, text + "10,3,level_pay\n")
    assert caught.value.problems[0].code == "E210" and caught.value.problems[0].path == "rate"


def test_unasked_text_columns_of_many_words_are_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{n},10,.05,12,name {n}\n" for n in range(10_002))
    reading = read(tmp_path, f"{HEAD},borrower\n{rows}")
    assert "borrower" not in reading.tape.extra and any("borrower is left out" in note for note in reading.notes)
    mapped = read(tmp_path, f"{HEAD},borrower\n{rows}", columns={"borrower": "borrower"})
    assert "borrower" in mapped.tape.extra


def test_reading_imports_no_pandas(environment: dict[str, str], root: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from abssim.tape import read_tape; read_tape('tests/cases/tape/good.csv');"
        "assert not {'pandas', 'scipy', 'numba'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=True, timeout=PATIENCE)


@pytest.mark.parametrize("column", ["interest_rate", "note_rate", "coupon"])
def test_a_required_column_that_is_not_mapped_is_told_once(tmp_path: Path, column: str) -> None:
    rows = "".join(f"{i},100,12,5.0,N\n" for i in range(50))
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"loan_id,balance,remaining_term,{column},region_name\n{rows}")
    (problem,) = caught.value.problems
    assert problem.code == "E245" and problem.path == "rate" and column in problem.hint
    assert ("--map rate=" + (column if "rate" in column else "COLUMN")) in problem.hint
