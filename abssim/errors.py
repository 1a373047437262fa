"""The errors a user can cause, each with a stable code, a place and a hint.

A document reports all its problems at once: checks collect `Problem`s and raise one error that carries them.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from abssim.word import counted

EXIT_OK, EXIT_FAILED, EXIT_BAD_INPUT, EXIT_CHECK_FAILED, EXIT_INTERRUPTED = 0, 1, 2, 3, 130
MOST_SHOWN = 50
"""Problems of one error that are shown; of the others the number is told."""


_LISTED = 12
_UNITS = {"_pct": "percent", "_bps": "basis points"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    `where` is `file:line` (or a file, or a row of a tape); `path` is the place inside the document, such as
    `waterfalls.amortization[7].payees[0]`; `hint` says what to do about it.
    """

    code: str
    where: str
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        option, _, named = self.where.partition(" ")  # an option may name the place itself
        said = option.startswith("--") and named and self.path.replace("[", ".").replace("]", "").endswith(named)
        place = "  ".join(part for part in (self.where, "" if said else self.path) if part)
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}  {self.code}  {self.message}{hint}"


class AbssimError(Exception):
    """Base of every error abssim raises on purpose; `problems` lists them all, `exit_code` is the process's answer."""

    exit_code = EXIT_BAD_INPUT

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(self.lines))

    def __reduce__(self) -> tuple[type[AbssimError], tuple[tuple[Problem, ...]]]:
        """Errors travel from workers of a cluster with all their problems."""
        return type(self), (self.problems,)

    @property
    def lines(self) -> list[str]:
        """A line for each problem, and the number of those beyond the first `MOST_SHOWN`."""
        rest = len(self.problems) - MOST_SHOWN
        more = [f"… and {counted(rest, 'more problem')}"] if rest > 0 else []
        return [*(str(problem) for problem in self.problems[:MOST_SHOWN]), *more]

    @property
    def code(self) -> str:
        """Code of the first problem."""
        return self.problems[0].code


class DealError(AbssimError):
    """E1xx: the deal document."""


class TapeError(AbssimError):
    """E2xx: a loan tape."""


class ScenarioError(AbssimError):
    """E3xx: a scenario document."""


class CompileError(AbssimError):
    """E4xx: a deal, a tape and a scenario that do not fit together."""


class ValuationError(AbssimError):
    """E600 to E607: a contract, a curve or an array that cannot be valued."""


class CalibrationError(AbssimError):
    """E7xx: the past performance a calibration is made from; bad cells carry the codes of tapes."""


class DisclosureError(AbssimError):
    """E8xx: a report that cannot be made of what is known."""


class FileError(AbssimError):
    """E022 to E025: a file or folder that the system refuses, or that must not be overwritten."""


class EngineError(AbssimError):
    """E5xx: a path that could not go on."""

    exit_code = EXIT_FAILED


class AmountError(EngineError):
    """E501, E502, E507: an expression of the deal that comes to no number, to too much, or to a price below zero."""

    exit_code = EXIT_BAD_INPUT


class SettingsError(EngineError):
    """E503 to E506, E521, E522: what a simulation is asked for cannot be drawn, or not there."""

    exit_code = EXIT_BAD_INPUT


class StoreError(AbssimError):
    """E53x: a folder of results that cannot be used."""


class CheckError(EngineError):
    """E550: a conservation check that failed; the figures must not be used."""

    exit_code = EXIT_CHECK_FAILED


class Notice(UserWarning):
    """What the user should know of and nobody need mend: a warning in Python, a line on standard error in commands."""


def notify(message: str) -> None:
    """Tell the user something, as a `Notice` at the line of their own code that led here."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "abssim":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, Notice, stacklevel=level)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known name, or lists what is known when nothing is close.

    `_pct` is no likeness: `cnl_pct` is not close to `cdr_pct`. A name in another unit is told as such.
    """
    names = sorted(set(known))
    stems = {each.removesuffix("_pct"): each for each in names} | {each: each for each in names}
    close = get_close_matches(name.removesuffix("_pct"), stems, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{stems[close[0]]}"?{_other_unit(name, stems[close[0]])}'
    return f"known: {first_of(names)}" if names else ""


def first_of(names: Sequence[str]) -> str:
    """The names, or the first dozen and how many there are beyond."""
    more = f", and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _other_unit(name: str, meant: str) -> str:
    """Words on the unit of the name that is meant, where the other one says another."""
    said, unit = (_UNITS.get(each[-4:], "") for each in (name, meant))
    if not said or said == unit:
        return ""
    return f" It is in {unit}" if unit else f" It is not in {said}"
