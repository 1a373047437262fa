"""Where `--chart` goes, by its ending."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from abssim.file import replacing
from abssim.report.chart import Page
from abssim.report.chart_html import write_html
from abssim.report.chart_png import write_png

_WRITERS = {".png": (write_png, "matplotlib"), ".html": (write_html, "plotly")}
CHART_ENDINGS = tuple(_WRITERS)


def missing_library(path: Path) -> str | None:
    """The library that a file of this kind needs and that is not installed."""
    library = _WRITERS[path.suffix.lower()][1]
    return library if find_spec(library) is None else None


def write_charts(page: Page, path: Path) -> None:
    """A picture (.png) or a page for the browser (.html)."""
    with replacing(path) as temporary:
        _WRITERS[path.suffix.lower()][0](page, temporary)
