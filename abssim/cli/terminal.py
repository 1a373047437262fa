"""What commands say: tables and JSON on standard output, everything else on standard error."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from rich.console import Console, RenderableType

from abssim.errors import EXIT_FAILED, AbssimError, Problem
from abssim.file import refused
from abssim.guard import printable


def show(*parts: RenderableType) -> None:
    """Print renderables with a blank line between, as wide as the terminal (or `COLUMNS`) is; 100 where nobody says."""
    from abssim.table.grid import WIDTH, stack

    given = os.environ.get("COLUMNS", "")
    width = int(given) if given.isdecimal() and int(given) else Console().width if sys.stdout.isatty() else WIDTH
    plain: dict[str, Any] = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    console = Console(width=max(NARROWEST, min(width, MOST)), highlight=False, **plain)
    with _standard_output():
        console.print(stack(parts), crop=False)


NARROWEST, MOST = 40, 1000
"""Widths that tables are laid out for."""


def show_json(document: Any) -> None:
    """Print a document as JSON; text stays readable, not-a-number is refused."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    with _standard_output():
        sys.stdout.write(text + "\n")


def tell(message: str) -> None:
    """A line on standard error."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def tell_problems(error: AbssimError) -> None:
    """The problems, a line each."""
    for line in error.lines:
        tell(printable(line.replace("\n", " "), "?"))


def tell_error(error: Exception) -> int:
    """Say what ended a command; returns its exit code."""
    if isinstance(error, OSError):
        give_up_output()
        closed = error.errno == errno.EBADF and error.filename is None
        error = refused(error, "standard output", "E022") if closed else refused(error)
    elif isinstance(error, MemoryError):
        text = f"not enough memory: {error}" if str(error) else "not enough memory"
        error = AbssimError(Problem("E026", "abssim", "", text, "ask for less: fewer loans, paths or months"))
    if isinstance(error, AbssimError):
        tell_problems(error)
        return error.exit_code
    _tell_fault(error)
    return EXIT_FAILED


def _tell_fault(error: Exception) -> None:
    """An error nobody foresaw: short, with a way to see where it came from."""
    if os.environ.get("ABSSIM_DEBUG"):
        raise error
    tell(f"abssim: {type(error).__name__}: {error}")
    tell(
        "This is a fault of abssim, not of your input. Set ABSSIM_DEBUG=1 and repeat the command to see where it arose."
    )


@contextmanager
def _standard_output() -> Iterator[None]:
    """Says so where standard output cannot be written; a reader who has left, as `head` does, is nobody's fault."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_output()
        raise refused(error, "standard output", "E022") from None


def give_up_output() -> None:
    """What could not be printed is not tried again when the process ends."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@cache
def _begins() -> None:
    tell("abssim: compiling kernels, once for this version of abssim: up to a minute …")


def tell_of_compiling() -> None:
    """From now on say so as soon as something is compiled: the first run and the first simulation of a version on a
    machine wait for it, and whoever needs a part that was not needed before."""
    from abssim.engine._jit.compiler import watch

    watch.begins = _begins


@contextmanager
def compiling() -> Iterator[None]:
    """Work that may need something compiled: says so, and at the end how long that took."""
    from abssim.engine._jit.compiler import watch

    tell_of_compiling()
    yield
    if watch.seconds:
        tell(f"abssim: compiled in {watch.seconds:.1f} s; later runs start at once")
