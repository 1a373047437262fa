"""Words that go with figures."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """A number of things: `1 loan`, `12,345 loans`; `plural` where an s is not enough."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
