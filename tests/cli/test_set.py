"""`--set` on every command that takes a deal: what is set holds, is printed, stands in JSON, and is told if idle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import abssim

DEMO = Path(__file__).parent / "demo"
COMMANDS = {
    "run": ["run", DEMO],
    "price": ["price", DEMO, "--price", "100"],
    "decrement": ["decrement", DEMO, "--speed", "cpr:10"],
    "explain": ["explain", DEMO, "--period", "3"],
    "simulate": ["simulate", DEMO, "--paths", "8"],
}
SET = ["--set", "notes.A.coupon_pct=5.25", "--set", "default_multiple=3"]


def document(*arguments: str | Path) -> Any:
    answer = abssim(*arguments, "--json")
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_set_is_printed_and_in_json(command: str) -> None:
    told = abssim(*COMMANDS[command], *SET)
    assert told.code == 0, told.err
    assert "notes.A.coupon_pct = 5.25, default_multiple = 3" in " ".join(told.out.split())
    assert document(*COMMANDS[command], *SET)["settings"] == {"notes.A.coupon_pct": 5.25, "default_multiple": 3}
    assert "settings" not in document(*COMMANDS[command])


def test_what_is_set_holds() -> None:
    plain, changed = document("run", DEMO), document("run", DEMO, *SET)
    first = [next(p["interest_due"] for p in each["payments"] if p["note"] == "A") for each in (plain, changed)]
    assert first[1] == pytest.approx(first[0] * 5.25 / 4, abs=0.01)
    assert plain["fingerprint"] != changed["fingerprint"]


def test_every_scenario_is_set(tmp_path: Path) -> None:
    runs = document("run", DEMO, "-s", "deal", "-s", "stress", "--set", "assumptions.0.default=null")["runs"]
    assert all(row["default"] == 0 for run in runs for row in run["pool"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("notes.A.coupn_pct=5", '--set notes.A.coupn_pct  E553  no "coupn_pct" in notes.A of the deal; did you mean'),
        ("notes.A.coupon_pct=high", '--set notes.A.coupon_pct  E109  must be a number, not "high"'),
        ("default_multiple=-1", "--set default_multiple  E309  must be greater than or equal to 0, not -1"),
        ("name=x", "--set name  E554  the deal and the scenario have it; write deal.name or scenario.name"),
        ("default_multiple", "--set default_multiple  E551  is not PATH=VALUE"),
    ],
)
def test_what_cannot_be_set_is_refused(text: str, told: str) -> None:
    answer = abssim("run", DEMO, "--set", text)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(told)


def test_a_path_twice_is_refused() -> None:
    answer = abssim("run", DEMO, "--set", "default_multiple=2", "--set", "default_multiple=3")
    assert (answer.code, answer.err) == (2, "--set default_multiple  E552  is set twice; keep one of them\n")


def test_what_nothing_reads_is_told() -> None:
    answer = abssim("run", DEMO, "--set", "factor.correlation_pct=5")
    assert answer.code == 0
    assert "--set factor.correlation_pct: without effect here, only `simulate` reads" in answer.err


def test_a_reference_takes_no_values() -> None:
    answer = abssim("explain", "--schema", "--set", "default_multiple=2")
    assert answer.code == 2
    assert answer.err.startswith("--set  E007")


def test_files_say_what_was_set(tmp_path: Path) -> None:
    assert abssim("run", DEMO, *SET, "--out", tmp_path / "run").code == 0
    text = (tmp_path / "run" / "scenarios.csv").read_text(encoding="utf-8")
    assert "notes.A.coupon_pct = 5.25, default_multiple = 3" in text
