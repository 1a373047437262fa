"""Arrow arrays as numpy, from their buffers: Arrow's own conversion imports pandas, half a second at start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Mask = npt.NDArray[np.bool_]


def valid(array: pa.Array) -> Mask:
    """(L,) True where there is a value."""
    bitmap = array.buffers()[0]
    return np.ones(len(array), dtype=bool) if bitmap is None else _bits(bitmap, array.offset, len(array))


def plain(array: pa.Array, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """(L,) values of a fixed-width array whose Arrow type is `dtype`; what stands at nulls means nothing."""
    data = array.buffers()[1]
    if data is None or len(array) == 0:
        return np.zeros(len(array), dtype=dtype)
    return np.frombuffer(data, dtype=dtype)[array.offset : array.offset + len(array)]


def _bits(bitmap: pa.Buffer, offset: int, length: int) -> Mask:
    octets = np.frombuffer(bitmap, dtype=np.uint8)[offset // 8 : -(-(offset + length) // 8)]
    bits = np.unpackbits(octets, bitorder="little")[offset % 8 : offset % 8 + length]
    return bits.astype(bool)


def doubles(array: pa.Array) -> npt.NDArray[np.float64]:
    """(L,) values of a float64 array, NaN at nulls."""
    present = valid(array)
    values = plain(array, np.float64)
    return values if present.all() else np.where(present, values, np.nan)


def codes_of(array: pa.DictionaryArray) -> npt.NDArray[np.int32]:
    """(L,) codes of a dictionary array, -1 at nulls."""
    indices = array.indices
    return np.where(valid(indices), plain(indices, np.int32), -1).astype(np.int32)
