"""A servicer's reports in a file: read by field or by the file's own headers, and told wrong by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.load import load_deal
from abssim.errors import DealError, Problem

DEAL = """
name: d
currency: USD
dates: {cut_off: 2025-01-01, closing: 2025-01-15, payment_day: 15, legal_final: 2030-01-15, calendar: US}
pools:
  p:
    opening_balance: 1000
    collections: {file: reports.csv%s}
notes: {A: {balance: 1000}}
accounts: {cash: {collects: all}}
waterfalls:
  amortization:
    - {name: principal, rule: pay_down_to, source: cash, payees: [A], target: 0}
    - {name: kept, rule: carry, source: cash}
"""
OWN = ', columns: {month: Month, interest: "Interest, USD", scheduled_principal: Principal}'
HEAD = "month,payment_date,interest,scheduled_principal\n"


def write(folder: Path, reports: str | bytes, more: str = "") -> Path:
    """A deal with these reports beside it."""
    (folder / "deal.yaml").write_text(DEAL % more, encoding="utf-8")
    (folder / "reports.csv").write_bytes(reports if isinstance(reports, bytes) else reports.encode())
    return folder


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(DealError) as caught:
        load_deal(folder)
    return caught.value.problems


@pytest.mark.parametrize(
    ("reports", "more"),
    [
        (HEAD + "2025-01,2025-02-18,10.5,100\n2025-02,2025-03-17,,1000.25\n", ""),
        (HEAD.replace(",", ";") + '2025-01;2025-02-18;10.5;100\n\n2025-02;2025-03-17;;"1,000.25"\n', ""),
        ("﻿" + HEAD + "2025-01,2025-02-18, 10.50 ,100.00\r\n2025-02,2025-03-17,,1000.25\r\n,,,\r\n", ""),
        ('No,Month,"Interest, USD",Principal\n1,2025-01,10.5,100\n2,2025-02,,"1,000.25"\n', OWN),
    ],
    ids=["fields", "semicolons", "marks-and-blanks", "own-headers"],
)
def test_what_is_read(tmp_path: Path, reports: str, more: str) -> None:
    text = (DEAL % more).replace("opening_balance: 1000", "opening_balance: 1100.25")
    folder = write(tmp_path, reports, more)
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    first, second = load_deal(folder).pools["p"].collections or ()
    assert (first.month, first.interest, first.scheduled_principal) == ("2025-01", 10.5, 100.0)
    assert (second.month, second.interest, second.scheduled_principal) == ("2025-02", 0.0, 1000.25)


def test_it_is_the_same_deal_as_with_the_figures_written_out(tmp_path: Path) -> None:
    folder = write(tmp_path, "payment_date,interest,scheduled_principal\n2025-02-18,1.5,100\n2025-03-17,,50\n")
    read = load_deal(folder)
    first = "{payment_date: 2025-02-18, interest: 1.5, scheduled_principal: 100}"
    second = "{payment_date: 2025-03-17, scheduled_principal: 50}"
    text = (DEAL % "").replace("{file: reports.csv}", f"[{first}, {second}]")
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    assert load_deal(folder).canonical() == read.canonical()


@pytest.mark.parametrize(
    ("reports", "more", "code", "place", "said"),
    [
        ("interest,scheduled_principal\n1,100\nx,100\n", "", "E109", "reports.csv:3", 'not "x"'),
        ("interest,scheduled_principal\n-1,100\n", "", "E109", "reports.csv:2", "0"),
        ("interest,scheduled_principal\n1,600\n1,600\n", "", "E158", "reports.csv:3", "leave -200.00"),
        ("month,interest\n2025-01,1\n2025-03,1\n2025-04,1\n", "", "E137", "reports.csv:3", "and so with 1 other"),
        ("month,interest\n2025-13,1\n", "", "E109", "reports.csv:2", "month"),
        ("payment_date,interest\n2025-02-15,1\n", "", "E137", "reports.csv:2", "payment date 1 is 2025-02-18"),
        ("interest,principal\n1,1\n", "", "E139", "reports.csv:1", '"principal" is no field'),
        ("interest,interest\n1,1\n", "", "E139", "reports.csv:1", "two columns"),
        ("interest\n1\n", OWN, "E139", "deal.yaml:8", 'no column is called "Month"'),
        ("interest\n1\n", ", columns: {intrest: interest}", "E139", "deal.yaml:8", "intrest"),
        ("interest\n1\n", ", column: {}", "E107", "deal.yaml:8", '"column"'),
        ("interest,fee\n1,1\n1\n", "", "E138", "reports.csv:3", "1 cells under 2"),
        ('interest\n"1\n', "", "E138", "reports.csv", "malformed"),
        (b"interest\n1\n\xff\n", "", "E138", "reports.csv:3", "UTF-8"),
        ("interest\n", "", "E138", "deal.yaml:8", "no reports"),
        ("", "", "E138", "deal.yaml:8", "no reports"),
    ],
)
def test_what_is_wrong(tmp_path: Path, reports: str | bytes, more: str, code: str, place: str, said: str) -> None:
    found = problems(write(tmp_path, reports, more))
    assert [problem.code for problem in found] == [code]
    assert place in found[0].where
    assert said in found[0].message or said in found[0].path


def test_the_file_is_not_there(tmp_path: Path) -> None:
    folder = write(tmp_path, "")
    (folder / "reports.csv").unlink()
    (problem,) = problems(folder)
    assert (problem.code, problem.path) == ("E138", "pools.p.collections.file")
    (folder / "reports.csv").mkdir()
    assert [problem.code for problem in problems(folder)] == ["E138"]


def test_faults_of_the_deal_are_told_with_those_of_the_file(tmp_path: Path) -> None:
    folder = write(tmp_path, "interest\nx\n")
    text = (folder / "deal.yaml").read_text(encoding="utf-8").replace("rule: carry", "rule: carri")
    (folder / "deal.yaml").write_text(text, encoding="utf-8")
    assert {problem.code for problem in problems(folder)} == {"E109"}
    assert len(problems(folder)) == 2
