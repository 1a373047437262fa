"""The command `abssim`, also as `python -m abssim`: everything else is imported inside the guard."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line; stopped or asked to end, at any moment, it ends quietly with exit code 130.

    What was being written goes, finished blocks stay.
    """
    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        from abssim.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
