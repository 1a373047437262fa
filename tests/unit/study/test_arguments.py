"""Public functions, each parameter given what it cannot take: only the project's own words come out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import abssim
from abssim.deal.deal import Deal
from abssim.errors import AbssimError
from abssim.scenario.scenario import Scenario

DISCLOSED = Path(__file__).resolve().parents[2] / "cases" / "disclosure"
FUNCTIONS = sorted(name for name in abssim.HOMES if inspect.isfunction(getattr(abssim, name)))
WRONG = (None, -1, "no such", [], {"a": 1}, [None], float("nan"), object(), Path("/no/such"))


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[tuple[Any, ...], dict[str, Any]]]:
    """Arguments that each function takes."""
    folder = tmp_path_factory.mktemp("written")
    run, study = abssim.run("template"), abssim.study_deal("template")
    sim, tape = abssim.simulate("template", "factor", paths=4, seed=1), abssim.synthesize("auto", loans=9, seed=1)
    abssim.write_tape(tape, folder / "read.csv")
    reading = abssim.read_tape(folder / "read.csv")
    deal, base, options = abssim.load_deal("template"), abssim.load_scenario("base"), {"scenario": "factor", "seed": 1}
    functions: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
        "as_html": ((run,), {}),
        "base_scenario": ((deal,), {}),
        "break_even": ((lambda multiple: run, ["A"]), {}),
        "check_tape": ((reading,), {}),
        "compare": (([sim, sim],), {}),
        "compile_deal": (("template",), {}),
        "deal_names": ((), {}),
        "decrement": (("template", "abs:1"), {"notes": ["A"]}),
        "disclose": ((DISCLOSED, "eu-annex6", folder / "report"), {}),
        "load_deal": (("template",), {}),
        "load_scenario": (("base",), {}),
        "new": ((folder / "new",), {}),
        "price": (("template",), {"asked": {"price": [100]}, "notes": ["A"]}),
        "quotes_at": ((run, "A", {"price": [100.0]}), {}),
        "read_tape": ((folder / "read.csv",), {}),
        "replay": (("template",), {**options, "path": 0, "vintage_loans": 9}),
        "run": (("template",), {"scenario": "base"}),
        "scenario_names": ((), {}),
        "set_deal": ((deal, {"notes.A.coupon_pct": 5.2}), {}),
        "set_scenario": ((base, {"default_multiple": 2}), {}),
        "simulate": (("template",), {**options, "paths": 4, "vintage_loans": 9}),
        "simulate_grid": (("template", ["factor"]), {"paths": 4, "settings": abssim.Settings(1)}),
        "solve": (("template", "default_multiple", "loss.B > 1"), {}),
        "stratify": ((tape, "balance"), {}),
        "study_deal": (("template",), {}),
        "sweep": (("template", {"default_multiple": [1, 2]}), {"measures": ["loss"]}),
        "synthesize": (("auto",), {"loans": 9, "seed": 1}),
        "term_sheet": ((run, run), {}),
        "withstand": (("template",), {"corners": False}),
        "write_paths": (([sim], str(folder / "paths.csv")), {}),
        "write_runs": (([study], str(folder / "runs.csv")), {}),
        "write_tape": ((tape, str(folder / "tape.csv")), {}),
    }
    for name in ("note_frame", "note_measures", "plot", "pool_frame", "pool_measure", "trigger_frame"):
        functions[name] = ((run,), {})
    functions["trigger_measures"] = ((run,), {})
    for name in ("note_distributions", "pool_distribution", "trigger_distributions"):
        functions[name] = ((sim,), {})
    return functions


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_wrong_arguments_are_refused_in_words(
    name: str, given: dict[str, tuple[tuple[Any, ...], Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a function takes it may take; whatever it does not is an error with a code, or names what has no table."""
    monkeypatch.chdir(tmp_path)  # a name that is none of something to read may be one of something to write
    function: Callable[..., Any] = getattr(abssim, name)
    values, named = given[name]
    first = inspect.signature(function).bind(*values, **named).arguments
    for place in [each for each in inspect.signature(function).parameters if each != "how"]:
        for wrong in WRONG:
            if (name, place) in NEVER_RUN and wrong not in ("no such", None):
                continue
            arguments = {**first, place: wrong}
            try:
                call(function, arguments)
            except AbssimError as error:
                assert all(problem.message and problem.code for problem in error.problems)
            except TypeError as error:
                assert name == "as_html" and str(error).startswith("no table shows a ")


NEVER_RUN = {("simulate", "cluster")}
"""An address that could be one is asked for seconds."""


