"""A deal with values set from outside, checked like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from abssim.deal.deal import Deal
from abssim.deal.load import PREFIX, deal_of
from abssim.document import Document
from abssim.errors import DealError
from abssim.setting import in_words, joined, places_of, with_values

WORD = "deal"
"""Prefix of a path that means the deal."""


def set_deal(deal: Deal, settings: Mapping[str, Any]) -> Deal:
    """The deal with values by path (`notes.A.coupon_pct`) in place of its own.

    Raises AbssimError E551 to E553 for paths, DealError with everything that is wrong with the deal then.

    >>> from abssim import load_deal
    >>> set_deal(load_deal("template"), {"notes.A.coupon_pct": 5.2}).notes["A"].coupon_pct
    5.2
    """
    own = {path.removeprefix(f"{WORD}."): value for path, value in joined(settings, {}).items()}
    document = _document(deal)
    placed = places_of(document.data, Deal, own, "the deal")
    found = deal_of(with_values(document, placed, {place: in_words(place) for place in placed}))
    found._settings = {**deal.settings, **placed}
    return found


def _document(deal: Deal) -> Document:
    """What the deal says: its document, with what copies of it changed; one written in Python as it stands."""
    if deal.document is None:
        return Document(deal.file, deal.model_dump(by_alias=True, exclude_unset=True), {}, DealError, PREFIX)
    changed = deal.model_dump(by_alias=True, exclude_unset=True, include=set(deal._changed))
    return replace(deal.document, data={**deal.document.data, **changed})
