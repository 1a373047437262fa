"""The program around the commands: help, errors, exit codes, streams."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

from abssim.cli.codes import CODES
from abssim.cli.main import app
from abssim.errors import AbssimError
from abssim.study.decrement import parse_speeds
from tests.command import abssim
from tests.command import abssim as in_process

Call = Callable[..., subprocess.CompletedProcess[str]]
BAD = {
    "E001": ("run", "deals/hunda-2009-1"),
    "E002": ("run", "deals/honda-2009-1", "--out", "result.pdf"),
    "E003": ("decrement", "deals/honda-2009-1", "--speed", "abs:fast"),
    "E004": ("new", "deals"),
    "E005": ("explain", "deals/honda-2009-1", "--period", "999"),
    "E006": ("decrement", "deals/honda-2009-1", "--speed", "abs:1", "--note", "A9"),
    "E007": ("explain",),
    "E008": ("price", "deals/honda-2009-1", "--price", "par"),
    "E009": ("price", "deals/honda-2009-1", "--note", "A1", "--dm-bps", "50"),
    "E010": ("run", "deals/honda-2009-1", "-s", "base", "-s", "base"),
    "E022": ("run", "deals/honda-2009-1", "--out", "deals/honda-2009-1/deal.yaml/result.csv"),
    "E024": ("run", "deals/honda-2009-1", "--out", "deals"),
    "E025": ("run", "deals/honda-2009-1", "--loans", "a.parquet", "--out", "./a.parquet"),
    "E015": ("decrement", "deals/carmax-2025-2", "--speed", "abs:0,2.5"),
    "E016": ("price", "deals/honda-2009-1", "--settle", "2008-12-31"),
    "E027": ("run", "honda-2009-1", "--tape", "a.csv", "--tape", "b.csv"),
    "E021": ("simulate", "honda-2009-1", "--synthetic-loans", "9"),
}


HEAVY = {
    "numpy", "numba", "pandas", "pydantic", "scipy", "pyarrow", "QuantLib", "ruamel", "matplotlib", "plotly", "dask",
}  # fmt: skip
"""Packages that take long to load."""
ELSEWHERE = {"E020", "E023", "E026"}
"""Codes of a request that is bad on some machines only; `test_chart.py` and `test_outputs.py` make them."""


def test_every_code_has_a_case() -> None:
    assert set(BAD) | ELSEWHERE == set(CODES)


@pytest.mark.parametrize("code", sorted(BAD))
def test_bad_requests_exit_with_2_and_say_why_on_stderr(code: str, abssim: Call) -> None:
    answer = abssim(*BAD[code])
    assert (answer.returncode, answer.stdout) == (2, "")
    assert code in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (("--seed", "9"), "--seed"),
        (("--sampling", "sobol"), "--sampling"),
        (("--paths", "32"), "--paths"),
        (("--schema", "--period", "3"), "--period"),
        (("--observables", "-s", "stress"), "--scenario"),
    ],
)
def test_what_an_explanation_does_not_use_is_refused(options: tuple[str, ...], place: str, abssim: Call) -> None:
    answer = abssim("explain", "template", *options)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith(f"{place}  E007  ")


def test_a_mistyped_deal_gets_a_hint(abssim: Call) -> None:
    assert 'did you mean "honda-2009-1"?' in abssim("run", "hunda-2009-1").stderr


def test_help_loads_no_numerics(environment: dict[str, str]) -> None:
    """It answers at once: what it imports is the command line alone."""
    code = "import atexit, runpy, sys; sys.argv[1:] = ['--help']; "
    code += "atexit.register(lambda: sys.stderr.write(' '.join(sys.modules))); "
    code += "runpy.run_module('abssim', run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert answer.returncode == 0
    for command in ("run", "simulate", "calibrate", "price", "decrement", "explain", "new", "tape"):
        assert command in answer.stdout
    loaded = answer.stderr.split()
    assert "abssim.cli.simulate" in loaded
    assert not HEAVY & {module.partition(".")[0] for module in loaded}
    assert not [module for module in loaded if module.startswith(("abssim.engine", "abssim.deal", "abssim.scenario"))]


def test_usage_errors_exit_with_2(abssim: Call) -> None:
    assert abssim("frobnicate").returncode == 2
    assert abssim("run").returncode == 2


def test_version(abssim: Call) -> None:
    assert abssim("--version").stdout.startswith("abssim ")


def test_new_copies_the_template_and_never_overwrites(abssim: Call, tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "mine"
    assert abssim("new", folder).returncode == 0
    assert (folder / "deal.yaml").read_bytes() == (root / "deals/template/deal.yaml").read_bytes()
    (folder / "deal.yaml").write_text("changed")
    assert abssim("new", folder).returncode == 2
    assert (folder / "deal.yaml").read_text() == "changed"


def test_schema_is_for_readers_and_for_editors(abssim: Call) -> None:
    shown = abssim("explain", "--schema").stdout
    assert "currency" in shown
    assert "Scenario" in shown
    schema = json.loads(abssim("explain", "--schema", "--json").stdout)
    assert schema["properties"]["notes"]


def test_observables_of_any_deal_and_of_one(abssim: Call) -> None:
    names = {row["name"] for row in json.loads(abssim("explain", "--observables", "--json").stdout)}
    assert {"pool.npl_to_issue_ratio", "note.NOTE.balance", "period"} <= names
    of_one = {row["name"] for row in json.loads(abssim("explain", "honda-2009-1", "--observables", "--json").stdout)}
    assert {"note.A1.balance", "reserve.balance"} <= of_one
    assert "pool.npl_to_issue_ratio" in abssim("explain", "--observables").stdout


def test_a_reader_that_leaves_early_is_no_error(environment: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "abssim", "explain", "--observables"]
    answer = subprocess.run(command, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert "Traceback" not in answer.stderr
    assert "fault of abssim" not in answer.stderr


def test_a_plain_terminal_shows_what_it_can(abssim: Call) -> None:
    answer = abssim("explain", "--observables", env={"PYTHONIOENCODING": "ascii"})
    assert answer.returncode == 0


@pytest.mark.parametrize("text", ["1.3", "xyz:1", "abs:", "abs:1,,2", "abs:nan", "abs:-1", "abs:101", "cpr:1e9"])
def test_speeds_that_cannot_be_read(text: str) -> None:
    with pytest.raises(AbssimError) as error:
        parse_speeds(text)
    assert error.value.code == "E003"


def test_speeds() -> None:
    assert parse_speeds("abs:0.5,1.0,1.3") == ("abs", [0.5, 1.0, 1.3])
    assert parse_speeds("PSA:150, 300,150") == ("psa", [150.0, 300.0])


def options(command: Any) -> list[tuple[list[str], Any]]:
    """Every option of every command, with the words that lead there."""
    found = [([], each) for each in command.params if each.param_type_name == "option"]
    for name, below in getattr(command, "commands", {}).items():
        found += [([name, *words], each) for words, each in options(below)]
    return found


def test_an_option_given_twice_is_refused() -> None:
    """All of all commands that take one value; the others gather what they are given."""
    single = [(words, each) for words, each in options(typer.main.get_command(app)) if words and not each.is_flag]
    once = [(words, each) for words, each in single if not each.multiple]
    many = {option for _, each in single if each.multiple for option in each.opts}
    assert len(once) > 40 and {"--tape", "--read", "--set"} <= many
    for words, each in once:
        answer = in_process(*words, *(2 * [max(each.opts, key=len), "1"]))
        assert (answer.code, answer.out) == (2, ""), words
        assert f"{max(each.opts, key=len)}  E007  given 2 times" in answer.err, (words, answer.err)
    assert "E007" in in_process("tape", "synthesize", "-o", "a.csv", "--out=b.csv").err


@pytest.mark.parametrize("command", [("--version",), ("--help",), ("explain", "--schema"), ("explain", "nothing")])
def test_streams_that_are_closed(command: tuple[str, ...], environment: dict[str, str]) -> None:
    """What cannot be printed is told by the stream's name; without standard error the exit code speaks."""
    line = f"{sys.executable} -m abssim {' '.join(command)}"
    run = functools.partial(subprocess.run, shell=True, env=environment, capture_output=True, text=True)
    silent, deaf = run(f"{line} >&-"), run(f"{line} 2>&-")
    assert silent.returncode == 2 and "Traceback" not in silent.stderr and "fault of abssim" not in silent.stderr
    assert ("E001" if "nothing" in command else "standard output  E022") in silent.stderr
    assert deaf.returncode == (2 if "nothing" in command else 0)
    assert run(f"{line} >&- 2>&- <&-").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "template", "--to", "xx"), "'--to': 'xx' is not one of 'call'"),
        (("simulate", "template", "--importance", "nan"), "'--importance': must be a finite number"),
        (("simulate", "template", "--importance", "11"), "'--importance': must be less than or equal to 10"),
        (("sweep", "template", "--price", "-inf"), "'--price': must be a finite number"),
        (("solve", "template", "notes.A.coupon_pct", "--price", "nan"), "'--price': must be a finite number"),
        (("simulate", "template", "--paths", "9" * 30), "'--paths': must be less than or equal to 1000000000"),
    ],
)
def test_a_value_of_no_use_is_told_in_plain_words(arguments: tuple[str, ...], words: str) -> None:
    answer = abssim(*arguments)
    assert answer.code == 2
    assert words in " ".join(answer.err.replace("│", " ").split())
