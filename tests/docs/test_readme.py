"""What README tells a user to type is typed here: commands, with the output it shows, and Python blocks.

`…` on a line of its own, or inside a line, stands for output left out. Lines that set up an environment are not run.
"""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from abssim.deal.deal import Deal
from abssim.scenario.assumption import Rule
from abssim.scenario.scenario import Scenario
from tests.process import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


CONSOLES = [text for language, text in BLOCKS if language == "console"]


def commands(console: str) -> list[tuple[str, str]]:
    """Commands of a console block with the output shown below each (empty where none is)."""
    parts = re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder like the checkout as far as a user's commands see it; what they write stays here."""
    for name in ("deals", "scenarios"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.mark.parametrize("console", CONSOLES, ids=lambda console: console.split("\n")[0])
def test_commands_print_what_the_readme_shows(
    console: str, folder: Path, abssim: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    for command, output in commands(console):
        program, *arguments = shlex.split(command)
        assert program == "abssim"
        answer = abssim(*arguments, cwd=folder)
        assert answer.returncode == 0, f"{command}\n{answer.stderr}"
        wanted = re.sub(r"^…$", "...", output, flags=re.MULTILINE).replace("…", "...")
        shown = answer.stdout.replace("…", "...")
        options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert not output or doctest.OutputChecker().check_output(wanted, shown, options), answer.stdout


@pytest.mark.parametrize("code", [text for language, text in BLOCKS if language == "python"])
def test_python_block_runs(code: str, folder: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("text", [text for language, text in BLOCKS if language == "yaml"])
def test_documents_shown_are_valid(text: str, tmp_path: Path) -> None:
    """Parts of a scenario, of one of its rules, or of a deal (whose fields are known)."""
    shown = YAML(typ="safe").load(text)
    if shown.keys() <= Deal.model_fields.keys():
        return
    if shown.keys() <= Rule.model_fields.keys():
        shown = {"assumptions": [shown]}
    Scenario.model_validate({"name": "shown", "reason": "in the README", **shown})


def test_the_two_one_line_commands_are_there() -> None:
    lines = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
    setup = [line for line in lines if line.startswith("python3 -m venv .venv && ")]
    assert len(setup) == 2
    assert ".venv/bin/abssim run deals/" in setup[0]
    assert "-m pytest" in setup[1]
