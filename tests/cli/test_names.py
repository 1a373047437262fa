"""Nothing that is printed has the name of something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from abssim.deal.load import load_deal
from abssim.errors import AbssimError, Notice
from abssim.lookup import look
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.study.deals import find_deal
from abssim.study.scenarios import choose_scenarios
from abssim.table.number import apart
from tests.command import abssim

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def template() -> CompiledDeal:
    """Its own scenario is called `base`; `scenarios/` has another of this name."""
    return compile_deal(load_deal(ROOT / "deals" / "template"))


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def cpr(compiled: CompiledDeal, *names: str) -> dict[str, str]:
    """Prepayment speed by name of scenario, which tells the two bases apart."""
    found = choose_scenarios(compiled, names)
    return {each.name: str(each.assumptions[0].prepayment) for each in found}


def test_the_deals_own_scenario_comes_first(template: CompiledDeal) -> None:
    own = choose_scenarios(template)[0]
    told = "scenario base is the deal's own; to mean scenarios/base.yaml, name it by this path"
    with pytest.warns(Notice, match=told):
        assert choose_scenarios(template, ["base"]) == choose_scenarios(template, ["deal"]) == [own]
    assert own.reason == "Moderate losses and prepayments."


def test_a_file_of_the_same_name_stands_beside_it_under_another(template: CompiledDeal) -> None:
    found = choose_scenarios(template, ["deal", "scenarios/base.yaml", "stress"])
    assert [each.name for each in found] == ["base", "base (scenarios/base.yaml)", "stress"]
    assert found[0].reason != found[1].reason


@pytest.mark.parametrize("names", [("deal", "base"), ("stress", "stress"), ("scenarios/base.yaml",) * 2])
def test_the_same_scenario_twice_is_refused(template: CompiledDeal, names: tuple[str, ...]) -> None:
    with pytest.raises(AbssimError) as caught:
        choose_scenarios(template, names)
    assert caught.value.code == "E010"


def test_names_that_look_alike_are_told_apart(template: CompiledDeal, tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text("name: 'BASE '\nreason: looks like base\n")
    found = choose_scenarios(template, ["base", str(path)])
    assert found[1].name == f"BASE  ({path})"
    assert look("ＢＡＳＥ\u200b ") == look("base")


def test_a_hidden_deal_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    (tmp_path / "template").mkdir()
    (tmp_path / "template" / "deal.yaml").write_text("name: Mine\n")
    monkeypatch.chdir(tmp_path)
    with pytest.warns(Notice, match="to mean"):
        assert find_deal("template") == Path("template")
    assert find_deal("honda-2009-1").name == "honda-2009-1"
    assert not recwarn


def test_speeds_that_differ_by_little_have_different_headings() -> None:
    assert apart([0.5, 1.0, 1.3], 2) == ["0.50", "1.00", "1.30"]
    assert apart([0.501, 0.502, 1.0], 2) == ["0.501", "0.502", "1.000"]


@pytest.mark.parametrize("here", [".", ".."])
def test_the_folder_one_stands_in_hides_no_deal(
    here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    (tmp_path / "within").mkdir()
    monkeypatch.chdir(tmp_path / "within")
    assert find_deal(here) == Path(here)
    assert not recwarn


def test_an_empty_name_and_what_is_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("", "  "):
        assert "DEAL  E001  the name is empty" in abssim("run", name).err
        assert "-s  E318  the name is empty" in abssim("run", "template", "-s", name).err
    os.mkfifo("ff")
    Path("text").write_text("name: x")
    Path("folder").mkdir()
    for name, kind in {"ff": "a pipe or a device", "text": "a file of another ending", "folder": "a folder"}.items():
        answer = abssim("run", "template", "-s", name)
        assert answer.code == 2
        assert answer.err == f"{name}  E318  is {kind}, not a scenario; name a .yaml or .yml file\n"
