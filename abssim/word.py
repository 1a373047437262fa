"""Words that go with figures."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """`1 loan`, `12,345 loans`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
