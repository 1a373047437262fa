"""64-bit keys of ids: what random numbers are keyed by, so the same id draws the same on every machine.

A whole number below 2^64 written without leading zeros is its own key (so a key written out is read back as itself);
every other text is hashed (splitmix64 over its 8-byte words, Steele et al. 2014, doi:10.1145/2660193.2660195) with
the top bit set, apart from all numbers below 2^63.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UInt64 = npt.NDArray[np.uint64]

TEXT = np.uint64(1 << 63)
"""Keys from here on may be hashes of texts; below, a key is the id."""
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_LARGEST = b"18446744073709551615"


def mix(words: UInt64) -> UInt64:
    """The splitmix64 finalizer: (L,) -> (L,), a bijection that spreads every bit."""
    mixed = words + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    result: UInt64 = mixed ^ (mixed >> np.uint64(31))
    return result


def text_keys(texts: npt.NDArray[np.bytes_]) -> UInt64:
    """(L,) keys of UTF-8 texts (`S` array); independent of the width the array is padded to."""
    if texts.size == 0:
        return np.zeros(0, dtype=np.uint64)
    width = -(-texts.dtype.itemsize // 8) * 8
    padded = np.ascontiguousarray(texts.astype(f"S{width}"))
    keys = _hashed(padded.view("<u8").reshape(texts.size, -1))
    whole = _whole_numbers(texts)
    keys[whole] = _decimal(texts[whole])
    return keys


def _hashed(words: UInt64) -> UInt64:
    keys = np.zeros(words.shape[0], dtype=np.uint64)
    for place in range(words.shape[1]):
        word = words[:, place]
        keys = np.where(word != 0, mix(keys ^ word), keys)
    return keys | TEXT


def _decimal(texts: npt.NDArray[np.bytes_]) -> UInt64:
    octets = np.ascontiguousarray(texts).view(np.uint8).reshape(texts.size, texts.dtype.itemsize)
    values = np.zeros(texts.size, dtype=np.uint64)
    for place in range(octets.shape[1]):
        digit = octets[:, place].astype(np.uint64)
        values = np.where(digit != 0, values * np.uint64(10) + digit - np.uint64(ord("0")), values)
    return values


def _whole_numbers(texts: npt.NDArray[np.bytes_]) -> npt.NDArray[np.bool_]:
    """True for canonical decimal texts below 2^64: `7`, `0`, not `07`, `-7` or the empty text."""
    octets = np.ascontiguousarray(texts).view(np.uint8).reshape(texts.size, texts.dtype.itemsize)
    allowed = ((octets >= ord("0")) & (octets <= ord("9"))) | (octets == 0)
    lengths = (octets != 0).sum(axis=1)
    leading_zero = (octets[:, 0] == ord("0")) & (lengths > 1)
    fits = (lengths < len(_LARGEST)) | ((lengths == len(_LARGEST)) & (texts <= _LARGEST))
    result: npt.NDArray[np.bool_] = allowed.all(axis=1) & (lengths > 0) & fits & ~leading_zero
    return result


def lone_keys(loan_keys: UInt64) -> UInt64:
    """Obligor keys of loans that name no obligor in a file where others do: apart from every key an id can have."""
    return mix(loan_keys ^ _SECOND) | TEXT
