"""The cache of compiled kernels.

numba does not notice that a function in *another* file changed and would go on running old machine code, so
the cache folder is named after a hash of every file that holds jitted code (and of the numba version).
`ABSSIM_CACHE_DIR` moves it.

The cache is abssim's own: no setting of numba is changed, a user's kernels go where they went before. Its files carry
a checksum. One that is damaged counts as not there, and a folder that cannot be written means compiling every time;
both are told by a `Notice`, and neither keeps anybody from running.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile

from abssim.errors import Notice
from abssim.file import replacing

_PACKAGE = Path(__file__).resolve().parents[2]
_FLOOR = ("annuity.py", "money.py")  # modules of the floor that kernels call
_UNUSED_DAYS = 60
"""After so many days in which nobody used it, the folder of another version is removed."""


def _source_digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    kernels = [*sorted((_PACKAGE / "engine").rglob("*.py")), *sorted((_PACKAGE / "kind").glob("*.py"))]
    for path in [*kernels, *(_PACKAGE / name for name in _FLOOR)]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path:
    """Folder of compiled kernels for exactly these sources."""
    base = os.environ.get("ABSSIM_CACHE_DIR")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "abssim"
    return root / f"kernels-{_source_digest()}-py{sys.version_info.major}{sys.version_info.minor}"


class _Locator:
    """Says where a kernel's files are; what numba asks for a file's freshness is in the folder's name."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._py_file = function.__code__.co_filename
        self._line = function.__code__.co_firstlineno

    def ensure_cache_path(self) -> None:
        """Writing makes the folder, and the first to make it removes those nobody uses any more."""
        if not cache_folder().exists():
            _remove_unused(cache_folder().parent)

    def get_cache_path(self) -> str:
        return str(cache_folder())

    def get_source_stamp(self) -> str:
        return cache_folder().name

    def get_disambiguator(self) -> str:
        return str(self._line)


class _KernelFiles(IndexDataCacheFile):  # type: ignore[misc]
    """numba's index and data files, each with a checksum at its end, data with the key it was compiled for."""

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[BytesIO]:
        content = BytesIO()
        yield content
        with replacing(Path(filepath)) as temporary:
            temporary.write_bytes(content.getvalue() + hashlib.sha256(content.getvalue()).digest())

    def _load_index(self) -> Any:
        try:
            _require_whole(self._index_path)
        except FileNotFoundError:
            return {}
        return super()._load_index()

    def _load_data(self, name: str) -> Any:
        _require_whole(self._data_path(name))
        return super()._load_data(name)

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        """Two processes that compile at once number their files alike: what is not of this key is compiled again."""
        found = super().load(key)
        return found[1] if found is not None and found[0] == key else None


def _require_whole(path: str) -> None:
    data = Path(path).read_bytes()
    if hashlib.sha256(data[:-32]).digest() != data[-32:]:
        raise ValueError("its checksum is wrong")


class _KernelPlace(CompileResultCacheImpl):  # type: ignore[misc]
    """Names of a kernel's files, in abssim's folder whatever numba is set to."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._lineno, self._locator = function.__code__.co_firstlineno, _Locator(function)
        name = f"{function.__module__.removeprefix('abssim.engine.')}.{function.__qualname__}"
        self._filename_base = self.get_filename_base(name, getattr(sys, "abiflags", ""))


class KernelCache(FunctionCache):  # type: ignore[misc]
    """A cache that is never in the way: whatever goes wrong with it, the kernel is compiled."""

    _impl_class = _KernelPlace

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = self._impl.locator.get_source_stamp()
        self._cache_file = _KernelFiles(self._cache_path, self._impl.filename_base, stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            with suppress(OSError):
                Path(self._cache_file._index_path).unlink(missing_ok=True)
            _tell(f"compiled kernels in {self._cache_path} are damaged, and compiled anew")
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except Exception as error:
            reason = getattr(error, "strerror", None) or str(error)
            _tell(f"compiled kernels cannot be kept in {self._cache_path} ({reason}): every run compiles them")


@cache
def _tell(text: str) -> None:
    """Once, however many kernels it is true of."""
    warnings.warn(text, Notice, stacklevel=3)


def _remove_unused(root: Path) -> None:
    """Remove kernels of other versions that no process has begun with for a long time."""
    oldest = time.time() - 86_400 * _UNUSED_DAYS
    for folder in root.glob("kernels-*-py*"):
        with suppress(OSError):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def _mark_used() -> None:
    with suppress(OSError):
        os.utime(cache_folder())


_mark_used()
