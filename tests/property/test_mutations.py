"""Proof that the checks bite: one line of the engine broken at a time, and a check or the twin must notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import PATIENCE

FIRST, LAST = 0, 60

MUTATIONS = {
    "cash leaves an account twice": (
        "waterfall.py",
        "account[AccountField.BALANCE] -= taken",
        "account[AccountField.BALANCE] -= 2 * taken",
        "check",
    ),
    "a shortfall is not carried": (
        "path.py",
        "note[NoteField.INTEREST_DUE] = shortfall",
        "note[NoteField.INTEREST_DUE] = 0",
        "check",
    ),
    "discount is deposited twice": ("path.py", "row[field] - income)", "row[field])", "check"),
    "what is bought costs nothing": (
        "purchase.py",
        "PoolField.PURCHASE_COST, cost)",
        "PoolField.PURCHASE_COST, 0)",
        "check",
    ),
    "what is bought pays nothing": ("purchase.py", "add_to(flow[u], row)", "add_to(flow[u], 0 * row)", "check"),
    "a sold pool goes on paying": ("purchase.py", "flow[pool, t + 1 :, :] = 0", "flow[pool, t + 2 :, :] = 0", "check"),
    "a note is paid and not told": (
        "waterfall.py",
        "note[NoteField.PRINCIPAL_PAID] += rest",
        "note[NoteField.PRINCIPAL_PAID] += 0",
        "check",
    ),
    "the odd unit is not handed out": (
        "payee.py",
        "claim[best, ClaimField.GIVEN] += 1",
        "claim[best, ClaimField.GIVEN] += 0",
        "twin",
    ),
    "a cured ledger stays as it is": (
        "waterfall.py",
        "move_ledger(state[lay.ledger + index], -amount)",
        "move_ledger(state[lay.ledger + index], 0 * amount)",
        "twin",
    ),
    "a trigger does not wait": (
        "trigger.py",
        "trigger[TriggerField.COUNT] >= persistence",
        "trigger[TriggerField.COUNT] >= 1",
        "twin",
    ),
    "a payee's cap is forgotten": ("waterfall.py", "if cap >= 0:", "if cap >= 10_000:", "twin"),
}


def hunted(folder: Path, root: Path) -> str:
    """What notices that the package in `folder` is broken."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join([str(folder), str(root)])}
    command = [sys.executable, "-P", "-W", "ignore", "-m", "tests.property.hunt", str(FIRST), str(LAST)]
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def broken_copy(root: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the package with one line changed."""
    shutil.copytree(root / "abssim", folder / "abssim", ignore=shutil.ignore_patterns("__pycache__"))
    source = folder / "abssim" / "engine" / file
    text = source.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} no longer has exactly one line with: {old}"
    source.write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_line_is_noticed(name: str, root: Path, tmp_path: Path) -> None:
    file, old, new, by = MUTATIONS[name]
    assert hunted(broken_copy(root, tmp_path, file, old, new), root) == by


@pytest.mark.slow
def test_an_unbroken_copy_is_not(root: Path, tmp_path: Path) -> None:
    assert (
        hunted(broken_copy(root, tmp_path, "waterfall.py", "_LARGEST = 1.0e18", "_LARGEST = 1.0e18"), root) == "nothing"
    )
