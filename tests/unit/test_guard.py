"""Text from outside."""

from __future__ import annotations

import pytest

from abssim.guard import harmless, in_lines, printable, shortened, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_text_is_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f" {text}") == f" {text}" and harmless("plain") == "plain" and harmless("") == ""
    assert unguarded(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "'", "'plain", "plain"])
def test_an_apostrophe_of_its_own_stays(text: str) -> None:
    assert unguarded(text) == text


def test_what_steers_a_terminal_is_not_printed() -> None:
    assert printable("a\nb\x1b[0m", " ") == "a b [0m"
    assert in_lines("a\nb\x1b[0m\x07") == "a\nb[0m"
    assert shortened("\x07" + "x" * 60) == "?" + "x" * 59 + "…"
