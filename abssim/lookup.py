"""Where deals and scenarios named without a path are looked up, and when two names look the same."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

from abssim.guard import printable

_PACKAGE = Path(__file__).resolve().parent


def places(kind: Literal["deals", "scenarios"]) -> list[Path]:
    """Folders of this kind, nearest first: the current folder's, the checkout's, the copy inside an installed wheel."""
    return [place for place in (Path(kind), _PACKAGE.parent / kind, _PACKAGE / "shipped" / kind) if place.is_dir()]


def look(name: str) -> str:
    """A name as readers, spreadsheets and file systems see it: two of one look cannot be told apart."""
    seen = printable(unicodedata.normalize("NFKC", name))
    return " ".join(seen.casefold().split())
