"""How hints tell the user to say something of a file: on the command line, or in the deal."""

from __future__ import annotations


def say(setting: str) -> str:
    """`encoding=gbk` as both places spell it."""
    return f"say --read {setting} (in a deal: under tape:)"
