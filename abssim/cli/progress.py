"""How far a simulation has got: a bar on a terminal, and what to say when it is stopped."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """Counts the paths that are done, and passes the count on."""

    def __init__(self, show: Callable[[int], None]) -> None:
        self.done = 0
        self._show = show

    def __call__(self, done: int) -> None:
        """So many paths are done."""
        self.done = done
        self._show(done)


@contextmanager
def progress_bar(paths: int) -> Iterator[Progress]:
    """A bar with rate and time left on standard error, on a terminal only."""
    if not sys.stderr.isatty():
        yield Progress(lambda done: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("paths"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.speed:,.0f}/s", table_column=None),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("paths", total=paths)
        yield Progress(lambda done: bar.update(task, completed=done))


def peak_memory() -> str:
    """Largest memory of this process so far."""
    try:
        import resource
    except ImportError:
        return "not known on this system"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak / (2**20 if sys.platform == 'darwin' else 2**10):,.0f} MB"
