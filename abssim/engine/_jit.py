"""The only place that imports numba: one decorator for kernels, and the cache they live in.

numba does not notice that a function in *another* file changed and would go on running old machine code, so
the cache folder is named after a hash of every file that holds jitted code (and of the numba version).
`ABSSIM_CACHE_DIR` moves it; `NUMBA_DISABLE_JIT=1` runs the kernels as plain Python.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

_PACKAGE = Path(__file__).resolve().parent.parent
_FLOOR = ("money.py",)  # modules of the floor that kernels call


def _source_digest() -> str:
    digest = hashlib.sha256()
    for path in [*sorted((_PACKAGE / "engine").glob("*.py")), *(_PACKAGE / name for name in _FLOOR)]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of compiled kernels for exactly these sources."""
    base = os.environ.get("ABSSIM_CACHE_DIR")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "abssim"
    return root / f"kernels-{_source_digest()}-py{sys.version_info.major}{sys.version_info.minor}"


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]

F = TypeVar("F", bound=Callable[..., Any])


def is_cold(name: str = "") -> bool:
    """True while no kernel whose name begins so is in the cache folder, as on the first run on this machine."""
    return not numba.config.DISABLE_JIT and not any(cache_folder().rglob(f"{name}*.nbi"))


def kernel(function: F) -> F:
    """Compile `function` on first call, cache the machine code, release the GIL; division by zero follows IEEE.

    A name that begins with `_` is called by kernels only, and gets no wrapper to be called from Python, nor does any
    kernel from C: wrappers that unpack a whole program are a third of the time it takes to compile.
    """
    return _compile(function, counted=True)


def borrowing(function: F) -> F:
    """Like `kernel`, for a function that allocates no array and returns none: it counts no references.

    A deal's tables are some forty arrays; counting them in and out of every call costs several times the arithmetic.
    The caller holds them all the while.
    """
    return _compile(function, counted=False)


def inlined(function: F) -> F:
    """Like `borrowing`, and merged into every caller: handing a deal's tables over costs more than a step's arithmetic.

    Worth it for the deal layer alone, which calls small functions with all the tables some hundred times a date.
    """
    return _compile(function, counted=False, merged=True)


def _compile(function: F, counted: bool, merged: bool = False) -> F:
    inner = function.__name__.startswith("_")
    options = {"no_cpython_wrapper": inner, "no_cfunc_wrapper": True, "_nrt": counted, "forceinline": merged}
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    return compiled
