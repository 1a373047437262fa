"""Deals by name: what the current folder, the checkout or the installed package has in `deals/`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from abssim.deal.deal import Deal
from abssim.deal.load import FILE, PREFIX, deal_of
from abssim.deal.load import load_deal as read_deal
from abssim.document import document_of
from abssim.errors import DealError, Problem, did_you_mean, notify
from abssim.lookup import places


def load_deal(deal: str | Path | Mapping[str, Any]) -> Deal:
    """The deal in a folder, in a file, or of a name in `deals/`; or of a dict with the fields of a document, whose
    files are looked for in the current folder.

    Raises DealError: E001 with the closest name, or every problem of the document.

    >>> load_deal("honda-2009-1").currency
    'USD'
    """
    if isinstance(deal, Mapping):
        return deal_of(document_of(deal, FILE, DealError, PREFIX))
    return read_deal(find_deal(deal))


def find_deal(deal: str | Path) -> Path:
    """The path as given, or the folder of that name in `deals/`; `.` and `..` are no names."""
    given = Path(deal)
    if isinstance(deal, str) and not deal.strip():
        raise DealError(Problem("E001", "DEAL", "", "the name is empty", "name a folder, a file, or a deal in deals/"))
    homes = places("deals") if given.name not in ("", "..") else ()
    paths = [path for path in (given, *(place / given for place in homes)) if path.exists()]
    others = {path.resolve(): path for path in reversed(paths[1:]) if not path.samefile(paths[0])}
    for other in others.values():
        notify(f"deal {deal} is {paths[0].resolve()}; to mean {other}, name it by this path")
    if paths:
        return paths[0]
    raise DealError(Problem("E001", str(deal), "", "no such deal", did_you_mean(given.name, deal_names())))


def deal_names() -> list[str]:
    """Names of the deals wherever deals are looked for.

    >>> "template" in deal_names()
    True
    """
    return sorted({folder.name for place in places("deals") for folder in place.iterdir() if (folder / FILE).exists()})
