"""`abssim tape` from the outside: exit codes, what goes where, tables at width 100."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from abssim.cli.tape import tape_app
from abssim.errors import TapeError

CASES = Path(__file__).resolve().parents[1] / "cases"
GOOD = str(CASES / "tape" / "good.csv")

BY_GRADE = """\
By grade
Grade  Loans  Balance, USD  % of balance  Rate, %  Months to go  Age, months
────────────────────────────────────────────────────────────────────────────
A          2     12,499.99         60.97     4.80          23.5         13.4
B          1      8,000.50         39.03     7.00          36.0          0.0
total      3     20,500.49        100.00     5.66          28.4          8.2

Averages are weighted by balance.
"""


def call(*arguments: str) -> Result:
    return CliRunner().invoke(tape_app, list(arguments), catch_exceptions=False)


def test_strat_looks_like_this() -> None:
    answer = call("strat", GOOD, "--by", "grade")
    assert answer.exit_code == 0 and answer.stdout == BY_GRADE


def test_strat_cuts_by_all_usual_columns() -> None:
    shown = call("strat", GOOD).stdout
    for title in ("By balance", "By rate", "By remaining term", "By age", "By days past due", "By grade", "By region"):
        assert title in shown
    assert max(len(line) for line in shown.splitlines()) <= 100


def test_strat_json_adds_up() -> None:
    document = json.loads(call("strat", GOOD, "--by", "balance", "--bands", "0,5000,10000", "--json").stdout)
    (strata,) = document["strata"]
    assert [row["label"] for row in strata["rows"]] == ["0 to < 5,000", "5,000 to < 10,000", "10,000 +"]
    assert [row["balance"] for row in strata["rows"]] == [499.99, 8_000.5, 12_000.0]
    assert strata["total"]["balance"] == 20_500.49
    assert strata["total"]["score"] is None and strata["total"]["share_pct"] == 100.0


def test_check_tells_what_was_assumed() -> None:
    shown = call("check", GOOD).stdout
    for words in ("20,500.49 USD", "obligors", "every loan is taken as level_pay", "age of all loans is"):
        assert words in shown


def test_check_json() -> None:
    document = json.loads(call("check", GOOD, "--json", "--currency", "EUR").stdout)
    assert (document["loans"], document["obligors"], document["balance"]) == (3, 2, 20_500.49)
    assert document["currency"] == "EUR" and document["problems"] == []


def test_dropped_rows_go_to_stderr_and_json() -> None:
    answer = call("check", str(CASES / "invalid" / "E211.csv"), "--on-bad-row", "drop", "--json")
    document = json.loads(answer.stdout)
    assert (document["rows_read"], document["rows_dropped"], document["loans"]) == (2, 1, 1)
    assert document["problems"] == [{"code": "E211", "column": "balance", "reason": "not a number", "rows": [2]}]
    assert "E211.csv:3 row 2  balance  E211  not a number: one hundred" in answer.stderr


def test_synthesize_then_convert(tmp_path: Path) -> None:
    parquet, table = tmp_path / "pool.parquet", tmp_path / "pool.csv"
    made = call("synthesize", "--recipe", "baitiao", "--loans", "2000", "--seed", "7", "--balance", "2_000_000",
                "--out", str(parquet), "--json")  # fmt: skip
    assert json.loads(made.stdout)["balance"] == 2_000_000.0
    converted = call("convert", str(parquet), "--out", str(table), "--currency", "CNY", "--json")
    assert json.loads(converted.stdout)["balance"] == 2_000_000.0
    with table.open(encoding="utf-8") as stream:
        total = sum(round(100 * float(row["balance"])) for row in csv.DictReader(stream))
    assert total == 200_000_000


def test_mapping_from_a_file_and_by_hand(tmp_path: Path) -> None:
    (tmp_path / "tape.csv").write_text("NO,BAL,INT,REM\n1,100,5.5,12\n")
    (tmp_path / "map.yaml").write_text("loan_id: NO\nbalance: BAL\nremaining_term: WRONG\n")
    arguments = [str(tmp_path / "tape.csv"), "--columns", str(tmp_path / "map.yaml"), "--map", "remaining_term=REM"]
    document = json.loads(call("check", *arguments, "--map", "rate_pct=INT", "--json").stdout)
    assert document["rate_pct"] == 5.5 and document["balance"] == 100.0


@pytest.mark.parametrize("tape", ["world-omni-2020-a/world_omni.csv", "lendingclub-2007-2011/lc_2007_2011_slim.csv.gz"])
def test_real_tapes(tape: str, reference: Callable[[str], Path]) -> None:
    path = str(reference(tape))
    document = json.loads(call("check", path, "--json").stdout)
    assert document["loans"] == {"world": 7_572, "lendi": 42_535}[tape[:5]]
    strata: list[dict[str, Any]] = json.loads(call("strat", path, "--json").stdout)["strata"]
    for table in strata:
        balances = [round(100 * row["balance"]) for row in table["rows"]]
        assert sum(balances) == round(100 * table["total"]["balance"]) == round(100 * document["balance"]), table["by"]
    assert max(len(line) for line in call("strat", path).stdout.splitlines()) <= 100


def test_in_a_process_of_its_own(abssim: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    answer = abssim("tape", "check", CASES / "invalid" / "E219.csv")
    assert answer.returncode == 2 and answer.stdout == ""
    first, total = answer.stderr.splitlines()
    hint = "a rate in percent is mapped as rate_pct: 130 there is 130 % a year"
    assert first == f"E219.csv:3 row 2  rate  E219  above 1: 5.25; {hint}"
    assert total.endswith("--on-bad-row drop")


TAPE = "Contract No,CUR_BAL,Coupon,Months,Issued,Score,Kind\na,1000,6.5,12,05/01/2025,9999,annuity\n"
MAPS = ("--map", "balance=CUR_BAL", "--map", "rate_pct=Coupon", "--map", "remaining_term=Months", "--map",
        "origination_month=Issued", "--map", "score=Score", "--map", "amortization=Kind", "--map",
        "amortization=annuity:level_pay", "--read", "unknown.score=9999", "--read", "dates=day_first")  # fmt: skip


def test_reading_on_the_command_line(tmp_path: Path) -> None:
    file, out = tmp_path / "t.csv", tmp_path / "o.csv"
    file.write_text("As of 2026-01-01\n" + TAPE, encoding="gbk")
    arguments = (*MAPS, "--read", "skip=1", "--read", "encoding=gbk", "--cut-off", "2026-01-01")
    for command, more in (("check", ()), ("strat", ("--by", "score")), ("convert", ("-o", str(out)))):
        answer = call(command, str(file), *arguments, *more)
        assert answer.exit_code == 0
        assert "not read: Contract No" in " ".join((answer.stdout + answer.stderr).split())
    (row,) = csv.DictReader(out.open(encoding="utf-8"))
    assert (row["age"], row["amortization"], row.get("score")) == ("12", "level_pay", None)


def test_synthesize_says_its_currency_and_so_does_check(tmp_path: Path) -> None:
    for name in ("pool.csv", "pool.parquet"):
        made = json.loads(call("synthesize", "--loans", "100", "--out", str(tmp_path / name), "--json").stdout)
        read = json.loads(call("check", str(tmp_path / name), "--json").stdout)
        assert made["currency"] == read["currency"] == "CNY" and made["balance"] == read["balance"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--read", "skp=1"), "E227"), (("--read", "skip=many"), "E227"), (("--read", "dates=american"), "E227"),
     (("--read", "skip"), "E227"), (("--read", "unknown.scre=1"), "E246"), (("--map", "grade=A:B"), "E246")],
)  # fmt: skip
def test_settings_that_are_none(tmp_path: Path, arguments: tuple[str, ...], code: str) -> None:
    with pytest.raises(TapeError) as caught:
        call("check", GOOD.replace("good.csv", "dates.csv"), "--cut-off", "2025-01-01", *arguments)
    assert caught.value.code == code


def test_run_reads_a_users_tape_as_said(
    tmp_path: Path, abssim: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    file = tmp_path / "t.csv"
    file.write_text(TAPE.replace("1000", "100000000"), encoding="utf-8")
    answer = abssim("run", "template", "--tape", str(file), *MAPS, "--json")
    assert answer.returncode == 0, answer.stderr
    assert "not read: Contract No" in answer.stderr
    refused = abssim("run", "template", "--tape", str(file), *MAPS[:-2])
    assert refused.returncode == 2 and "E252" in refused.stderr
    alone = abssim("run", "template", "--read", "dates=day_first")
    assert alone.returncode == 2 and "E007" in alone.stderr
