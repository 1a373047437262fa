"""Wild input: whatever a file says, a command ends with 0, 2 or 3, in words, and leaves no part of a file.

Every input has a number and comes out of it alone. The first few of each kind run with every suite, the others with
`pytest -m long`.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Answer, abssim

TRIES = [*range(12), *(pytest.param(number, marks=pytest.mark.long) for number in range(12, 500))]
ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "tests" / "cli" / "demo" / "deal.yaml"
TAPES = [ROOT / "tests" / "cli" / "demo" / "tape.csv", *sorted((ROOT / "tests" / "cases" / "tape").glob("*.csv"))]
DEALS = [file for file in sorted((ROOT / "tests" / "cases").glob("*/deal.yaml")) if "tape:" not in file.read_text()]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
WILD = (
    "~", "''", "x", "-1", "0", "1", "0.5", "1e308", "-1e308", "1e-300", ".inf", ".nan", "true", "[]", "{}", "[1, [2]]",
    "{a: 1}", "99999999999999999999", "2200-01-01", "1901-01-01", "2020-02-30", '"2020-01-31"', "!!bool maybe",
    "!!int [1]", "&a 1", "*a", "| x", '"\\ud800"', '"\\0"', "pool.closing_balance / 0", "previous.x", "1 / (1 - 1)",
    "if(1 > 0, 1, 2)", "note.A.balance", "trigger.x", "max()", "((((", "5 for 12, 10", "0.2 ramp 6 over 30", "长" * 90,
)  # fmt: skip
"""Values that are wrong nearly everywhere, each in its way."""

NUMBERS = ("0", "1", "2", "3", "12", "0.01", "0.5", "50", "99.99", "100", "1000", "1_000_000", "1e-9", "1e12", "-1")
DATES = ("2019-12-31", "2020-02-29", "2024-01-31", "2026-02-15", "2030-06-30", "2199-12-31")

pytestmark = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="minutes without compiled kernels")


def require_answered(answer: Answer) -> None:
    """The command ended as commands do."""
    assert "Traceback" not in answer.err
    assert "fault of abssim" not in answer.err
    assert answer.code in (0, 2, 3), answer.err
    if answer.code:
        assert answer.err.strip()


def similar(value: str, text: str, chance: random.Random) -> str:
    """Another value of the kind of `value`: a document that may well be right, and says something else."""
    if re.fullmatch(r"[\d_.]+", value):
        return chance.choice(NUMBERS)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return chance.choice(DATES)
    return chance.choice(re.findall(r"[a-zA-Z_]\w*", text))


def wild_yaml(text: str, chance: random.Random) -> str:
    """A document with one to three places changed, every second time with values of the same kind."""
    lines, mild = text.splitlines(), chance.random() < 0.5
    for _ in range(chance.randint(1, 3)):
        n = chance.randrange(len(lines))
        line = lines[n]
        values = list(re.finditer(r"(?<=[:\[,-] )[^\s,\]}:]+", line))
        kind = chance.randrange(10)
        if values and (mild or kind < 5):
            value = chance.choice(values)
            new = similar(value[0], text, chance) if mild else chance.choice(WILD)
            lines[n] = f"{line[: value.start()]}{new}{line[value.end() :]}"
        elif mild:
            continue
        elif kind == 5:
            del lines[n]
        elif kind == 6:
            lines.insert(chance.randrange(len(lines)), line)
        elif kind == 7:
            lines[n] = re.sub(r"[\w.]+(?=:)", lambda _: chance.choice(WILD), line, count=1)
        elif kind == 8:
            lines[n] = " " * chance.randrange(9) + line.lstrip()
        else:
            place = chance.randrange(len(line) + 1)
            lines[n] = line[:place] + chance.choice("\x00\t:{}[]\"'#&*!|>%@`-?,\ufeff\u2028é") + line[place:]
    return "\n".join(lines)


@pytest.mark.parametrize("number", TRIES)
def test_wild_deals(number: int, tmp_path: Path) -> None:
    chance = random.Random(f"deal {number}")
    deal = tmp_path / "deal.yaml"
    text = wild_yaml(chance.choice(DEALS).read_text(encoding="utf-8"), chance)
    deal.write_text(text, encoding="utf-8")
    command = chance.choice([("run", "--json"), ("run", "--out", str(tmp_path / "out")), ("explain",)])
    answer = abssim(command[0], deal, *command[1:])
    require_answered(answer)
    left = {each.name for each in tmp_path.iterdir()} - {"deal.yaml"}
    assert left == ({"out"} if command[-1].endswith("out") and answer.code == 0 else set())


@pytest.mark.parametrize("number", TRIES)
def test_wild_scenarios(number: int, tmp_path: Path) -> None:
    chance = random.Random(f"scenario {number}")
    scenario = tmp_path / "wild.yaml"
    scenario.write_text(wild_yaml(chance.choice(SCENARIOS).read_text(encoding="utf-8"), chance), encoding="utf-8")
    command = chance.choice([("run", "--json"), ("simulate", "--paths", "2", "--json")])
    require_answered(abssim(command[0], DEMO, "-s", scenario, *command[1:]))


def wild_bytes(content: bytes, chance: random.Random) -> bytes:
    """A file with some bytes, cells or lines changed."""
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(content) + 1)
        kind = chance.choice([0, 1, 2, 2, 2, 3, 4, 5])
        if kind == 0:
            content = content[:place] + bytes(chance.choices(range(256), k=chance.randint(1, 4))) + content[place:]
        elif kind == 1:
            content = content[:place] + content[place + chance.randint(1, 20) :]
        elif kind == 2:
            cells = content.split(b",")
            cells[chance.randrange(len(cells))] = chance.choice([*WILD, *NUMBERS, *DATES]).encode()
            content = b",".join(cells)
        elif kind == 3:
            lines = content.split(b"\n")
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
            content = b"\n".join(lines)
        elif kind == 4:
            content = content.replace(b",", chance.choice([b";", b"\t", b",,", b'",']), chance.randint(1, 9))
        else:
            content = content[:place]
    return content


@pytest.mark.parametrize("number", TRIES)
def test_wild_tapes(number: int, tmp_path: Path) -> None:
    chance = random.Random(f"tape {number}")
    tape, out = tmp_path / chance.choice(["tape.csv", "tape.csv", "tape.parquet", "tape.csv.gz"]), tmp_path / "out.csv"
    tape.write_bytes(wild_bytes(chance.choice(TAPES).read_bytes(), chance))
    policy = ("--on-bad-row", chance.choice(["fail", "drop"]))
    command: tuple[Any, ...] = chance.choice([("check", tape), ("strat", tape), ("convert", tape, "--out", out)])
    answer = abssim("tape", *command, *policy)
    require_answered(answer)
    left = {each.name for each in tmp_path.iterdir()} - {tape.name}
    assert left == ({"out.csv"} if command[0] == "convert" and answer.code == 0 else set())


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of results, and what is printed of them."""
    folder = tmp_path_factory.mktemp("results") / "results"
    answer = abssim("simulate", DEMO, "--paths", "20", "--json", "--out", folder)
    assert answer.code == 0, answer.err
    return folder, answer.out


