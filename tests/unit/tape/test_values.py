"""What values mean: codes for "not known", words, codes that look like numbers, the currency, what is not used."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abssim.errors import TapeError
from abssim.tape import TapeReading, check_tape, read_tape, stratify, write_tape

HEAD = "loan_id,balance,rate_pct,remaining_term"


def read(folder: Path, text: str, **how: object) -> TapeReading:
    (folder / "tape.csv").write_text(text, encoding="utf-8")
    return read_tape(folder / "tape.csv", **how)  # type: ignore[arg-type]


SCORES = f"{HEAD},score,dti\n1,100,5,12,700,30\n2,100,5,12,800,40\n3,100,5,12,9999,999\n"


@pytest.mark.parametrize(
    ("rates", "told"), [((0.0725, 0.0, 0.05), True), ((0.4, 7.25, 0.0), False), ((0, 0, 0), False)]
)
def test_decimals_under_a_name_of_percent_are_told(tmp_path: Path, rates: tuple[float, ...], told: bool) -> None:
    rows = "".join(f"{i},100,{rate},12\n" for i, rate in enumerate(rates))
    notes = [note for note in read(tmp_path, f"{HEAD}\n{rows}").notes if "if its figures are decimals" in note]
    assert len(notes) == told and all("at most 0.0725 %" in note for note in notes)


def test_a_code_for_not_known_is_suggested_and_then_left_out(tmp_path: Path) -> None:
    reading = read(tmp_path, SCORES)
    for name, code in (("score", 9999), ("dti", 999)):
        assert any(f"{name} of 1 loan is {code}" in n and f"unknown.{name}={code}" in n for n in reading.notes)
    declared = read(tmp_path, SCORES, unknown={"score": [9999], "dti": [999]})
    assert not any("unknown." in note for note in declared.notes)
    strata = stratify(declared.tape, "score")
    assert [(row.label, row.loans) for row in strata.rows] == [("680 – 719", 1), ("800 – 849", 1), ("unknown", 1)]
    assert strata.total.score == 750.0
    (score,) = [row for row in check_tape(declared) if row.key == "score"]
    assert (score.value, score.note) == (750.0, "not known of 1 loan")
    assert stratify(declared.tape, "dti").rows[-1].label == "unknown"


@pytest.mark.parametrize("code", ["9999.0", " 9999 ", "09999"])
def test_a_code_is_the_same_number_however_written(tmp_path: Path, code: str) -> None:
    assert (
        stratify(read(tmp_path, SCORES.replace("9999", code), unknown={"score": ["9999"]}).tape, "score").total.score
        == 750.0
    )


def test_codes_by_pattern_and_for_every_column(tmp_path: Path) -> None:
    text = f"{HEAD},score,region\n1,100,5,12,ND5,ND\n2,100,5,12,700,ND4-2026-05-31\n"
    with pytest.raises(TapeError) as caught:
        read(tmp_path, text)
    assert "--read unknown.score=ND5" in caught.value.problems[0].hint
    tape = read(tmp_path, text, unknown=["ND[1-5]*"]).tape
    assert tape.column("region").tolist() == ["ND", ""]
    assert {row.label for row in stratify(tape, "region").rows} == {"ND", "unknown"}
    told = read(tmp_path, text.replace("ND5", "600")).notes
    assert any("region of 1 loan is ND4-2026-05-31" in note for note in told)


def test_numbers_of_parquet_have_codes_too(tmp_path: Path) -> None:
    table = {"balance": [1.0, 1.0], "rate": [0.1, 0.1], "remaining_term": [5, 5], "score": [700.0, 9999.0]}
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    tape = read_tape(tmp_path / "t.parquet", unknown={"score": 9999}).tape
    assert tape.score[0] == 700.0 and tape.score[1] != tape.score[1]


def test_what_is_needed_must_be_known(tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read(tmp_path, f"{HEAD}\n1,100,5,999\n", unknown={"remaining_term": 999})
    assert caught.value.code == "E210"


def test_words_are_translated(tmp_path: Path) -> None:
    text = f"{HEAD},amortization,days_past_due\n1,100,5,12,FRXX,C\n2,100,5,12,FIXE,30-59 days\n"
    words = {
        "amortization": {"FRXX": "level_pay", "FIXE": "equal_principal"},
        "days_past_due": {"C": 0, "30-59 days": 30},
    }
    tape = read(tmp_path, text, words=words).tape
    assert tape.column("amortization").tolist() == ["level_pay", "equal_principal"]
    assert tape.days_past_due.tolist() == [0, 30]


def test_settings_without_effect_are_told(tmp_path: Path) -> None:
    how = {"unknown": {"score": [9999, -1]}, "dates": "day_first", "defaults": {"score": 600, "grade": "X"}}
    notes = read(tmp_path, SCORES.replace("9999", "650"), **how).notes
    assert 'score: no row holds "9999"' in notes and 'score: no row holds "-1"' in notes
    assert "the order of dates (day_first) has no effect: no column of dates is read" in notes
    assert "the default of score is not used: every row has a value" in notes
    assert not any("default of grade" in note for note in notes)


def test_settings_of_no_column_are_refused(tmp_path: Path) -> None:
    how = {"unknown": {"scor": [1]}, "words": {"grde": {"A": "B"}}, "dates": {"balance": "day_first"}}
    with pytest.raises(TapeError) as caught:
        read(tmp_path, SCORES, **how)
    found = [(problem.code, problem.path) for problem in caught.value.problems]
    assert found == [("E246", "words.grde"), ("E246", "unknown.scor"), ("E246", "dates.balance")]
    with pytest.raises(TapeError) as caught:
        read(tmp_path, SCORES, dates="dayfirst", skp=3, skip=-1)
    assert [problem.path for problem in caught.value.problems] == ["dates", "skip", "skp"]
    assert "did you mean" in caught.value.problems[2].hint


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("mapped", [False, True])
def test_codes_stay_what_they_are(tmp_path: Path, ending: str, mapped: bool) -> None:
    """Zips, account numbers, dealer codes and ids with leading zeros, and ids of obligors, through CSV and Parquet."""
    codes = {
        "zip": ["02134", "90210"], "account": ["12345678901234567890", "1"], "dealer": ["12E5", "1E10"],
        "model": ["007", "7"], "phone": ["+491", "+492"], "kind": ["3D", "5M"],
    }  # fmt: skip
    rows = [[f"00{n}", "100", "5", "12", f"0{n}A", *(values[n] for values in codes.values())] for n in range(2)]
    text = "\n".join(",".join(row) for row in [[*HEAD.split(","), "obligor_id", *codes], *rows])
    reading = read(tmp_path, text, columns={name: name for name in codes} if mapped else {})
    for name, values in codes.items():
        assert reading.tape.column(name).tolist() == values
    write_tape(reading.tape, tmp_path / f"out.{ending}")
    again = read_tape(tmp_path / f"out.{ending}").tape
    for name, values in codes.items():
        assert again.column(name).tolist() == values
    assert again.loan_id.tolist() == [b"000", b"001"] and (again.obligor_key == reading.tape.obligor_key).all()
    if ending == "csv":
        written = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
        assert [row["zip"] for row in written] == codes["zip"] and [row["obligor_id"] for row in written] == [
            "00A",
            "01A",
        ]
    else:
        assert pq.read_table(tmp_path / "out.parquet").column("zip").to_pylist() == codes["zip"]


def test_whole_numbers_of_parquet_stay_whole(tmp_path: Path) -> None:
    table = {"balance": [1.0, 1.0], "rate": [0.1, 0.1], "remaining_term": [5, 5], "zip": [2134, None],
             "account": [1234567890123456789, 1]}  # fmt: skip
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    write_tape(read_tape(tmp_path / "t.parquet").tape, tmp_path / "out.csv")
    row = next(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
    assert (row["zip"], row["account"]) == ("2134", "1234567890123456789")


def test_ids_a_spreadsheet_would_run_come_back(tmp_path: Path) -> None:
    reading = read(tmp_path, f"{HEAD}\n=1+1,100,5,12\n-5,100,5,12\n")
    write_tape(reading.tape, tmp_path / "out.csv")
    assert read_tape(tmp_path / "out.csv").tape.loan_id.tolist() == [b"=1+1", b"-5"]


def test_numbers_are_still_numbers(tmp_path: Path) -> None:
    tape = read(tmp_path, f'{HEAD},ltv,value,growth\n1,100,5,12,80.5%,"$12,000",1e-05\n2,100,5,12,0,0,0.5\n').tape
    assert [tape.codes(name).tolist() for name in ("ltv", "value", "growth")] == [[0.805, 0], [12_000, 0], [1e-05, 0.5]]


def test_the_currency_goes_with_the_tape(tmp_path: Path) -> None:
    assert any("taken as USD" in note for note in read(tmp_path, SCORES).notes)
    reading = read(tmp_path, SCORES, currency="CNY")
    assert not any("taken as" in note and "USD" in note for note in reading.notes)
    for name in ("out.csv", "out.parquet"):
        write_tape(reading.tape, tmp_path / name)
        assert read_tape(tmp_path / name).tape.currency == "CNY"
        assert read_tape(tmp_path / name, currency="CNY").tape.currency == "CNY"
        with pytest.raises(TapeError) as caught:
            read_tape(tmp_path / name, currency="USD")
        assert caught.value.code == "E254" and "not in USD: CNY" in str(caught.value)
    spelled = f"{HEAD},currency\n1,1,5,12,人民币\n"
    with pytest.raises(TapeError) as caught:
        read(tmp_path, spelled)
    assert caught.value.code == "E254" and "currency=人民币:CODE" in str(caught.value)
    assert read(tmp_path, spelled, words={"currency": {"人民币": "CNY"}}).tape.currency == "CNY"
    mixed = f"{HEAD},currency\n1,1,5,12,usd\n2,1,5,12,EUR\n3,1,5,12,\n"
    with pytest.raises(TapeError) as caught:
        read(tmp_path, mixed)
    assert caught.value.code == "E254" and "EUR, USD" in str(caught.value)
    assert read(tmp_path, mixed, currency="USD", on_bad_row="drop").tape.loan_id.tolist() == [b"1", b"3"]


def test_columns_without_effect_are_named_in_one_line(tmp_path: Path) -> None:
    reading = read(tmp_path, "loan_id,balance,rate_pct,remaining_term,Dealer Name,VIN #,make\n1,1,5,12,x,y,z\n")
    assert "not read: Dealer Name, VIN #; map one to have it in the tape" in reading.notes
    assert reading.selectors == ("make",) and reading.remarks[-1] == "for conditions and strata only: make"
    mapped = read(tmp_path, "loan_id,balance,rate_pct,remaining_term,make\n1,1,5,12,z\n", columns={"make": "make"})
    assert not any(note.startswith("not read") for note in mapped.notes)


def test_a_pool_without_balance(tmp_path: Path) -> None:
    rows = {row.key: row.value for row in check_tape(read(tmp_path, f"{HEAD}\n1,0,5,12\n2,0,5,12\n"))}
    assert rows["balance"] == 0 and rows["rate_pct"] != rows["rate_pct"]


ESMA = """\
AUTL3,AUTL5,AUTL24,AUTL25,AUTL28,AUTL29,AUTL30,AUTL32,AUTL43,AUTL59,AUTL64
L-1,B-1,2024-01-15,2028-01-15,EUR,18000.00,9876.54,FRXX,4.99,ND5,0
L-2,B-2,2025-06-01,2029-06-30,EUR,22000.00,20111.10,FIXE,5.49,710,ND1
"""


def test_a_template_without_remaining_term(tmp_path: Path) -> None:
    """Auto loans as ESMA's annex 5 has them: terms from dates, ND codes, four letters for the amortization."""
    names = {"loan_id": "AUTL3", "obligor_id": "AUTL5", "origination_month": "AUTL24", "maturity_date": "AUTL25",
             "currency": "AUTL28", "original_balance": "AUTL29", "balance": "AUTL30", "amortization": "AUTL32",
             "rate_pct": "AUTL43", "score": "AUTL59", "days_past_due": "AUTL64"}  # fmt: skip
    words = {"amortization": {"FRXX": "level_pay", "FIXE": "equal_principal"}}
    reading = read(tmp_path, ESMA, columns=names, words=words, unknown=["ND[1-5]*"], cut_off=date(2026, 1, 31))
    tape = reading.tape
    assert (tape.currency, tape.balance.tolist()) == ("EUR", [9_876_54, 20_111_10])
    assert (tape.original_term.tolist(), tape.remaining_term.tolist(), tape.age.tolist()) == (
        [48, 48],
        [24, 41],
        [24, 7],
    )
    assert tape.column("amortization").tolist() == ["level_pay", "equal_principal"]
    assert np.isnan(tape.score[0]) and tape.score[1] == 710
    assert "days_past_due of 1 loan is not known, and taken as 0" in reading.notes