def call(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    positional, named = [], {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in arguments and parameter.kind is parameter.VAR_POSITIONAL:
            positional += arguments[name] if isinstance(arguments[name], tuple) else [arguments[name]]
        elif name in arguments and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            positional.append(arguments[name])
        elif name in arguments:
            named[name] = arguments[name]
        elif parameter.default is not parameter.empty and parameter.kind is not parameter.KEYWORD_ONLY:
            positional.append(parameter.default)
    return function(*positional, **named)


def test_all_that_is_wrong_is_told_by_name_at_once() -> None:
    with pytest.raises(AbssimError) as caught:
        abssim.price(7, asked={"price": ["par"]}, notes="A", settlement="31.1.2026")
    problems = caught.value.problems
    assert [problem.path for problem in problems] == ["deal", "asked", "notes", "settlement"]
    assert [problem.code for problem in problems] == ["E539", "E549", "E539", "E539"]
    assert {problem.where for problem in problems} == {"price()"}
    assert problems[3].message == "settlement is a date or None, not '31.1.2026'"


def test_dates_may_be_text(tmp_path: Path) -> None:
    file = tmp_path / "tape.csv"
    file.write_text("balance,rate,remaining_term,origination_date\n100,0.05,12,2025-01-15\n")
    for cut_off in ("2026-01-01", date(2026, 1, 1), datetime(2026, 1, 1, 9)):
        assert abssim.read_tape(file, cut_off=cut_off).tape.age.tolist() == [12]
    run = abssim.run("template")
    asked = {"price": [100.0]}
    assert abssim.quotes_at(run, "A", asked, settlement="2026-03-20") == abssim.quotes_at(
        run, "A", asked, settlement=date(2026, 3, 20)
    )


def test_documents_may_be_dicts() -> None:
    """Read as their text would be: dates, numbers of numpy, what is wrong with its place."""
    stress = {"name": "mine", "reason": "A dict.", "assumptions": [{"default": {"cdr_pct": np.float64(6)}}]}
    written = Scenario.model_validate({**stress, "assumptions": [{"default": {"cdr_pct": 6.0}}]})
    one, two = (abssim.run("template", each) for each in (stress, written))
    assert np.array_equal(one.trace, two.trace) and one.scenario_name == "mine"
    deal = abssim.load_deal("template")
    assert deal.document is not None
    assert isinstance(abssim.load_deal(deal.document.data), Deal)
    assert np.array_equal(abssim.run(deal.document.data, "stress").trace, abssim.run("template", "stress").trace)
    with pytest.raises(AbssimError) as caught:
        abssim.run("template", {**stress, "speed": 7})
    assert "speed" in str(caught.value) and caught.value.code.startswith("E3")
    both = abssim.simulate_grid("template", ["base", stress], paths=4, settings=abssim.Settings(1))
    assert [sim.scenario_name for sim in both] == ["base", "mine"]


def test_empty_lists_and_unknown_endings(tmp_path: Path) -> None:
    study = abssim.study_deal("template")
    for call_ in (lambda: abssim.compare([]), lambda: abssim.write_runs([], tmp_path / "x.csv"),
                  lambda: abssim.write_paths([], tmp_path / "x.csv")):  # fmt: skip
        with pytest.raises(AbssimError, match="E540  there are no "):
            call_()
    with pytest.raises(AbssimError, match="E002"):
        abssim.write_runs([study], str(tmp_path / "x.pdf"))
    abssim.write_runs([study], str(tmp_path / "x.csv"))
    assert (tmp_path / "x.csv").exists()


def test_what_is_compared_is_of_the_same_paths() -> None:
    seven, eight = (abssim.simulate("template", "factor", paths=4, seed=seed) for seed in (7, 8))
    more = abssim.simulate("template", "factor", paths=5, seed=7)
    with pytest.raises(AbssimError) as caught:
        abssim.compare([seven, eight, more])
    assert [(each.code, each.path) for each in caught.value.problems] == [
        ("E541", "simulation 2"), ("E541", "simulation 3")
    ]  # fmt: skip


def test_frames_of_tables() -> None:
    """The figures that the objects hold, under names."""
    table = abssim.price("template", ["base", "stress"], asked={"price": [99.0, 100.0]}, notes=["A"])
    frame = table.frame
    assert list(frame.index.names) == ["note", "scenario", "end", "given"] and len(frame) == 2 * 2 * 2
    first = table.notes[0][1][0]
    assert frame.iloc[1]["price"] == 100.0 and frame.iloc[1]["yield_rate"] == first.quotes[1].yield_rate
    assert frame.iloc[0]["dirty_price"] == 99.0 + first.accrued
    decrement = abssim.decrement("honda-2009-1", "abs:1.0,1.3", notes=["A1", "A2"])
    wide = decrement.frame
    assert list(wide.columns) == [("A1", 1.0), ("A1", 1.3), ("A2", 1.0), ("A2", 1.3)]
    cell = decrement.cells[3]
    assert wide.loc[cell.date, (cell.note, cell.speed)] == cell.percent and wide.iloc[0].tolist() == [100.0] * 4
    assert round(decrement.life_frame.loc[("A1", 1.3), "to_call"], 2) == 0.35
    sims = abssim.simulate_grid("template", ["factor", "stress"], paths=20, settings=abssim.Settings(7))
    comparison = abssim.compare(sims)
    row = comparison.frame.loc[("pool", "net_loss", sims[1].scenario_name)]
    assert row["difference"] == comparison.net_loss.differences[1].value
    assert "Scenarios side by side" in comparison._repr_html_() and repr(comparison).startswith("<Comparison of ")


def test_threads_have_the_bound_of_the_command_line() -> None:
    execution = abssim.Execution(threads=10**9)
    with pytest.raises(AbssimError, match="threads  E503  must be at most 1,024"):
        abssim.simulate_grid("template", ["factor"], paths=4, settings=abssim.Settings(1), execution=execution)
    with pytest.raises(AbssimError, match="threads  E503  must be 0 or a positive number, not -1"):
        abssim.simulate_grid(
            "template", ["factor"], paths=4, settings=abssim.Settings(1), execution=abssim.Execution(threads=-1)
        )
    with pytest.raises(AbssimError, match="E549  threads is a whole number from 0 to 1,024"):
        abssim.sweep("template", {"default_multiple": [1, 2]}, threads=1025)


def test_a_list_of_what_there_is_one_of() -> None:
    with pytest.raises(AbssimError, match=r"E539  .*; give one of them, and call it for each"):
        abssim.run("template", ["stress"] * 2)  # type: ignore[arg-type]
