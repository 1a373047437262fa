"""Every code of compiling and running has a case that gives file, line, code and hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.load import load_deal
from abssim.errors import AbssimError, CompileError, EngineError
from abssim.program.codes import CODES
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.scenario.load import parse_scenario
from abssim.scenario.scenario import Scenario

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "invalid"
FILES = sorted([*FOLDER.glob("E4*.yaml"), *FOLDER.glob("E5*.yaml")])
MARK = "# <--"
SIMULATED = {"E503", "E504", "E505", "E506", *(f"E52{n}" for n in range(1, 5)), *(f"E53{n}" for n in range(1, 7))}
"""Sizes, samplings, clusters and folders: `tests/unit/projection` has their cases."""
NOT_OF_RUN = SIMULATED | {"E537", "E538", "E550"}
"""A conservation check that fails (E550) is a fault of abssim itself: `tests/unit/test_check.py` forges results. Tapes
without their pool (E537, E538) are told in `tests/unit/program/test_deal_tape.py`."""


def test_every_code_has_a_case() -> None:
    assert {path.stem[:4] for path in FILES} == set(CODES) - NOT_OF_RUN


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_case_is_reported(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    hint = lines[0].removeprefix("# hint:").strip()
    deal = load_deal(file)
    with pytest.raises(AbssimError) as caught:
        compiled = compile_deal(deal)
        written = deal.document.part("scenario") if isinstance(deal.scenario, dict) and deal.document else None
        run(compiled, parse_scenario(written) if written else Scenario(name="quiet", reason="a case"))
    (problem,) = caught.value.problems
    assert problem.code == file.stem[:4]
    assert hint in problem.hint
    assert isinstance(caught.value, CompileError if problem.code < "E5" else EngineError)
    assert caught.value.exit_code == 2
    marked = [f"{file}:{number}" for number, line in enumerate(lines, 1) if MARK in line]
    if marked:
        assert problem.where == marked[0]
    else:
        assert str(file) in problem.where or deal.name in problem.where