def suspected(folder: Path, name: str, values: list[object]) -> list[str]:
    rows = "".join(f"{place},100,5,12,{value}\n" for place, value in enumerate(values))
    notes = read(folder, f"{HEAD},{name}\n{rows}").notes
    return [note.split(" is ")[1].split(" and ")[0] for note in notes if "taken as it stands" in note]


def test_what_looks_like_a_code_and_what_does_not(tmp_path: Path) -> None:
    assert suspected(tmp_path, "score", [700, 850, 999]) == ["999"]
    assert suspected(tmp_path, "score", [700, 0, -1]) == ["-1", "0"]
    assert suspected(tmp_path, "score", [0.1, 0.9, 0]) == []
    assert suspected(tmp_path, "score", list(range(900, 1100))) == []
    assert suspected(tmp_path, "dti", [35.5, 999, 999999]) == ["999", "999999"]
    assert suspected(tmp_path, "dti", [35.5, -12, -99]) == []
    assert suspected(tmp_path, "ltv", [35.5, 80, -99]) == ["-99"]
    assert suspected(tmp_path, "rooms", [0, 1, 5]) == []
    assert suspected(tmp_path, "county", ["ND1", "ND4-2026-01-01", "ND4-2026-02-01", "FI1B1"]) == ["ND1"]


