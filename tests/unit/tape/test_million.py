"""A million loans from Parquet within 1 GB of memory, in a process that does nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from abssim.tape import make_tape, synthesize, write_tape
from tests.process import PATIENCE

LOANS = 1_000_000
READ = """
import json, resource, sys
from abssim.tape import read_tape
reading = read_tape(sys.argv[1], currency="CNY", on_bad_row="drop")
used = resource.getrusage(resource.RUSAGE_SELF)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
if sys.platform == "linux":  # there the peak of a process begins with that of its parent
    peak = 1024 * next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"loans": len(reading.tape), "balance": reading.tape.total_balance, "dropped": reading.rows_dropped,
                  "bytes": peak}))
"""


def read(path: Path, root: Path, environment: dict[str, str]) -> dict[str, float]:
    command = [sys.executable, "-c", READ, str(path)]
    answer = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    found: dict[str, float] = json.loads(answer.stdout)
    return found


@pytest.mark.slow
def test_memory(tmp_path: Path, root: Path, environment: dict[str, str]) -> None:
    tape = synthesize("baitiao", loans=LOANS, seed=1, balance=100_000_000_000)
    ids = np.char.add(b"order-", np.arange(LOANS).astype(np.bytes_))
    named = make_tape(
        "CNY", tape.balance, original_balance=tape.original_balance, remaining_term=tape.remaining_term, age=tape.age,
        amortization=tape.amortization, fee_rate=tape.fee_rate, loan_id=ids, obligor_key=tape.obligor_key,
        region=tape.region, grade=tape.grade, labels=dict(tape.labels), score=tape.score,
    )  # fmt: skip
    write_tape(named, tmp_path / "million.parquet")
    found = read(tmp_path / "million.parquet", root, environment)
    assert (found["loans"], found["balance"], found["dropped"]) == (LOANS, 100_000_000_000, 0)
    assert found["bytes"] < 1e9
