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

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Commands of the console blocks with the output shown below each (empty where none is)."""
    found = []
    for language, text in BLOCKS:
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.append((command, output))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the checkout as far as a user's commands see it; what they write stays here."""
    place = tmp_path_factory.mktemp("readme")
    for name in ("deals", "scenarios"):
        (place / name).symlink_to(ROOT / name)
    return place


@pytest.mark.parametrize(("command", "output"), commands(), ids=[command for command, _ in commands()])
def test_command_prints_what_the_readme_shows(
    command: str, output: str, folder: Path, abssim: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    program, *arguments = shlex.split(command)
    assert program == "abssim"
    answer = abssim(*arguments, cwd=folder)
    assert answer.returncode == 0, answer.stderr
    if output:
        wanted = re.sub(r"^…$", "...", output, flags=re.MULTILINE).replace("…", "...")
        shown = answer.stdout.replace("…", "...")
        options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(wanted, shown, options), answer.stdout


@pytest.mark.parametrize("code", [text for language, text in BLOCKS if language == "python"])
def test_python_block_runs(code: str, folder: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr


def test_the_two_one_line_commands_are_there() -> None:
    lines = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]
    setup = [line for line in lines if line.startswith("python3 -m venv .venv && ")]
    assert len(setup) == 2
    assert ".venv/bin/abssim run deals/" in setup[0]
    assert "-m pytest" in setup[1]
