"""What every writer of files needs: files that are whole or not there, and text that no spreadsheet executes."""

from __future__ import annotations

from abssim.file import replacing

__all__ = ["FORMULA_STARTS", "harmless", "replacing"]

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
