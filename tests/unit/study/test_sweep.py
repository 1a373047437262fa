"""Grids of settings: every cell is the run of its own settings, bit for bit; contracts and deals are prepared once."""

from __future__ import annotations

import math
import warnings
from datetime import date

import numpy as np
import pytest

from abssim import Notice, base_scenario, break_even, compile_deal, load_deal, note_measures, run, sweep
from abssim.collateral import expected
from abssim.deal.deal import Deal
from abssim.errors import AbssimError
from abssim.measure.price import quotes_at
from abssim.measure.trigger import trigger_measures
from abssim.program import compile as program
from abssim.program.compile import recompile
from abssim.setting import parse_lists
from abssim.study import sweep as study
from abssim.study.scenarios import choose_scenario


@pytest.fixture(scope="module")
def template() -> Deal:
    return load_deal("template")


def test_lists_and_ranges_are_read_as_values() -> None:
    texts = [
        "a=1,2,3",
        "b=0.5:2:0.5",
        "c=3:1:-1",
        "d='5 for 12, 15',6",
        "e=[1,2],[3]",
        "f=pool.factor <= 0.1",
        "g=2026-01-31",
    ]
    assert parse_lists(texts) == {
        "a": [1, 2, 3],
        "b": [0.5, 1.0, 1.5, 2.0],
        "c": [3, 2, 1],
        "d": ["5 for 12, 15", 6],
        "e": [[1, 2], [3]],
        "f": ["pool.factor <= 0.1"],
        "g": [date(2026, 1, 31)],
    }


@pytest.mark.parametrize("text", ["a=", "a=1,1", "a=1:2:0", "a=2:1:1", "a=0:1:0.000001", "a=1,[2", "a=1:3:1,2"])
def test_lists_that_are_none(text: str) -> None:
    with pytest.raises(AbssimError) as error:
        parse_lists([text])
    assert [problem.code for problem in error.value.problems] == ["E551"]


def test_every_cell_is_the_run_of_its_own_settings(template: Deal) -> None:
    axes = {"default_multiple": [1, 4], "notes.A.coupon_pct": [4.8, 6], "assumptions.0.prepayment.cpr_pct": [5, 20]}
    grid = sweep(template, axes, measures=["wal", "yield", "loss", "trigger"], price=99.0, threads=3)
    assert [[*cell.settings.values()] for cell in grid.cells][:3] == [[1, 4.8, 5], [1, 4.8, 20], [1, 6, 5]]
    for cell in grid.cells:
        changed = template.with_({"notes.A.coupon_pct": cell.settings["notes.A.coupon_pct"]})
        rest = {path: value for path, value in cell.settings.items() if path != "notes.A.coupon_pct"}
        result = run(changed, base_scenario(changed).with_(rest))
        notes = note_measures(result)
        assert cell.figures["wal"] == pytest.approx([note.wal for note in notes], rel=0, abs=0, nan_ok=True)
        assert cell.loses == tuple(note.name for note in notes if note.principal_loss)
        assert cell.active == tuple(each.terms.name for each in trigger_measures(result) if each.first_active)
        yields = [100.0 * quotes_at(result, note.name, {"price": [99.0]})[0].yield_rate for note in notes]
        assert np.array_equal(cell.figures["yield"], yields, equal_nan=True)
        assert cell.figures["trigger"] == tuple(each.first_active for each in trigger_measures(result))
        losses = [100.0 * (note.principal_loss / note.opening_balance) for note in notes]
        assert np.array_equal(cell.figures["loss"], losses)


def test_cells_of_recompiled_deals_keep_every_bit(template: Deal) -> None:
    compiled = compile_deal(template)
    changed = template.with_({"notes.A.coupon_pct": 6, "fees.servicing.rate_pct": 2})
    again, anew = recompile(compiled, changed), compile_deal(changed)
    assert again.assets is compiled.assets
    assert again.fingerprint == anew.fingerprint
    assert np.array_equal(run(again).trace, run(anew).trace)
    other = recompile(compiled, template.with_({"pools.loans.replines.0.rate_pct": 9}))
    assert other.assets is not compiled.assets
    assert np.array_equal(run(other).trace, run(compile_deal(other.deal)).trace)


def test_a_recompiled_deal_tells_what_a_compiled_one_does(template: Deal) -> None:
    changed = template.with_({"notes.A.coupon_pct": 6})
    assert run(recompile(compile_deal(template), changed)).notices == run(compile_deal(changed)).notices


def test_break_even_and_coverage_are_those_of_each_cell(template: Deal) -> None:
    grid = sweep(template, {"notes.B.balance": [12e6, 10e6]}, measures=["break_even", "coverage"], notes=["B", "A"])
    assert grid.items["break_even"] == ("B", "A")
    for cell in grid.cells:
        compiled = compile_deal(template.with_(cell.settings))
        found = break_even(lambda k, c=compiled: run(c, calls="never", default_multiple=k), ["A", "B", "sub"])
        assert cell.figures["break_even"] == (found[1].principal.multiple, found[0].principal.multiple)
        assert cell.figures["coverage"] == (found[1].principal.coverage, found[0].principal.coverage)