def wild_json(value: Any, chance: random.Random) -> Any:
    """A manifest with one part changed."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(sorted(value))
        if chance.random() < 0.2:
            return {each: part for each, part in value.items() if each != key}
        return {**value, key: wild_json(value[key], chance)}
    return chance.choice([None, 1, "x", [], {}, [value], {"x": value}, -1.5, True])


def flip(file: Path, chance: random.Random) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, 3)):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def cut(file: Path, chance: random.Random) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: chance.randrange(len(content))])


def reshape(file: Path, chance: random.Random) -> None:
    file.write_text(json.dumps(wild_json(json.loads(file.read_text()), chance)))


@pytest.mark.parametrize("number", TRIES)
def test_wild_folders_of_results(number: int, results: tuple[Path, str], tmp_path: Path) -> None:
    """What is damaged is run again to the same figures, or refused."""
    import shutil

    chance = random.Random(f"folder {number}")
    folder = tmp_path / "results"
    shutil.copytree(results[0], folder)
    blocks = sorted(folder.rglob("*.parquet"))
    harm: Callable[[Path, random.Random], None] = chance.choice([flip, cut, reshape])
    harm(folder / "_manifest.json" if harm is reshape or chance.random() < 0.2 else chance.choice(blocks), chance)
    answer = abssim("simulate", DEMO, "--paths", "20", "--json", "--out", folder, "--resume")
    require_answered(answer)
    assert answer.code == 2 or answer.out == results[1]
    assert not [each for each in folder.rglob(".*") if each.name != ".lock"]
