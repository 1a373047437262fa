"""Frailty, ring fraud and contagion as a document: overriding and impossible values."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.errors import ScenarioError
from abssim.scenario.dependence import Frailty
from abssim.scenario.load import load_scenario

TIES = """\
frailty: {by: merchant, variance: 0.5}
fraud: {by: merchant, probability_pct: 0.1}
contagion: {by: region, strength: 20, months: 3, cap: 5}
"""


def test_a_scenario_replaces_what_it_gives(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(f"name: one\nreason: t\n{TIES}")
    (tmp_path / "two.yaml").write_text(
        "name: two\nreason: t\nbase: one\nfrailty: {by: region, variance: 2}\nfraud: null\n"
    )
    one, two = load_scenario("one", tmp_path), load_scenario("two", tmp_path)
    assert one.frailty == Frailty(by="merchant", variance=0.5) and one.fraud is not None
    assert two.frailty == Frailty(by="region", variance=2.0) and two.fraud is None
    assert two.contagion == one.contagion is not None


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("variance: 0.5", "variance: -1", 3),
        ("by: merchant, variance", "variance", 3),
        ("0.1", "101", 4),
        ("strength: 20", "strength: -1", 5),
        ("months: 3", "months: 0", 5),
        ("cap: 5", "cap: 0.9", 5),
        (", cap: 5", "", 5),
        ("cap: 5", "cap: .inf", 5),
    ],
)
def test_impossible_values(old: str, new: str, line: int, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(f"name: f\nreason: f\n{TIES.replace(old, new, 1)}")
    with pytest.raises(ScenarioError, match=rf"f\.yaml:{line}"):
        load_scenario(file)
