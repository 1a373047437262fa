"""Measured figures as one table after the timings.

    python -m pytest tests/benchmark --benchmark-enable

measures at full size; without the option each benchmark runs once, small, as an ordinary test that judges no time. A
benchmark puts its figures into `benchmark.extra_info`; what was agreed on stands beside it as "limit: name" (at most)
or "least: name" (at least) and holds where it is measured. Limits are ratios within one run, or bytes: seconds are of
one machine only.
"""

from __future__ import annotations

import math
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
        figures = dict(benchmark.extra_info)
        rows.append((request.node.name, figures))
        assert not (broken := beyond(figures)), broken


def beyond(figures: dict[str, Any]) -> list[str]:
    """Figures that pass their limit, in words."""
    most = {name: figures.get(f"limit: {name}", math.inf) for name in figures}
    least = {name: figures.get(f"least: {name}", -math.inf) for name in figures}
    pairs = [(name, value) for name, value in figures.items() if not name.startswith(("limit: ", "least: "))]
    return [f"{name}: {value:,.4g}" for name, value in pairs if not least[name] <= value <= most[name]]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(FIGURES, [])
    if not found:
        return
    terminalreporter.section(f"figures ({os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f})")
    for test, figures in found:
        for name, value in figures.items():
            if not name.startswith(("limit: ", "least: ")):
                bounds = {word: figures.get(f"{word}: {name}") for word in ("limit", "least")}
                bound = "".join(f"{word} {value:>8,g}" for word, value in bounds.items() if value is not None)
                shown = f"{value:>14,.4g}" if isinstance(value, float) else f"{value:>14,}"
                terminalreporter.write_line(f"{test[5:]:<44} {name:<46} {shown}  {bound}")
