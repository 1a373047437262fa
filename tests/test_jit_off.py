"""The engine's tests once more with its kernels as plain Python: compiled and interpreted must both be right."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.process import PATIENCE


@pytest.mark.slow
def test_engine_tests_pass_without_compiler(root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "tests/engine"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    answer = subprocess.run(
        command,
        cwd=root,
        env={**environment, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-2000:]
    assert " passed" in answer.stdout
