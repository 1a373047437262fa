"""Settings that are one of a few words."""

from __future__ import annotations

from typing import Any, get_args

from abssim.errors import AbssimError, Problem, did_you_mean


def require_choice(setting: str, word: str | None, choices: Any) -> None:
    """Refuse a word that is none of `choices`, a Literal; None stands for no word. Codes: E549."""
    known = get_args(choices)
    if word is not None and word not in known:
        raise AbssimError(Problem("E549", setting, "", f'no {setting} "{word}"', did_you_mean(word, known)))