GONE = f"{HEAD},status\n1,100,5,12,Current\n2,200,5,12,Completed\n3,0,5,12,Charged-Off\n"


def test_a_loan_that_is_gone_has_no_balance(tmp_path: Path) -> None:
    """A word that is mapped to paid takes the loan out: its balance of 200 is a contradiction, refused or left out."""
    with pytest.raises(TapeError) as caught:
        read(tmp_path, GONE, words={"status": {"Completed": "paid"}})
    assert (caught.value.code, caught.value.problems[0].where) == ("E273", "tape.csv:3 row 2")
    assert "--on-bad-row drop" in caught.value.problems[0].hint
    reading = read(tmp_path, GONE, words={"status": {"Completed": "paid"}}, on_bad_row="drop")
    assert reading.tape.balance.tolist() == [10_000, 0] and reading.dropped_balance == 20_000
    assert reading.tape.column("status").tolist() == ["Current", "Charged-Off"]
    assert not any("status" in note for note in reading.remarks)


def test_a_status_nobody_knows_is_told(tmp_path: Path) -> None:
    reading = read(tmp_path, GONE)
    assert reading.tape.total_balance == 30_000
    (told,) = [note for note in reading.notes if "status" in note]
    assert 'status "Completed" is no word that is known: such loans are taken as owed' in told
    assert told.endswith('as owed; if not, --map "status=Completed:paid"')


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Repaid in full", 'if not, --map "status=Repaid in full:paid"'),
        ("Terminé", 'if not, --map "status=Terminé:paid"'),
        ("提前结清", 'if not, --map "status=提前结清:paid"'),
        ("Gross write-off", 'if not, --map "status=Gross write-off:charged off"'),
        ("Unpaid", '--map "status=Unpaid:WORD", where WORD is current, late, paid or charged off'),
        ("Foo", '--map "status=Foo:WORD", where WORD is current, late, paid or charged off'),
    ],
)
def test_the_meaning_of_an_unknown_status_goes_by_its_look(tmp_path: Path, word: str, said: str) -> None:
    (told,) = [note for note in read(tmp_path, GONE.replace("Completed", word)).notes if "status" in note]
    assert told.endswith(said)
    assert not any("no word" in note for note in read(tmp_path, f"{GONE}\n".replace("200", "0")).notes)


def test_a_status_under_another_name_is_asked_for(tmp_path: Path) -> None:
    text = GONE.replace("status", "loan_status").replace("Completed", "Fully Paid")
    (told,) = [note for note in read(tmp_path, text).notes if "status" in note]
    assert told.startswith('loan_status of 1 loan is "Fully Paid", with a balance of 200.00')
    with pytest.raises(TapeError) as caught:
        read(tmp_path, text, columns={"status": "loan_status"})
    assert caught.value.code == "E273"


def test_a_status_and_days_past_due_that_contradict_each_other(tmp_path: Path) -> None:
    """Up to 30 days past due a loan is often called current."""
    rows = [("current", 0), ("current", 30), ("current", 31), ("late", 0), ("In arrears", 5), ("open", 99)]
    body = "".join(f"{n},100,5,12,{status},{days}\n" for n, (status, days) in enumerate(rows))
    told = [note for note in read(tmp_path, f"{HEAD},status,days_past_due\n{body}").notes if "status" in note]
    assert told == [
        "status of 1 loan is current, but days_past_due is above 30: taken as late",
        "status of 1 loan says late, but days_past_due is 0 or not given: taken as current",
    ]
