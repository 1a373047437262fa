"""Moves of an obligor."""

from enum import IntEnum


class Move(IntEnum):
    """Moves of an obligor that a policy can multiply."""

    LEAVE = 0
    """From current to 1-30 days past due, or to default."""
    CURE = 1
    """To fewer missed instalments."""
    PREPAY = 2
