"""Commands in processes of their own, on machines of any speed."""

from __future__ import annotations

import signal

PATIENCE = 3600
"""Seconds a process may take before it counts as hanging: guards against waiting for ever, and judges no speed."""


def mind_ctrl_c() -> None:
    """Let a child (as its `preexec_fn`) see the stops it is sent: a shell's background jobs ignore interrupts, what
    runs under nohup ignores hang-ups, and their children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
