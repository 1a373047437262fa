"""Files as they come: encodings, lines before the header, rows of totals, workbooks, other marks in numbers."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from abssim.errors import TapeError
from abssim.tape import TapeReading, read_tape

HEAD = "loan_id,balance,rate_pct,remaining_term"
CHINESE = "贷款编号,余额,利率,剩余期限,省份\n001,100000.00,6.5,36期,北京\n002,200000.00,6,24,上海\n"
NAMES = {"loan_id": "贷款编号", "balance": "余额", "rate_pct": "利率", "remaining_term": "剩余期限", "region": "省份"}


def read(folder: Path, text: str, encoding: str = "utf-8", **how: object) -> TapeReading:
    (folder / "tape.csv").write_bytes(text.encode(encoding))
    return read_tape(folder / "tape.csv", **how)  # type: ignore[arg-type]


def refused(folder: Path, text: str, encoding: str = "utf-8", **how: object) -> TapeError:
    with pytest.raises(TapeError) as caught:
        read(folder, text, encoding, **how)
    return caught.value


@pytest.mark.parametrize("encoding", ["gbk", "cp936", "gb18030", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("packed", [False, True])
def test_declared_encodings(tmp_path: Path, encoding: str, packed: bool) -> None:
    file = tmp_path / ("tape.csv.gz" if packed else "tape.csv")
    file.write_bytes(gzip.compress(CHINESE.encode(encoding)) if packed else CHINESE.encode(encoding))
    tape = read_tape(file, columns=NAMES, currency="CNY", encoding=encoding).tape
    assert tape.column("region").tolist() == ["北京", "上海"] and tape.loan_id.tolist() == [b"001", b"002"]
    assert tape.balance.tolist() == [100_000_00, 200_000_00] and tape.remaining_term.tolist() == [36, 24]


def test_byte_order_marks_speak_for_themselves(tmp_path: Path) -> None:
    reading = read(tmp_path, CHINESE, "utf-16", columns=NAMES, currency="CNY")
    assert reading.tape.column("region").tolist() == ["北京", "上海"]
    assert "read as utf-16, as its byte order mark says" in reading.notes
    assert read(tmp_path, CHINESE, "utf-8-sig", columns=NAMES).tape.loan_id.tolist() == [b"001", b"002"]


@pytest.mark.parametrize(
    ("text", "encoding", "likely", "shown"),
    [(CHINESE, "gbk", "gb18030", "贷款编号"), ("Größe,balance\nKöln,1\n", "latin-1", "cp1252", "Größe"),
     (CHINESE, "utf-16-le", "utf-16-le", "贷款编号")],
)  # fmt: skip
def test_an_encoding_is_suggested(tmp_path: Path, text: str, encoding: str, likely: str, shown: str) -> None:
    (problem,) = refused(tmp_path, text, encoding).problems
    assert problem.code in ("E243", "E244")
    assert f"--read encoding={likely}" in problem.hint and shown in problem.hint


def test_an_encoding_is_suggested_where_only_the_rows_need_it(tmp_path: Path) -> None:
    error = refused(tmp_path, f"{HEAD},region\n1,100,5,12,北京\n2,100,5,12,上海\n", "gbk")
    assert error.code == "E225" and "--read encoding=gb18030" in error.problems[0].hint


def test_bytes_that_are_no_text_of_the_encoding_make_a_bad_row(tmp_path: Path) -> None:
    octets = f"{HEAD},region\n1,100,5,12,北京\n2,100,5,12,?\n".encode("gbk").replace(b"?", b"\xff\xff")
    (tmp_path / "t.csv").write_bytes(octets)
    reading = read_tape(tmp_path / "t.csv", encoding="gbk", on_bad_row="drop")
    assert reading.tape.column("region").tolist() == ["北京"] and [p.code for p in reading.listed()] == ["E225"]


@pytest.mark.parametrize("name", ["klingon", "", "base64", "hex"])
def test_no_encoding(tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_text(CHINESE, encoding="utf-8")
    with pytest.raises(TapeError) as caught:
        read_tape(tmp_path / "t.csv", encoding=name)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("E227", "encoding")


def test_a_ragged_row_with_a_byte_that_is_no_text(tmp_path: Path) -> None:
    octets = f"{HEAD},region\n1,100,5,12,a\n2,100,5\n3,100,5,12,?,7\n4,100,5,12,?\n5,100,5,12,é\n".encode()
    (tmp_path / "t.csv").write_bytes(octets.replace(b"?", b"\xff"))
    with pytest.raises(TapeError) as caught:
        read_tape(tmp_path / "t.csv")
    assert [p.where for p in caught.value.problems] == [f"t.csv:{n + 1} row {n}" for n in (2, 3, 4)] + ["t.csv"]
    reading = read_tape(tmp_path / "t.csv", on_bad_row="drop")
    assert (reading.rows_read, reading.rows_dropped) == (5, 3)
    assert reading.tape.loan_id.tolist() == [b"1", b"5"] and reading.tape.column("region").tolist() == ["a", "é"]


@pytest.mark.parametrize("size", [131_073, 5_000_000])
def test_cells_of_any_length(tmp_path: Path, size: int) -> None:
    """A column nobody asked for is left out; one that is mapped has a bad row. Quoted line ends are part of a cell."""
    text = f'{HEAD},remark\n1,100,5,12,"{"x" * size}\ny"\n2,100,5,12,b\n3,x,5,12,c\n'
    reading = read(tmp_path, text, on_bad_row="drop")
    assert any(note.startswith("remark is left out: texts of more than 200") for note in reading.notes)
    assert [problem.where for problem in reading.listed()] == ["tape.csv:5 row 3"]
    error = refused(tmp_path, text, columns={"remark": "remark"})
    assert error.code == "E225" and "x" * 100 not in str(error)


def test_a_name_of_any_length(tmp_path: Path) -> None:
    error = refused(tmp_path, f"{HEAD},{'x' * 200_000}\n1,100,5,12,\n")
    assert error.code == "E251" and len(str(error)) < 300


PREAMBLE = "Silver Birch Auto Trust 2026-1,,,\nPool as of 31 March 2026,,,\n\n"


def test_lines_before_the_header(tmp_path: Path) -> None:
    text = PREAMBLE + f"{HEAD}\n1,100.00,5,12\n2,x,5,12\n"
    (problem,) = refused(tmp_path, text).problems
    assert (problem.code, problem.where) == ("E250", "tape.csv:1") and "--read skip=3" in problem.hint
    reading = read(tmp_path, text, skip=3, on_bad_row="drop")
    assert reading.tape.balance.tolist() == [100_00]
    assert [problem.where for problem in reading.listed()] == ["tape.csv:6 row 2"]
    assert refused(tmp_path, text, skip=99).code == "E241"


def test_a_title_without_delimiters_above_a_table_with_semicolons(tmp_path: Path) -> None:
    """The rows have decimal commas, which are no delimiters."""
    text = "Portfolio report\n\nloan_id;balance;rate_pct;remaining_term\n1;1.000,50;6,25;12\n2;2.000,50;6,25;12\n"
    (problem,) = refused(tmp_path, text).problems
    assert problem.code == "E250" and "--read skip=2" in problem.hint
    assert read(tmp_path, text, skip=2, decimal=",").tape.balance.tolist() == [1_000_50, 2_000_50]


def test_a_separator_line_of_a_spreadsheet(tmp_path: Path) -> None:
    assert len(read(tmp_path, "sep=;\n" + HEAD.replace(",", ";") + "\n1;100;5;12\n").tape) == 1


@pytest.mark.parametrize(
    "row", ["Total,300.00,,", "Grand Total:,300.00", "合计,300.00,5,12", ",,,\nTotal (2 loans),300,,\n,,,"]
)
def test_rows_of_totals(tmp_path: Path, row: str) -> None:
    reading = read(tmp_path, f"{HEAD}\n1,100.00,5,12\n2,200.00,5,12\n{row}\n")
    assert reading.tape.total_balance == 300_00 and (reading.rows_read, reading.rows_dropped) == (2, 0)
    (said,) = [note for note in reading.notes if note.startswith("a row at the end is one of totals and left out")]
    assert said.endswith("; the balances add up to it")


def test_a_total_that_is_none_is_told(tmp_path: Path) -> None:
    reading = read(tmp_path, f"{HEAD}\n1,100.00,5,12\nTotal,350.00,,\n")
    assert any("do not add up to 350.00 but to 100.00" in note for note in reading.notes)


def test_totals_among_the_loans_are_bad_rows(tmp_path: Path) -> None:
    error = refused(tmp_path, f"{HEAD}\n1,100.00,5,12\nSubtotal,100.00,5,12\n2,100.00,5,12\n")
    assert (error.code, error.problems[0].where) == ("E255", "tape.csv:3 row 2")


def test_lines_after_the_last_row(tmp_path: Path) -> None:
    text = f"{HEAD}\n1,100.00,5,12\nSource: servicer\nAll amounts in USD, unaudited\n\n"
    assert refused(tmp_path, text).code == "E255"
    assert len(read(tmp_path, text, skip_end=2).tape) == 1


def test_numbers_of_other_places(tmp_path: Path) -> None:
    text = (
        "loan_id;balance;rate_pct;remaining_term;payment\n1;1.234.567,50;6,25;36 months;(0)\n2;€ 1.000;6,5%;12;12,5\n"
    )
    error = refused(tmp_path, text)
    assert error.code == "E274" and "--read decimal=," in error.problems[0].hint
    tape = read(tmp_path, text, decimal=",").tape
    assert tape.balance.tolist() == [1_234_567_50, 1_000_00] and tape.payment.tolist() == [0, 12_50]
    assert tape.rate.tolist() == [0.0625, 0.065]


MARKS = "balance;rate_pct;remaining_term\n{};5.125;12\n{};6.250;12\n"


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        (("1.000", "1,000"), '"1.000" and "1,000": nothing says whether'),
        (("€ 1.000", "$1,000"), '"€ 1.000" and "$1,000"'),
        (("1.000", "2.500"), '"1.000" may be one thousand times as much'),
        (("1.000", "1.234,50"), '"1.234,50" has a decimal comma, and "1.000" would be read with a decimal point'),
        (("1,000", "12,5"), '"12,5" has a decimal comma'),
        (("1.000", "0,5"), '"0,5" has a decimal comma'),
    ],
)
def test_a_decimal_mark_that_nothing_decides_is_refused(tmp_path: Path, cells: tuple[str, str], named: str) -> None:
    (problem,) = refused(tmp_path, MARKS.format(*cells)).problems
    assert (problem.code, problem.path) == ("E274", "balance") and named in problem.message
    assert "decimal=, " in problem.hint and "decimal=." in problem.hint


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (("1.000", "1,000.5"), (1_00, 1_000_50)),
        (("1.000", "1,000,000"), (1_00, 1_000_000_00)),
        (("1.000", "1000.125"), (1_00, 1_000_13)),
        (("1,000", "12.5"), (1_000_00, 12_50)),
        (("1.000", "0.125"), (1_00, 13)),
        (("1,000", "2,000"), (1_000_00, 2_000_00)),
    ],
)
def test_one_cell_decides_on_the_decimal_mark(tmp_path: Path, cells: tuple[str, str], amounts: tuple[int, int]) -> None:
    assert tuple(read(tmp_path, MARKS.format(*cells)).tape.balance.tolist()) == amounts


def test_a_decimal_mark_that_is_declared(tmp_path: Path) -> None:
    text = MARKS.format("1.000", "2.500")
    assert read(tmp_path, text, decimal=".").tape.balance.tolist() == [1_00, 2_50]
    text = text.replace("5.125", "5,125").replace("6.250", "6,25")
    assert read(tmp_path, text, decimal=",").tape.balance.tolist() == [1_000_00, 2_500_00]


def test_thousandths_of_other_figures_are_no_thousands(tmp_path: Path) -> None:
    """Rates of three digits are as they stand; a further column of both marks is text; a dinar has 1,000 fils."""
    tape = read(
        tmp_path, MARKS.format("1", "2").replace("term\n", "term;income\n").replace(";12\n", ";12;1.500\n")
    ).tape
    assert tape.rate.tolist() == [0.05125, 0.0625] and tape.extra["income"].tolist() == [1.5, 1.5]
    text = "balance;rate;remaining_term;income\n1;0;12;1.500\n2;0;12;1,500\n"
    reading = read(tmp_path, text)
    assert reading.tape.column("income").tolist() == ["1.500", "1,500"]
    assert any('income is kept as text: "1.500" and "1,500"' in note for note in reading.notes)
    assert read(tmp_path, MARKS.format("1.000", "2.500"), currency="KWD").tape.balance.tolist() == [1_000, 2_500]


def test_rates_with_a_decimal_comma(tmp_path: Path) -> None:
    """`5,125` would be 5,125 %, `0,125` is no number with a decimal point."""
    error = refused(tmp_path, MARKS.format("1", "2").replace("5.125", "5,125").replace("6.250", "6,250"))
    assert error.code == "E219" and "--read decimal=," in error.problems[0].hint
    error = refused(tmp_path, MARKS.format("0,125", "2"))
    assert error.code == "E211" and "--read decimal=," in error.problems[0].hint


@pytest.mark.parametrize(
    ("delimiter", "said"),
    [(",", {}), (";", {}), ("\t", {}), ("|", {}), ("|", {"delimiter": "|"}), ("\t", {"delimiter": "tab"}),
     (",", {"delimiter": ",", "decimal": "."})],
)  # fmt: skip
def test_separators(tmp_path: Path, delimiter: str, said: dict[str, str]) -> None:
    text = delimiter.join(['"balance, in USD"', "rate_pct", "remaining_term"]) + "\n"
    text += delimiter.join(["100", "5", "12"]) + "\n"
    assert len(read(tmp_path, text, columns={"balance": "balance, in USD"}, **said).tape) == 1


def test_a_negative_in_parentheses_is_negative(tmp_path: Path) -> None:
    error = refused(tmp_path, f'{HEAD}\n1,"(1,234.00)",5,12\n2,1200-,5,12\n3,-$5,5,12\n')
    assert [problem.code for problem in error.problems[:3]] == ["E213"] * 3


@pytest.mark.parametrize(
    ("column", "cell"),
    [("remaining_term", "36 days"), ("days_past_due", "2 months"), ("balance", "5%"), ("rate", "36 months"),
     ("balance", "12万"), ("balance", "E5"), ("balance", '"1,23"'), ("balance", '"1,234 567"'), ("balance", "(5")],
)  # fmt: skip
def test_a_unit_of_something_else_is_refused(tmp_path: Path, column: str, cell: str) -> None:
    row = {"balance": "100", "rate": "0.05", "remaining_term": "12", "days_past_due": "0", column: cell}
    assert refused(tmp_path, ",".join(row) + "\n" + ",".join(row.values()) + "\n").code == "E211"


def book(file: Path, rows: list[list[object]], further: tuple[str, ...] = ()) -> Path:
    import openpyxl

    made = openpyxl.Workbook()
    made.active.title = "Loans"  # type: ignore[union-attr]
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    for name in further:
        made.create_sheet(name)
    made.save(file)
    return file


def test_workbooks(tmp_path: Path) -> None:
    head = ["loan_id", "balance", "rate_pct", "maturity_date", "zip"]
    rows = [["a1", 1000.5, 5, date(2028, 1, 5), "02134"], ["a2", 2000, 6.25, date(2029, 1, 5), "90210"]]
    file = book(tmp_path / "x.xlsx", [["Loan tape"], [], head, *rows, ["Total", 3000.5, None, None, None]], ("Notes",))
    with pytest.raises(TapeError) as caught:
        read_tape(file, cut_off=date(2026, 1, 1))
    assert caught.value.code == "E250" and "skip=2" in caught.value.problems[0].hint
    reading = read_tape(file, cut_off=date(2026, 1, 1), skip=2)
    assert reading.tape.balance.tolist() == [1000_50, 2000_00] and reading.tape.remaining_term.tolist() == [24, 36]
    assert reading.tape.column("zip").tolist() == ["02134", "90210"]
    assert any("the balances add up to it" in note for note in reading.notes)
    assert any('sheet "Loans" is read' in note for note in reading.notes)
    with pytest.raises(TapeError) as caught:
        read_tape(file, sheet="Loan")
    assert caught.value.code == "E257" and "Loans" in caught.value.problems[0].hint


def test_bad_rows_of_a_workbook_have_its_row_numbers(tmp_path: Path) -> None:
    rows = [["balance", "rate_pct", "remaining_term"], [], [100, 5, 12], ["x", 5, 12]]
    reading = read_tape(book(tmp_path / "x.xlsx", rows), on_bad_row="drop")
    assert [problem.where for problem in reading.listed()] == ["x.xlsx:4 row 2"]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"not a workbook", b"\0" * 100])
def test_no_workbook(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(TapeError) as caught:
        read_tape(tmp_path / "x.xlsx")
    assert caught.value.code == "E244"


def test_settings_of_another_kind_of_file_are_refused(tmp_path: Path) -> None:
    file = book(tmp_path / "x.xlsx", [["balance", "rate_pct", "remaining_term"], [100, 5, 12]])
    with pytest.raises(TapeError) as caught:
        read_tape(file, encoding="gbk", delimiter=";")
    assert [(p.code, p.path) for p in caught.value.problems] == [("E227", "encoding"), ("E227", "delimiter")]
    assert refused(tmp_path, f"{HEAD}\n1,1,5,12\n", sheet="Loans").problems[0].path == "sheet"


def test_commas_between_semicolons_are_told(tmp_path: Path) -> None:
    text = "balance;rate_pct;remaining_term\n850,125;5;12\n"
    reading = read(tmp_path, text)
    assert reading.tape.balance.tolist() == [850_125_00]
    assert any(note.startswith("balance: a comma is read as a mark of thousands") for note in reading.notes)
    declared = read(tmp_path, text, decimal=",")
    assert declared.tape.balance.tolist() == [850_13] and not any("comma" in note for note in declared.notes)


@pytest.mark.parametrize("above", ["Report date,2026-03-31,Currency,USD", "Borrower,,Loan,", "Tape,3,4,5"])
def test_headers_are_found_below_other_lines(tmp_path: Path, above: str) -> None:
    (problem,) = refused(tmp_path, f"{above}\n{HEAD}\n1,100,5,12\n2,100,5,12\n").problems
    assert problem.code == "E250" and "skip=1" in problem.hint


@pytest.mark.parametrize(
    "rows",
    ["Total,300.00,,\nSource: servicer report,,,", 'Total,300.00,,\n"Prepared by the servicer, in USD"',
     "Number of loans,2,,\nTotal balance,300.00,,", "Total\n,300.00,,", "Totals / Averages,300.00,5.00,12",
     "Total,300.00,,\nAverage,150.00,5,12", "Total,300.00,,\n,2 loans,,"],
)  # fmt: skip
def test_what_stands_below_the_loans_is_left_out(tmp_path: Path, rows: str) -> None:
    """In one row or two; a count or an average is not held against the balances where a total agrees with them."""
    reading = read(tmp_path, f"{HEAD}\n1,100.00,5,12\n2,200.00,5,12\n{rows}\n")
    assert reading.tape.total_balance == 300_00 and (reading.rows_read, reading.rows_dropped) == (2, 0)
    said = [note for note in reading.notes if note.startswith("a row at the end is ")]
    assert len(said) == len(rows.splitlines()) and sum("the balances add up to it" in note for note in said) == 1
    assert not any("do not add up" in note for note in said)


@pytest.mark.parametrize(
    ("rows", "told", "skip"),
    [(",300.00,,\nTotal,,,", "300.00", 2), ("*** end ***", "*** end ***", 1), ("In USD,,,\nBy: us,,,", "In USD", 2)],
)  # fmt: skip
def test_a_footer_is_not_asked_for_the_values_of_a_loan(tmp_path: Path, rows: str, told: str, skip: int) -> None:
    text = f"{HEAD}\n1,100.00,5,12\n2,200.00,5,12\n{rows}\n"
    first = refused(tmp_path, text).problems[0]
    assert first.code == "E255" and told in first.message
    assert f"--read skip_end={skip}" in first.hint and "default" not in first.hint
    assert len(read(tmp_path, text, skip_end=skip).tape) == 2


def test_a_loan_that_lacks_a_value_is_asked_for_it(tmp_path: Path) -> None:
    error = refused(tmp_path, f"{HEAD}\n1,100.00,5,12\n2,200.00,,12\n")
    assert (error.code, error.problems[0].path) == ("E210", "rate_pct")


def test_a_last_row_that_is_the_sum_of_all_others(tmp_path: Path) -> None:
    rows = f"{HEAD}\n1,100.00,5,12\n2,200.00,5,12\n"
    assert refused(tmp_path, f"{rows},300.00,5,12\n").code == "E255"
    notes = read(tmp_path, f"{rows}3,300.00,5,12\n").notes
    assert any("the last row is that of all others together" in note and "skip_end=1" in note for note in notes)
    notes = read(tmp_path, f"{rows}3,300.00,5,12\nTotal,600.00,,\n").notes
    assert any("the balances add up to it" in note for note in notes) and not any("skip_end" in note for note in notes)
    notes = read(tmp_path, f"{rows}3,300.00,5,12\nTotal,300.00,,\n").notes
    assert any("do not add up" in note for note in notes) and any("skip_end=1" in note for note in notes)


def test_percents_with_and_without_their_sign(tmp_path: Path) -> None:
    """Where the name says the unit, what is read is told; where nothing does, it is refused, or kept as text."""
    reading = read(
        tmp_path, "loan_id,balance,rate,remaining_term,ltv\n1,100,5%,12,80%\n2,100,0.05,12,0.8\n3,100,0,12,0\n"
    )
    assert reading.tape.rate.tolist() == [0.05, 0.05, 0.0]
    assert 'rate: "5%" stands beside "0.05"; it is read as decimals' in reading.notes
    assert reading.tape.column("ltv").tolist() == ["80%", "0.8", "0"]
    assert any(note.startswith('ltv is kept as text: "80%" stands beside "0.8"') for note in reading.notes)
    assert not any("%" in note for note in read(tmp_path, f"{HEAD}\n1,100,5%,12\n2,100,0%,12\n3,100,0,12\n").notes)


def test_codes_that_a_workbook_shows_with_leading_zeros(tmp_path: Path) -> None:
    """The number 2134 in the format 00000 is 02134, as it is in the CSV a spreadsheet saves; amounts stay amounts."""
    book = Workbook(tmp_path / "tape.xlsx")
    sheet = book.add_worksheet()
    five, nine = (book.add_format({"num_format": code}) for code in ("00000", r"00000\-0000;@"))
    sheet.write_row(0, 0, ["loan_id", "balance", "rate_pct", "remaining_term", "zip", "zip4"])
    for row, number in enumerate((2134, 60601), 1):
        sheet.write_number(row, 0, row, book.add_format({"num_format": "000"}))
        sheet.write_row(row, 1, [1000 * row, 5, 12])
        sheet.write_number(row, 1, 1000 * row, book.add_format({"num_format": "000000"}))
        sheet.write_number(row, 4, number, five)
        sheet.write_number(row, 5, 10_000 * number + 7, nine)
    book.close()
    tape = read_tape(tmp_path / "tape.xlsx").tape
    assert tape.column("zip").tolist() == ["02134", "60601"]
    assert tape.column("zip4").tolist() == ["02134-0007", "60601-0007"]
    assert tape.loan_id.tolist() == [b"001", b"002"] and tape.total_balance == 3000_00
