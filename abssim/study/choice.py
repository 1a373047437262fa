"""Settings of functions: one of a few words, a multiple, a whole number."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from numbers import Integral
from pathlib import Path
from typing import Any, get_args

from abssim.bound import MOST_SEED
from abssim.errors import AbssimError, Problem, did_you_mean
from abssim.scenario.curve import MAX_MULTIPLE


def require_choice(setting: str, word: Any, choices: Any) -> None:
    """Refuse what is none of the words of `choices`, a Literal. Codes: E549."""
    known = get_args(choices)
    if word not in known:
        hint = did_you_mean(word, known) if isinstance(word, str) else f"known: {', '.join(known)}"
        raise AbssimError(Problem("E549", setting, "", f'no {setting} "{word}"', hint))


def require_some(given: Sized, what: str) -> None:
    """Refuse an empty list. Codes: E540."""
    if len(given) == 0:
        raise AbssimError(Problem("E540", what, "", f"there are no {what}", "give one or more"))


def require_ending(path: Path, known: Iterable[str]) -> None:
    """Refuse a file whose ending no writer knows. Codes: E002."""
    if path.suffix.lower() not in known or not path.name:
        endings = ", ".join(ending or "a folder" for ending in known)
        raise AbssimError(Problem("E002", str(path), "", "no such kind of file", f"known: {endings}"))


def require_multiple(setting: str, value: Any) -> None:
    """Refuse a multiple below nothing, without bound, or that is no number. Codes: E549."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= MAX_MULTIPLE:
        text = f"{setting} is a number from 0 to {MAX_MULTIPLE:g}, not {value!r}"
        raise AbssimError(Problem("E549", setting, "", text, "1 leaves the scenario as it is"))


def require_whole(setting: str, value: Any, most: int = MOST_SEED) -> None:
    """Refuse what is no whole number from 0 to `most`. Codes: E549."""
    if isinstance(value, bool) or not isinstance(value, Integral) or not 0 <= int(value) <= most:
        bound = "2^63 - 1" if most == MOST_SEED else f"{most:,}"
        text = f"{setting} is a whole number from 0 to {bound}, not {value!r}"
        raise AbssimError(Problem("E549", setting, "", text, "write a number such as 7, without sign or fraction"))
