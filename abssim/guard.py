"""Text from outside, before it is shown on a terminal or written where a spreadsheet opens it."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 60


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def unguarded(text: str) -> str:
    """The text without the apostrophe of `harmless`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_STARTS) else text


def printable(text: str, instead: str = "", keep: str = "") -> str:
    """Text without letters that cannot be printed, such as those that steer a terminal; those of `keep` stay."""
    return "".join(letter if letter.isprintable() or letter in keep else instead for letter in text)


def in_lines(text: str) -> str:
    """Printable text, in lines as they are."""
    return printable(text, keep="\n")


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The beginning of a text, with a question mark for each letter that cannot be printed."""
    return printable(text[:longest], "?") + ("…" if len(text) > longest else "")
