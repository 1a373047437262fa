"""The command `abssim`, also as `python -m abssim`: everything else is imported inside the guard."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line; stopped or asked to end, at any moment, it ends quietly with exit code 130.

    What was being written goes, finished blocks stay.
    """
    try:
        _hold_streams()
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        from abssim.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


def _hold_streams() -> None:
    """Where the caller closed a standard stream, as `>&-` does: no file of ours may come to stand in its place. What is
    printed then fails by the stream's name; what is said on standard error is lost."""
    for number, name, way in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            held = os.open(os.devnull, way)
            if held != number:
                os.dup2(held, number)
                os.close(held)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


if __name__ == "__main__":
    main()
