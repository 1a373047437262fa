"""How kernels are compiled: whatever they call is linked into them as it stands, and optimized once, with them.

numba optimizes each function on its own and emits its machine code, links it into its callers, and does so again at
every level of calls. Parts of kernels are never called by themselves, so for them both are left out.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.codegen import JITCodeLibrary, ll
from numba.core.compiler import Compiler
from numba.core.environment import lookup_environment

_ENVIRONMENT = "_ZN08NumbaEnv"
"""How the names of numba's environments begin: what a function's errors are told with."""


class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]
    """Code as it was translated, to be linked into kernels."""

    def finalize(self) -> None:
        """Nothing is optimized or emitted."""
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """There is no machine code."""
        return 0

    @property
    def codegen(self) -> Any:
        """numba asks it to set an environment, which the kernels do that it is linked into."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """See `codegen`."""


class _SeparateLibrary(_PartLibrary):
    """The same, but not to be inlined."""

    def add_ir_module(self, module: Any) -> None:
        """Mark the functions that are defined."""
        for function in module.functions:
            if not function.is_declaration:
                function.attributes.add("noinline")
        super().add_ir_module(module)


class _KernelLibrary(JITCodeLibrary):  # type: ignore[misc]
    """A kernel with all its parts, and theirs."""

    _linking_libraries: list[Any]

    def finalize(self) -> None:
        """Link each library once, optimize, emit."""
        self._linking_libraries = list(_with_parts(self._linking_libraries))
        super().finalize()

    def _optimize_final_module(self) -> None:
        for function in self._final_module.functions:
            if function.linkage == ll.Linkage.linkonce_odr:
                function.linkage = ll.Linkage.internal  # so that it is inlined where it is called once
        super()._optimize_final_module()

    def _finalize_specific(self) -> None:
        super()._finalize_specific()
        for variable in self._final_module.global_variables:
            environment = lookup_environment(variable.name) if variable.name.startswith(_ENVIRONMENT) else None
            if environment is not None:
                self._codegen.set_env(variable.name, environment)


def _with_parts(libraries: list[Any]) -> dict[Any, None]:
    found: dict[Any, None] = {}
    waiting = list(libraries)
    while waiting:
        library = waiting.pop()
        if library not in found:
            found[library] = None
            waiting += library._linking_libraries if isinstance(library, _PartLibrary) else []
    return found


class Watch:
    """Over the compilation of kernels in this process."""

    def __init__(self) -> None:
        self.begins: Callable[[], None] = lambda: None
        """Called as a kernel that is in no cache begins to be compiled."""
        self.seconds = 0.0
        """How long compiling has taken so far."""
        self._depth = 0

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Compile a kernel, which other kernels may be compiled for.

        Garbage is not collected meanwhile: intermediate code is a million objects, and none of them garbage yet.
        """
        if self._depth:
            yield
            return
        self.begins()
        self._depth, start, collects = 1, time.perf_counter(), gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            self._depth = 0
            self.seconds += time.perf_counter() - start
            if collects:
                gc.enable()


watch = Watch()


class PartCompiler(Compiler):  # type: ignore[misc]
    """For what only kernels call."""

    library = _PartLibrary

    def compile_extra(self, function: Callable[..., Any]) -> Any:
        """Compile a function."""
        self.state.library = self.library(self.state.targetctx.codegen(), function.__qualname__)
        return super().compile_extra(function)


class SeparateCompiler(PartCompiler):
    """For large parts."""

    library = _SeparateLibrary


class KernelCompiler(Compiler):  # type: ignore[misc]
    """For what Python calls."""

    def compile_extra(self, function: Callable[..., Any]) -> Any:
        """Compile a function."""
        self.state.library = _KernelLibrary(self.state.targetctx.codegen(), function.__qualname__)
        self.state.library.enable_object_caching()
        with watch.compiling():
            return super().compile_extra(function)
