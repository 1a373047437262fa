"""The cache of compiled kernels: whatever is wrong with it, kernels run and the user is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from abssim.engine._jit.cache import cache_folder

pytestmark = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")

CODE = """
import numba
from abssim.engine.rounding import portion, round_half_up
assert numba.config.CACHE_DIR == "", numba.config.CACHE_DIR
assert (portion(10, 1, 3), round_half_up(2.5)) == ((3, 1), 3)
print(sum(sum(f.stats.cache_hits.values()) for f in (portion, round_half_up)))
"""
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[:-40],
    "garbage": lambda content: b"\x00\xff garbage" * 40,
    "one bit": lambda content: content[:50] + bytes([content[50] ^ 4]) + content[51:],
}


Run = Callable[[], tuple[int, str]]


def runner(environment: dict[str, str], root: Path, place: Path) -> Run:
    """Runs two kernels in a process whose cache is in `place`; returns how many were in it, and what was said."""

    def call() -> tuple[int, str]:
        own = {**environment, "ABSSIM_CACHE_DIR": str(place)}
        answer = subprocess.run([sys.executable, "-c", CODE], cwd=root, env=own, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stderr
        return int(answer.stdout), answer.stderr

    return call


@pytest.fixture(scope="module")
def filled(environment: dict[str, str], root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with both kernels in it."""
    place = tmp_path_factory.mktemp("cache")
    run = runner(environment, root, place)
    assert run() == (0, "")
    assert run() == (2, "")
    return place


@pytest.fixture
def run(environment: dict[str, str], root: Path, tmp_path: Path) -> Run:
    return runner(environment, root, tmp_path)


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """A folder of its own with both kernels in it."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return tmp_path / cache_folder().name


@pytest.mark.parametrize(
    ("damage", "ending"), [("empty", "nbi"), ("truncated", "nbi"), ("garbage", "nbc"), ("one bit", "nbc")]
)
def test_a_damaged_file_is_compiled_anew(damage: str, ending: str, folder: Path, run: Run) -> None:
    for file in folder.glob(f"*.{ending}"):
        file.write_bytes(DAMAGES[damage](file.read_bytes()))
    hits, said = run()
    assert hits == 0
    assert said.count("Notice: compiled kernels in") == 1
    assert "are damaged, and compiled anew" in said
    assert run() == (2, "")


def test_a_file_that_cannot_be_read_is_compiled_anew(folder: Path, run: Run) -> None:
    index, data = sorted(folder.glob("*portion*"))[::-1][:2]
    data.unlink()
    assert run() == (1, "")
    index.unlink()
    index.mkdir()
    hits, said = run()
    assert hits == 1
    assert "are damaged" in said
    assert "cannot be kept" in said


@pytest.mark.parametrize("what", ["read-only", "a file in its place"])
def test_a_folder_that_cannot_be_written_means_compiling_every_time(what: str, run: Run, tmp_path: Path) -> None:
    place = tmp_path / cache_folder().name
    if what == "read-only":
        if os.geteuid() == 0:
            pytest.skip("root may write anywhere")
        place.mkdir(mode=0o500)
    else:
        place.write_text("")
    for _ in range(2):
        hits, said = run()
        assert hits == 0
        assert "cannot be kept in" in said


def test_code_of_another_key_is_not_run(folder: Path, run: Run) -> None:
    """As when two processes compile different signatures at once, and number their files alike."""
    one, other = sorted(folder.glob("*.nbc"))
    one.write_bytes(other.read_bytes())
    assert run() == (1, "")
    assert run() == (2, "")


def test_folders_of_other_versions_go_when_nobody_uses_them(run: Run, tmp_path: Path) -> None:
    unused, used, foreign = (tmp_path / name for name in ("kernels-0-py311", "kernels-1-py311", "other"))
    for each in (unused, used, foreign):
        each.mkdir()
        (each / "a.nbi").touch()
    for each in (unused, foreign):
        os.utime(each, (0.0, time.time() - 61 * 86_400))
    run()
    assert not unused.exists()
    assert used.exists()
    assert foreign.exists()


def test_use_is_marked(folder: Path, run: Run) -> None:
    os.utime(folder, (0.0, 0.0))
    run()
    assert folder.stat().st_mtime > 0.0


def test_two_processes_at_once_compile_and_keep(environment: dict[str, str], root: Path, tmp_path: Path) -> None:
    """A shared cache, empty at the start: both run, and what is left is whole."""
    own = {**environment, "ABSSIM_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", CODE]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [subprocess.Popen(command, cwd=root, env=own, text=True, **pipes) for _ in range(2)]
    for process in running:
        said = process.communicate()[1]
        assert (process.returncode, said) == (0, "")
    assert runner(environment, root, tmp_path)() == (2, "")


PARTS = """
import numpy as np
from abssim.engine._jit import borrowing, kernel, separate

@borrowing
def part(values, k):
    return values[k] + 1

@separate
def large(values):
    return part(values, 0) * part(values, 1)

@kernel
def whole(values):
    return large(values) + part(values, 1)

values = np.array([3, 5])
print(whole(values), part(values, 1), large(values), whole(values), part(np.array([0.5]), 0))
print([sum(f.stats.cache_hits.values()) for f in (whole,)])
"""


def test_a_part_runs_inside_kernels_and_alone(environment: dict[str, str], root: Path, tmp_path: Path) -> None:
    """Compiled with the kernel, and as one of its own where Python calls it; loaded from the cache the next time."""
    (tmp_path / "parts.py").write_text(PARTS, encoding="utf-8")
    own = {**environment, "ABSSIM_CACHE_DIR": str(tmp_path / "cache")}
    for hits in (0, 1):
        answer = subprocess.run(
            [sys.executable, str(tmp_path / "parts.py")], cwd=root, env=own, capture_output=True, text=True
        )
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout == f"30 6 24 30 1.5\n[{hits}]\n"
