"""What a structurer sees: nothing cut short, everything in line. `golden.txt` is the handmade run in full;
ABSSIM_UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import dataclasses
import io
import math
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from abssim.amount import exact
from abssim.engine.layout import NoteSummary
from abssim.kind.account import AccountField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.measure.decrement import decrement
from abssim.result import RunResult
from abssim.study.breakeven import BreakEven, Limit
from abssim.study.study import Study
from abssim.table.account import account_tables
from abssim.table.check import check_table
from abssim.table.comparison import comparison_tables
from abssim.table.deal import deal_header
from abssim.table.decrement import decrement_tables
from abssim.table.distribution import simulation_tables
from abssim.table.explain import payment_date, priority_of_payments
from abssim.table.grid import WIDTH, abbreviate, grid, listing, stack
from abssim.table.note import note_tables
from abssim.table.number import estimated, fit, number, percent
from abssim.table.pool import pool_tables
from abssim.table.scenario import scenario_tables
from abssim.table.schema import name_table, schema_tables
from abssim.table.termsheet import term_sheet_tables
from abssim.table.trigger import trigger_tables
from tests.unit.measure.handmade import DATES, handmade_result
from tests.unit.measure.handmade_paths import handmade_simulation

GOLDEN = Path(__file__).parent / "golden.txt"


def text(renderable: RenderableType, width: int = WIDTH) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(renderable, crop=False)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def study(scenario: str = "base") -> Study:
    run = handmade_result(scenario)
    never, early = Limit(None, None, None, True, 30.0), Limit(0.5, 0.01, 0.67, True, 30.0)
    answers = (BreakEven("A", never, never), BreakEven("B", Limit(1.5, 0.03, 2.0, False, 30.0), early))
    return Study(run, run, answers)


def everything(case: Study) -> RenderableType:
    run = case.run
    table = decrement("abs", {0.5: run, 1.3: run}, {0.5: run, 1.3: run})
    return stack(
        [
            deal_header([run]),
            term_sheet_tables(case),
            note_tables(run),
            pool_tables(run),
            trigger_tables(run, True),
            account_tables(run),
            check_table(run),
            scenario_tables([case, study("stress")]),
            priority_of_payments(run),
            payment_date(run, 1),
            decrement_tables(table),
        ]
    )


def test_everything_as_it_was() -> None:
    shown = text(everything(study()))
    if os.environ.get("ABSSIM_UPDATE_GOLDEN"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")


def scaled_study(factor: int) -> Study:
    run = handmade_result()
    values = run.trigger_values.copy()
    values[:, 1] *= factor
    large = dataclasses.replace(scaled_state(run, factor), trigger_values=values)
    return Study(large, large)


def scaled_state(result: RunResult, factor: int) -> RunResult:
    terms = tuple(dataclasses.replace(t, initial_balance=t.initial_balance * factor) for t in result.notes_terms)
    large = dataclasses.replace(result, trace=result.trace * factor, initial=result.initial * factor, notes_terms=terms)
    large.clock[:] = result.clock
    large.trigger_flow[:] = result.trigger_flow
    return large


@pytest.mark.parametrize("factor", [1, 7_919, 1_340_207, 134_020_763])
def test_any_size_of_deal_fits_the_width(factor: int) -> None:
    shown = text(everything(scaled_study(factor)))
    assert max(cell_len(line) for line in shown.splitlines()) <= WIDTH
    assert "…" not in shown


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_cuts_no_figure(width: int) -> None:
    """Tables fold: every word and figure is there, in lines that fit, under the words of its row."""
    wide, narrow = text(everything(study()), WIDTH), text(everything(study()), width)
    assert set(wide.replace("─", "").split()) <= set(narrow.replace("─", "").split())
    assert max(cell_len(line) for line in narrow.splitlines()) <= width
    folded = text(grid("Title", ["Class", *"BCDEFG"], [["A", *["1,234,567.89"] * 6]]), 45)
    assert [line.split() for line in folded.splitlines() if line.startswith("A")] == [["A", *["1,234,567.89"] * 3]] * 2


def test_long_tables_keep_their_ends() -> None:
    rows = [[str(i), f"2024-{i}", "1.00"] for i in range(40)]
    kept = abbreviate(rows, False)
    assert [row[0] for row in kept] == ["0", "1", "2", "3", "4", "5", "⋮", "37", "38", "39"]
    assert kept[6][1] == "31 more"
    assert abbreviate(rows, True) == rows
    assert abbreviate(rows[:10], False) == rows[:10]


def test_names_in_any_script_are_aligned() -> None:
    rows = [["优先A1级", "1.00"], ["Sub", "12,345.00"], ["中间级B", "3.00"]]
    lines = text(grid("标题", ["Note", "Balance"], rows)).splitlines()
    assert len({cell_len(line) for line in lines[1:]}) == 1


def test_markup_and_control_characters_are_only_text() -> None:
    shown = text(grid("[red]x", ["A"], [["[bold]\x1b[31mB\x07"]]))
    assert "[red]x" in shown
    assert "[bold][31mB" in shown


def test_scales_keep_as_much_as_fits() -> None:
    assert exact("USD").text(134020762193) == "1,340,207,621.93"
    assert exact("JPY").text(-5) == "-5"
    assert fit(99_999_999, "USD", 10).text(99_999_999) == "999,999.99"
    assert (fit(134020762193, "USD", 13).text(134020762193), fit(134020762193, "USD", 10).unit) == (
        "1,340,207,622",
        "USD thousand",
    )
    assert fit(10**17, "CNY", 10).unit == "CNY million"


def test_what_is_not_a_number_is_a_dash() -> None:
    assert [percent(None), percent(float("nan")), number(float("nan"))] == ["–"] * 3


def test_columns_that_stay_zero_are_left_out() -> None:
    result = handmade_result()
    assert "Write-down" not in text(note_tables(result))
    result.note_flow[2, 1, NoteField.WRITE_DOWN] = 100
    assert "Write-down" in text(note_tables(result))


def test_no_triggers_is_said() -> None:
    result = dataclasses.replace(handmade_result(), triggers_terms=(), trigger_values=np.zeros((4, 0, 2)))
    assert text(trigger_tables(result)) == "No triggers.\n"


def test_failed_check_stands_out() -> None:
    result = handmade_result()
    bad = dataclasses.replace(result.checks[0], worst=3, where="date 2")
    shown = text(check_table(dataclasses.replace(result, checks=(bad,))))
    assert "FAILED" in shown
    assert "0.03" in shown
    assert "worst: date 2" in shown


def test_cash_nobody_gets_is_said() -> None:
    result = handmade_result()
    assert "Left in accounts" not in text(check_table(result))
    result.note_flow[-1, :, NoteField.BALANCE] = 0
    result.pool_flow[-1, 0, PoolField.CLOSING_BALANCE] = 0
    result.account_flow[-1, :, AccountField.BALANCE] = [0, 12_345]
    assert f"Left in accounts when all is repaid, USD: {result.names['account'][1]} 123.45." in text(
        check_table(result)
    )


def test_more_scenarios_than_fit_go_below() -> None:
    shown = text(scenario_tables([study(f"case {i}") for i in range(6)]))
    assert shown.count("Scenarios side by side") == 2
    assert max(map(cell_len, shown.splitlines())) <= WIDTH


def test_decrement_marks_what_rounds_to_nothing() -> None:
    result = handmade_result()
    result.note_flow[2, 0, NoteField.BALANCE] = 3
    shown = text(decrement_tables(decrement("abs", {1.3: result}, {1.3: result}, ["A"])))
    assert ["2024-04-15", "*"] in [line.split() for line in shown.splitlines()]


def test_names_of_scenarios_fit_side_by_side() -> None:
    names = ("baitiao", "baitiao-stress", "baitiao-collection-in-stages", "averylongnamewithoutanybreak")
    shown = text(comparison_tables([handmade_simulation(scenario_name=name) for name in names]))
    assert max(map(cell_len, shown.splitlines())) <= WIDTH
    for part in ("baitiao-", "stress", "collection-", "in-stages", "averylongna"):
        assert part in shown.split()


def test_no_figure_is_rounded_to_a_false_zero() -> None:
    assert estimated(0.000_123, 0.000_04, 3) == ("1.2e-04", "4.0e-05")
    assert estimated(-0.000_123, math.nan, 3) == ("-1.2e-04", "–")
    assert estimated(0.0, 0.0, 3) == ("0.000", "0.000")
    assert estimated(0.000_58, 0.000_41, 3) == ("5.8e-04", "4.1e-04")
    assert estimated(1.0, 0.000_04, 3) == ("1.000", "0.000")
    assert (number(-0.001), percent(-0.000_01)) == ("0.00", "0.00")
    sim = handmade_simulation()
    sim.note[:, 1, NoteSummary.PRINCIPAL_LOSS] = np.where(np.arange(200) == 199, 1, 0)
    lines = text(stack([simulation_tables(sim), comparison_tables([sim, sim])])).splitlines()
    assert any(line.split()[:3] == ["B", "3.3e-05", "2.2e-04"] for line in lines)
    assert any(line.split()[:5] == ["Expected", "loss,", "%", "3.3e-05", "2.2e-04"] for line in lines)


def test_fans_of_a_long_deal_fit() -> None:
    sim = handmade_simulation()
    dates = dataclasses.replace(DATES, payment=DATES.payment * 30)
    longer = dataclasses.replace(sim, dates=dates, fan=np.repeat(sim.fan, 30, axis=2))
    assert max(map(cell_len, text(simulation_tables(longer)).splitlines())) <= WIDTH


def test_schema_lists_fields_with_their_meaning() -> None:
    schema = {
        "title": "Deal",
        "description": "A deal.",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "Its name."},
            "notes": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Note"}},
        },
        "$defs": {
            "Note": {
                "properties": {
                    "rate": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
                    "final": {"type": "string", "format": "date", "default": str(date(2030, 1, 1))},
                    "kinds": {"type": "array", "items": {"enum": ["a", "b"]}},
                    "fixed": {"const": "x"},
                    "open": {"type": "boolean", "default": True, "description": "Whether\nit is."},
                }
            }
        },
    }
    shown = text(schema_tables(schema))
    for words in (
        "required",
        "Its name.",
        "name: Note",
        "number | nothing",
        "2030-01-01",
        "list of a | b",
        "true | false",
        "Whether it is.",
    ):
        assert words in shown
    assert "amount" in text(name_table("Observables", [("pool.balance", "amount", "what is owed")]))


def test_words_beside_wide_characters_keep_every_letter() -> None:
    """At every width: a line that breaks just behind a word of a Chinese sentence is not cut short."""
    words = "the last row is one of totals and left out: 合计 | 99,000.00; the balances do not add up to 99,000.00"
    for width in range(30, 120):
        assert text(listing([("Note", words)]), width).replace("Note", "").split() == words.split()
