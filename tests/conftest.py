"""What every test may use: the reference data beside the checkout, the command line, reproducible hypothesis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.process import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT.parent / "shared" / "data"
"""Real inputs with published outcomes, kept beside the checkout and not part of it."""

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
"""For commands in a process of their own: this checkout, and a terminal of width 100 without colors."""

settings.register_profile("abssim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("abssim"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "abssim")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels before workers start: once, not once in each of them."""
    if not config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        return
    from abssim.engine._jit.cache import cache_folder

    if not any(cache_folder().glob("*.nbi")) and os.environ.get("NUMBA_DISABLE_JIT") != "1":
        command = [sys.executable, "-m", "abssim", "run", "jd-baitiao-abn-2018-1"]
        subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, timeout=PATIENCE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `long` unless `-m` asks for it."""
    if "long" not in config.getoption("markexpr"):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if not item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def root() -> Path:
    """Top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Environment for a process of its own."""
    return dict(ENVIRONMENT)


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Path]:
    """`reference("honda-2009-1/inputs.json")`: a file of the reference data; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = REFERENCE / name
        if not path.exists():
            pytest.skip(f"reference data not here: ../shared/data/{name}")
        return path

    return find


@pytest.fixture(scope="session")
def abssim() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`abssim("run", "deals/honda-2009-1")`: the command in a process of its own, at the top of the checkout."""

    def call(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "abssim", *(str(argument) for argument in arguments)]
        environment = {**ENVIRONMENT, **options.get("env", {})}
        return subprocess.run(
            command, cwd=options.get("cwd", ROOT), env=environment, capture_output=True, text=True, timeout=PATIENCE
        )

    return call


@pytest.fixture(scope="session")
def abssim_json(abssim: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., Any]:
    """What a command with `--json` prints, parsed; the command must succeed."""

    def call(*arguments: str | Path) -> Any:
        answer = abssim(*arguments, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return call
