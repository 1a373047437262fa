"""The `--chart` option, shared by commands: checked before any work, written after all of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abssim.errors import Problem

if TYPE_CHECKING:
    from abssim.report.chart import Page

Charts = Annotated[
    list[Path] | None,
    typer.Option("--chart", metavar="FILE", help="Draw charts: .png, or .html (one file, offline). May be repeated."),
]


def chart_problems(files: Sequence[Path] | None) -> list[Problem]:
    """Endings nobody writes, libraries that are not installed, places that cannot be written."""
    if not files:
        return []
    from abssim.file import target_problems
    from abssim.report.chart_file import CHART_ENDINGS, chart_library, library_problem

    problems = []
    for file in files:
        if file.suffix.lower() not in CHART_ENDINGS:
            known = f"known: {', '.join(CHART_ENDINGS)}"
            problems.append(Problem("E002", str(file), "--chart", "no such kind of file", known))
        elif missing := library_problem(chart_library(file), str(file), "--chart"):
            problems.append(missing)
        else:
            problems += target_problems(file, "--chart")
    return problems


def draw(files: Sequence[Path], page: Page) -> None:
    """Write the page to every file."""
    from abssim.cli.terminal import tell
    from abssim.report.chart_file import write_charts

    for file in files:
        write_charts(page, file)
        tell(f"wrote {file}")
