"""Measured figures as one table after the timings.

    python -m pytest tests/benchmark --benchmark-enable

measures at full size; without the option each benchmark runs once, small, as an ordinary test. A benchmark puts its
figures into `benchmark.extra_info`; those that were agreed on name their limit: "limit: name" beside "name".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

FIGURES = pytest.StashKey[list[tuple[str, dict[str, Any]]]]()


@pytest.fixture(autouse=True)
def _figures(request: pytest.FixtureRequest) -> Iterator[None]:
    benchmark = request.getfixturevalue("benchmark") if "benchmark" in request.fixturenames else None
    yield
    if benchmark is not None and benchmark.enabled:
        rows = request.config.stash.setdefault(FIGURES, [])
        rows.append((request.node.name, dict(benchmark.extra_info)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(FIGURES, [])
    if not found:
        return
    terminalreporter.section(f"figures ({os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f})")
    for test, figures in found:
        for name, value in figures.items():
            if not name.startswith("limit: "):
                limit = figures.get(f"limit: {name}")
                bound = "" if limit is None else f"limit {limit:>8,g}"
                shown = f"{value:>14,.4g}" if isinstance(value, float) else f"{value:>14,}"
                terminalreporter.write_line(f"{test[5:]:<44} {name:<46} {shown}  {bound}")
