"""Where `--chart` goes, by its ending."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from abssim.errors import Problem
from abssim.file import replacing
from abssim.report.chart import Page
from abssim.report.chart_html import write_html
from abssim.report.chart_png import write_png

_WRITERS = {".png": (write_png, "matplotlib"), ".html": (write_html, "plotly")}
CHART_ENDINGS = tuple(_WRITERS)


def chart_library(path: Path) -> str:
    """The library that draws a file of this kind."""
    return _WRITERS[path.suffix.lower()][1]


def library_problem(library: str, where: str, path: str = "") -> Problem | None:
    """What is wrong where a drawing library is not installed, and how to install it for this Python."""
    if find_spec(library) is not None:
        return None
    hint = f"install it: {sys.executable} -m pip install {library}"
    return Problem("E020", where, path, f"needs {library}, which is not installed", hint)


def write_charts(page: Page, path: Path) -> None:
    """A picture (.png) or a page for the browser (.html)."""
    with replacing(path) as temporary:
        _WRITERS[path.suffix.lower()][0](page, temporary)
