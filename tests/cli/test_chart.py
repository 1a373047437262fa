"""`--chart` of `abssim run` and `abssim simulate`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Call = Callable[..., subprocess.CompletedProcess[str]]

DEAL = Path(__file__).parent / "cards"
COMMANDS = {"run": ("run", str(DEAL)), "simulate": ("simulate", str(DEAL), "--paths", "40", "--seed", "4")}


@pytest.mark.parametrize("command", COMMANDS)
def test_pictures_and_pages(command: str, abssim: Call, tmp_path: Path) -> None:
    png, html = tmp_path / "charts.png", tmp_path / "charts.html"
    answer = abssim(*COMMANDS[command], "--chart", png, "--chart", html)
    assert answer.returncode == 0, answer.stderr
    assert png.read_bytes().startswith(b"\x89PNG")
    assert "Cards 2024-1" in html.read_text(encoding="utf-8")
    assert f"wrote {png}" in answer.stderr
    assert f"wrote {html}" in answer.stderr
    assert "Warning" not in answer.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_other_files_are_refused_before_any_work(command: str, abssim: Call) -> None:
    answer = abssim(*COMMANDS[command], "--chart", "charts.pdf", "--out", "paths.docx")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.count("E002") == 2
    assert "known: .png, .html" in answer.stderr


@pytest.mark.parametrize("library", ["matplotlib", "plotly"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_library_is_named_before_any_work(
    command: str, library: str, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / ("charts.png" if library == "matplotlib" else "charts.html")
    arguments = ["abssim", *COMMANDS[command], "--chart", str(file)]
    code = (
        f"import sys; sys.modules[{library!r}] = None; sys.argv = {arguments!r}; import abssim.cli.main as m; m.main()"
    )
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "E020" in answer.stderr
    hint = f"install it: {sys.executable} -m pip install {library}"
    assert f"needs {library}, which is not installed; {hint}" in answer.stderr
    assert not file.exists()


@pytest.mark.parametrize("module", ["matplotlib", "plotly"])
def test_without_charts_no_drawing_library_is_loaded(module: str, environment: dict[str, str]) -> None:
    code = f"import sys, abssim.cli.main as m; sys.argv = ['abssim', 'run', {str(DEAL)!r}, '--json']\n"
    code += f"try:\n    m.main()\nexcept SystemExit:\n    pass\nsys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True).returncode == 0
