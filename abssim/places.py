"""Where deals and scenarios named without a path are looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def places(kind: Literal["deals", "scenarios"]) -> list[Path]:
    """Folders of this kind, nearest first: the current folder's, the checkout's, the copy inside an installed wheel."""
    return [place for place in (Path(kind), _PACKAGE.parent / kind, _PACKAGE / "shipped" / kind) if place.is_dir()]
