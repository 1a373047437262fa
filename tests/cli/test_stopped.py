"""A command that is asked to end leaves no half-written file behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from abssim.errors import EXIT_INTERRUPTED
from tests.process import PATIENCE, mind_ctrl_c

WAITS = """
import sys, time
from pathlib import Path
from abssim import __main__
from abssim.cli import main
from abssim.file import replacing

def wait() -> None:
    with replacing(Path(sys.argv[2]) / "paths.csv") as temporary:
        temporary.write_text("half")
        print("ready", flush=True)
        time.sleep(60)

main.app.command("wait")(lambda folder: wait())
__main__.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_temporary_file_goes_with_the_command(number: signal.Signals, tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-c", WAITS, "wait", str(tmp_path)]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=mind_ctrl_c
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == EXIT_INTERRUPTED
    assert not list(tmp_path.iterdir())