def test_contracts_are_scheduled_once_and_deals_compiled_once(template: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile_deal(template)
    run(compiled)
    made: list[str] = []
    grouped, compiling = expected.group_loans, program._compile
    monkeypatch.setattr(expected, "group_loans", lambda *each: made.append("schedule") or grouped(*each))
    monkeypatch.setattr(program, "_compile", lambda *each: made.append("compile") or compiling(*each))
    axes = {"default_multiple": parse_lists(["a=0.1:5:0.1"])["a"], "notes.A.coupon_pct": [4.5, 5.0]}
    assert len(sweep(compiled, axes, measures=["loss"]).cells) == 100
    assert made == ["compile", "compile"]


def test_threads_change_no_bit(template: Deal) -> None:
    axes = {"default_multiple": [1, 2, 3, 4, 5]}
    first, second = (sweep(template, axes, threads=threads) for threads in (1, 4))
    assert repr(first.cells) == repr(second.cells)  # not-a-number is itself there


def test_what_is_not_swept_holds_for_all_cells(template: Deal) -> None:
    grid = sweep(template, {"default_multiple": [1, 2], "notes.A.coupon_pct": 5.5})
    assert (grid.settings, [axis.path for axis in grid.axes]) == ({"notes.A.coupon_pct": 5.5}, ["default_multiple"])
    assert list(grid.frame.columns)[:4] == ["default_multiple", "notes.A.coupon_pct", "wal.A", "wal.B"]
    assert len(sweep(template, {}).cells) == 1


def test_to_maturity_no_call_is_exercised() -> None:
    deal = load_deal("jd-baitiao-2015-1")
    compiled = compile_deal(deal, loans=500)
    ends = [
        sweep(compiled, {"default_multiple": [1]}, measures=["wal"], end=end).cells[0] for end in ("call", "maturity")
    ]  # type: ignore[arg-type]
    lives = [note_measures(run(compiled, calls=calls)) for calls in ("exercised", "never")]  # type: ignore[arg-type]
    for cell, notes in zip(ends, lives, strict=True):
        assert cell.figures["wal"] == tuple(note.wal for note in notes)


def test_all_bad_values_are_told_before_any_run(template: Deal) -> None:
    with pytest.raises(AbssimError) as error:
        sweep(template, {"notes.A.balance": [1e6, "much", -1.0]})
    assert [(p.code, p.where) for p in error.value.problems] == [("E109", "--set notes.A.balance")] * 2


@pytest.mark.parametrize(
    ("settings", "options", "code"),
    [
        ({"notes.Z.balance": [1, 2]}, {}, "E553"),
        ({"default_multiple": []}, {}, "E555"),
        ({"default_multiple": [1, 2]}, {"measures": ["wla"]}, "E556"),
        ({"default_multiple": [1, 2]}, {"notes": ["Z"]}, "E006"),
        ({"default_multiple": [1, 2]}, {"price": math.nan}, "E008"),
        ({"default_multiple": [1, 2]}, {"end": "never"}, "E549"),
    ],
)
def test_what_is_refused(template: Deal, settings: dict[str, object], options: dict[str, object], code: str) -> None:
    with pytest.raises(AbssimError) as error:
        sweep(template, settings, **options)  # type: ignore[arg-type]
    assert error.value.code == code


def test_a_million_cells_are_told_their_time(template: Deal) -> None:
    values = parse_lists(["a=1:1000:1"])["a"]
    with pytest.raises(AbssimError, match=r"1,000,000 cells would take at least .*; give at most 100,000") as error:
        sweep(template, {"default_multiple": values, "prepay_multiple": values})
    assert error.value.code == "E555"


def test_what_has_no_effect_is_told_once(template: Deal) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", Notice)
        sweep(template, {"factor.correlation_pct": [5, 6], "default_multiple": [1, 2]})
    told = "--set factor.correlation_pct: without effect here, only `simulate` reads factor.correlation_pct"
    assert [str(each.message) for each in caught] == [told]


def test_a_long_grid_is_told_its_time_first(template: Deal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "LONG", 0.0)
    told: list[str] = []
    sweep(template, {"default_multiple": [1, 2, 3, 4, 5, 6]}, told=told.append)
    assert len(told) == 1
    assert told[0].startswith("6 cells: about ")


def test_a_scenario_may_be_named(template: Deal) -> None:
    compiled = compile_deal(template)
    grid = sweep(compiled, {"default_multiple": [2.0]}, scenario="stress", measures=["pool_loss"])
    result = run(compiled, choose_scenario(compiled, "stress"))
    own = sweep(compiled, {}, scenario="stress", measures=["pool_loss"])
    assert grid.cells[0].figures == own.cells[0].figures
    assert grid.scenario_name == result.scenario_name
