"""How far a simulation has got: a bar on a terminal, and what to say when it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """Counts the paths, or whatever it is `of`, that are done."""

    def __init__(self, what: str = "paths") -> None:
        self.done = 0
        self._what = what
        self._total: Callable[[int], None] = lambda total: None
        self._show: Callable[[int], None] = lambda done: None

    def __call__(self, done: int) -> None:
        """So many paths are done."""
        self.done = done
        self._show(done)

    def of(self, done: int, total: int) -> None:
        """So many of a number that is only known now are done."""
        self._total(total)
        self(done)

    @contextmanager
    def bar(self, paths: int | None) -> Iterator[None]:
        """A bar with rate and time left on standard error, on a terminal only."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar
        from rich.text import Text

        class Rate(ProgressColumn):
            def render(self, task: Task) -> Text:
                return Text("" if task.speed is None else f"{task.speed:,.0f}/s")

        columns = (TextColumn(self._what), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self._what, total=paths)
            self._total = lambda total: bar.update(task, total=total)
            self._show = lambda done: bar.update(task, completed=done)
            yield


def peak_memory() -> str:
    """Largest memory of this process so far."""
    try:
        import resource
    except ImportError:
        return "not known on this system"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak / (2**20 if sys.platform == 'darwin' else 2**10):,.0f} MB"
