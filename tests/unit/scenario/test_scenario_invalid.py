"""Every error code of scenarios has a case that gives file, line, code and hint."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.population import PoolSimulation
from abssim.errors import ScenarioError
from abssim.scenario.codes import CODES
from abssim.scenario.load import load_scenario
from abssim.tape.schema import make_tape

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "invalid"
FILES = sorted(FOLDER.glob("E3*.yaml"))
LATER = ("E330", "E331", "E332", "E333", "E334", "E335")
"""Codes that only show when the scenario meets a deal, a tape or an index."""


def test_every_code_has_a_case() -> None:
    assert {path.name[:4] for path in FILES} | {"E300"} == set(CODES)


@pytest.mark.parametrize("file", [file for file in FILES if file.stem not in LATER], ids=lambda file: file.stem)
def test_case_is_reported_at_its_line(file: Path) -> None:
    lines = file.read_bytes().decode("utf-8", "replace").splitlines()
    hint = lines[0].removeprefix("# hint:").strip()
    (marked,) = [number for number, line in enumerate(lines, 1) if "# <--" in line]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    problems = caught.value.problems
    assert {problem.code for problem in problems} == {file.name[:4]}, str(caught.value)
    assert problems[0].where == f"{file}:{marked}", str(caught.value)
    assert hint in problems[0].hint
    assert problems[0].message and "[" not in problems[0].message[:1]


def test_missing_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(FOLDER / "E300.yaml")
    assert caught.value.code == "E300"


def test_a_column_the_tape_lacks() -> None:
    scenario = load_scenario(FOLDER / "E330.yaml")
    with pytest.raises(ScenarioError) as caught:
        Collateral(make_tape("USD", [100], remaining_term=3)).project(scenario)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("E330", 'did you mean "grade"?')


def test_an_index_without_rates() -> None:
    scenario = load_scenario(FOLDER / "E331.yaml")
    with pytest.raises(ScenarioError) as caught:
        scenario.index_rates("sofr30", [date(2026, 1, 15)], date(2026, 1, 1))
    (problem,) = caught.value.problems
    assert problem.code == "E331" and "give rates.sofr30.forward_pct" in problem.hint


def test_advances_cannot_be_simulated() -> None:
    scenario = load_scenario(FOLDER / "E332.yaml")
    with pytest.raises(ScenarioError) as caught:
        PoolSimulation(Collateral(make_tape("USD", [100], remaining_term=3)), scenario, 6)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("E332", "leave out advances")


def test_losses_without_a_severity() -> None:
    scenario = load_scenario(FOLDER / "E333.yaml")
    with pytest.raises(ScenarioError) as caught:
        Collateral(make_tape("USD", [100], remaining_term=3)).project(scenario)
    (problem,) = caught.value.problems
    assert problem.code == "E333" and "give a severity" in problem.hint


def test_dates_of_a_column_without_dates() -> None:
    scenario = load_scenario(FOLDER / "E334.yaml")
    with pytest.raises(ScenarioError) as caught:
        Collateral(make_tape("USD", [100], remaining_term=3)).project(scenario)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("E334", "write numbers")


def test_all_problems_at_once(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text("name: many\nassumptions:\n  - prepayment: {cpr_pct: x}\n  - default: {mdr_pct: -1}\nbad: 1\n")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert [problem.code for problem in caught.value.problems] == ["E308", "E310", "E311", "E307"]


def test_an_unknown_name_lists_what_is_near(tmp_path: Path) -> None:
    (tmp_path / "severe.yaml").write_text("name: severe\nreason: x\n")
    with pytest.raises(ScenarioError, match=r'E318.*did you mean "severe"'):
        load_scenario("sevre", tmp_path)


def test_a_text_that_is_too_short_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "nameless.yaml").write_text('name: ""\nreason: None has a name.\n')
    with pytest.raises(ScenarioError, match=r'E309  must be longer text, not ""'):
        load_scenario(tmp_path / "nameless.yaml")
