"""The only place that imports numba: decorators for kernels (here), how they are compiled, and the cache they live in.

`NUMBA_DISABLE_JIT=1` runs all kernels as plain Python.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numba

from abssim.engine._jit.cache import KernelCache
from abssim.engine._jit.compiler import KernelCompiler, PartCompiler, SeparateCompiler

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile `function` on first call, cache the machine code, release the GIL; division by zero follows IEEE."""
    return _compile(function, counted=True)


def borrowing(function: F) -> F:
    """A part of the kernels that call it, and compiled with them. It allocates no array, and counts no references.

    A deal's tables are some forty arrays; counting them in and out of every call costs several times the arithmetic.
    The caller holds them all the while. Optimizing a part on its own, and once more with all that calls it, is most of
    the time it takes to compile. Called from Python it is compiled once more, as a kernel.
    """
    return _part(function, PartCompiler)


def separate(function: F) -> F:
    """Like `borrowing`, for a large part that runs for long: it stays a function of its own in the machine code.

    Optimizing takes more than twice the time for twice the code; the call, with all that it hands over, takes 20 ns.
    """
    return _part(function, SeparateCompiler)


def _part(function: F, compiler: type[PartCompiler]) -> F:
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False, "pipeline_class": compiler}
    compiled: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if not numba.config.DISABLE_JIT:
        on_its_own = functools.cache(lambda: _compile(function, counted=False))
        compiled.add_overload = lambda found: compiled.overloads.update({tuple(found.signature.args): found})
        compiled._compile_for_args = lambda *arguments, **named: on_its_own()  # asked for what Python's call should run
    return compiled  # type: ignore[no-any-return]


def _compile(function: F, counted: bool) -> F:
    options = {"no_cfunc_wrapper": True, "_nrt": counted, "pipeline_class": KernelCompiler}
    compiled: F = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if not numba.config.DISABLE_JIT:
        compiled._cache = KernelCache(function)  # type: ignore[attr-defined]  # as numba's enable_caching does
    return compiled
