"""Proof that the checks bite: one line of the deal machine broken at a time, and a check or the twin must notice."""

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
        "engine/deal/whole.py",
        "S[b, w] -= taken\n                S[c",
        "S[b, w] -= 2 * taken\n                S[c",
        "check",
    ),
    "a shortfall is not carried": (
        "kind/note.py",
        '"应付利息", _N.INTEREST_SHORTFALL',
        '"应付利息", _N.WRITE_DOWN',
        "check",
    ),
    "discount is deposited twice": (
        "program/lower/books.py",
        "asm.result(Whole.TAKE, left, asm.at(row, field))",
        "asm.result(Whole.TAKE, left, asm.zero)",
        "check",
    ),
    "what is bought costs nothing": (
        "program/lower/purchase.py",
        "asm.emit(List.ADD_EACH, cost,",
        "asm.emit(List.ADD_EACH, asm.zero,",
        "check",
    ),
    "what is bought pays nothing": (
        "engine/deal/pool.py",
        "+= int(bought[month, field, w])",
        "+= 0 * int(bought[month, field, w])",
        "check",
    ),
    "a sold pool goes on paying": (
        "engine/deal/pool.py",
        "S[a + field, w] = S[a + field, w] if S[called, w] == 0 else 0",
        "S[a + field, w] = S[a + field, w]",
        "check",
    ),
    "a note is paid and not told": (
        "kind/note.py",
        "_PRINCIPAL = Claim(\n    (_N.PRINCIPAL_PAID,),",
        "_PRINCIPAL = Claim(\n    (_N.CUMULATIVE_WRITE_DOWN,),",
        "check",
    ),
    "the odd unit is not handed out": (
        "engine/deal/share.py",
        "S[item[best + _GIVEN], w] += 1",
        "S[item[best + _GIVEN], w] += 0",
        "twin",
    ),
    "a cured ledger stays as it is": (
        "kind/ledger.py",
        "_PAID = Claim((_L.CREDITED,), (_L.BALANCE,)",
        "_PAID = Claim((_L.CREDITED,), (_L.CREDITED,)",
        "twin",
    ),
    "a trigger does not wait": ("engine/deal/judge.py", "(count >= persistence)", "(count >= 1)", "twin"),
    "a payee's cap is forgotten": ("program/lower/payee.py", "if cap >= 0:", "if cap >= 10_000:", "twin"),
    "a loss is not latched": ("engine/deal/close.py", "1 if S[mark, w] == t else 0", "0", "twin"),
    "a regime's steps run in another": ("engine/deal/amount.py", "(code[pc, 2] >> S[regime, w]) & 1", "1", "twin"),
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
    source = folder / "abssim" / file
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
        hunted(broken_copy(root, tmp_path, "engine/deal/amount.py", "_LARGEST = 1.0e18", "_LARGEST = 1.0e18"), root)
        == "nothing"
    )
