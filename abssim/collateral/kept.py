"""What costs time to make and is asked for again: kept, the latest few of each kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

Cache = dict[K, tuple[T]]
"""What is kept, by what it was made of."""


def kept(cache: Cache[K, T], key: K, make: Callable[[], T], most: int) -> T:
    """The value of a cache, made if it is not there; `most` are kept. Safe to call from several threads."""
    found = cache.get(key)
    if found is None:
        found = cache[key] = (make(),)
        for old in list(cache)[:-most]:
            cache.pop(old, None)
    return found[0]
