"""What validators of a model refuse, with a code of its own where it has one."""

from __future__ import annotations

import re
from dataclasses import replace

from abssim.errors import Problem

_TAGGED = re.compile(r"^\[(E\d{3})?\] (.*?)(?: \| (.*))?$", re.DOTALL)


def fault(code: str, message: str, hint: str = "") -> ValueError:
    """The error a validator raises; `coded` turns it back into its code, message and hint.

    Without a code it is a value out of range, with the code that the kind of document has for that.
    """
    return ValueError(f"[{code}] {message}" + (f" | {hint}" if hint else ""))


def coded(problem: Problem) -> Problem:
    """`problem` with the code of the fault in its message, if it is one."""
    match = _TAGGED.match(problem.message)
    if match is None:
        return problem
    code, message, hint = match.groups()
    return replace(problem, code=code or problem.code, message=message, hint=hint or "")
