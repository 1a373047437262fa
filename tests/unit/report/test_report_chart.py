"""Charts: what they show are the measures, what they write is whole, harmless and needs nothing from elsewhere."""

from __future__ import annotations

import dataclasses
import json
import re
import struct
import warnings
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from abssim.engine.layout import Fan
from abssim.guard import printable
from abssim.kind.note import NoteField
from abssim.measure.distribution import note_distributions, pool_distribution, trigger_distributions
from abssim.measure.pool import pool_measure
from abssim.report import chart_png
from abssim.report.chart import (
    PALETTE,
    Bars,
    Box,
    Chart,
    FanBand,
    Layer,
    Line,
    Mark,
    Page,
    money_scale,
    note_color,
)
from abssim.report.chart_file import write_charts
from abssim.report.chart_png import drawable, shorten
from abssim.report.chart_run import run_page
from abssim.report.chart_simulation import simulation_page
from tests.unit.measure.handmade import DATES, handmade_result
from tests.unit.measure.handmade_paths import handmade_simulation

HOSTILE = '<script>alert(1)</script> $\\frac{1$ "京东" & <b>x</b>\n_'


def charts(page: Page) -> dict[str, Chart]:
    return {chart.title: chart for chart in page.charts}


def labelled(chart: Chart) -> dict[str, object]:
    return {item.label: item for item in chart.items}


def hostile_page() -> Page:
    sim = handmade_simulation()
    terms = tuple(dataclasses.replace(each, name=HOSTILE) for each in sim.notes_terms)
    triggers = tuple(dataclasses.replace(each, name=HOSTILE) for each in sim.triggers_terms)
    words = {"deal_name": HOSTILE, "scenario_name": HOSTILE, "scenario_reason": HOSTILE}
    return simulation_page([dataclasses.replace(sim, **words, notes_terms=terms, triggers_terms=triggers)])


def test_charts_of_several_scenarios_say_whose_they_are() -> None:
    sims = [handmade_simulation(), dataclasses.replace(handmade_simulation(), scenario_name="harsh")]
    page, alone = simulation_page(sims), simulation_page(sims[:1])
    assert page.charts[0].title == f"{sims[0].scenario_name}: {alone.charts[0].title}"
    assert len(page.charts) == 2 * len(alone.charts)
    assert page.charts[-1].title.startswith("harsh: ")


def test_fans_are_the_quantiles_of_the_pool() -> None:
    sim = handmade_simulation()
    series = 100 * pool_distribution(sim).fans[Fan.NET_LOSS_RATIO]
    outer, inner, median = charts(simulation_page([sim]))["Cumulative net loss"].items
    assert isinstance(outer, FanBand) and isinstance(inner, FanBand) and isinstance(median, Line)
    assert (outer.label, inner.label) == ("5–95 %", "25–75 %")
    for found, wanted in zip((outer.low, inner.low, median.y, inner.high, outer.high), series, strict=True):
        assert found.tolist() == wanted.tolist()
    assert list(median.x) == list(sim.dates.payment)


def test_histograms_carry_the_value_at_risk() -> None:
    sim = handmade_simulation()
    page, b = charts(simulation_page([sim])), note_distributions(sim)[1]
    bars, *marks = page["Loss of note B"].items
    assert isinstance(bars, Bars)
    assert bars.y.sum() == pytest.approx(100 * b.loss_probability.value)
    assert [mark.at for mark in marks if isinstance(mark, Mark)] == pytest.approx(
        [100 * each.value for each in b.value_at_risk if each.value > 0]
    )
    assert "No loss on 75.00 %" in page["Loss of note B"].caption
    assert page["Distribution of cumulative net loss"].items[0].y.sum() == pytest.approx(100.0)  # type: ignore[union-attr]


def test_a_note_without_a_loss_is_said_not_drawn() -> None:
    page = simulation_page([handmade_simulation()])
    assert "Loss of note A" not in charts(page)
    assert page.remarks == ("Note A: no path shows a loss; its probability is at most 1.49 % (95 % confidence).",)


def test_lives_yields_triggers_and_timing() -> None:
    sim = handmade_simulation()
    page, notes = charts(simulation_page([sim])), note_distributions(sim)
    lives, yields = page["Weighted average life"].items, page["Yield at par"].items
    assert [box.quantiles for box in lives if isinstance(box, Box)] == [
        tuple(each.value for each in note.life.quantiles) for note in notes
    ]
    assert [box.mean for box in yields if isinstance(box, Box)] == [100 * n.yield_rate.mean.value for n in notes]
    fired = labelled(page["Triggers: probability to have fired"])["bad_debt, in the end 10.000 %"]
    assert isinstance(fired, Line)
    assert fired.y.tolist() == (100 * trigger_distributions(sim)[0].by_date).tolist()
    assert fired.style == "steps"
    assert "thin_pool, in the end ≤ 1.487 %" in labelled(page["Triggers: probability to have fired"])
    timing = page["Timing of defaults and losses"]
    assert labelled(timing)["defaults"].y.tolist() == pytest.approx([0, 25, 75, 100])  # type: ignore[attr-defined]
    assert timing.caption == "First date with a default on any path: 2024-03-15."


def test_page_says_what_it_is_of() -> None:
    facts = dict(simulation_page([handmade_simulation()]).facts)
    assert facts["Deal"] == "Handmade 2024-1"
    assert facts["Paths"] == "200, seed 7"
    assert facts["Fingerprint"] == "0123456789abcdef"


def test_charts_of_a_run_are_its_flows() -> None:
    run = handmade_result()
    page = charts(run_page([run]))
    a, b = page["Note balances"].items
    assert isinstance(a, Layer) and isinstance(b, Layer)
    assert a.x[0] == date(2024, 1, 20)
    assert a.y.tolist() == [800.0, *(run.note_flow[:, 0, NoteField.BALANCE] / 100)]
    assert page["Note balances"].y_name == "USD"
    cash = page["Cash paid to the notes"].items[0]
    assert isinstance(cash, Bars)
    paid = run.note_flow[:, 0, NoteField.INTEREST_PAID] + run.note_flow[:, 0, NoteField.PRINCIPAL_PAID]
    assert cash.y.tolist() == (paid / 100).tolist()
    assert (a.color, cash.color) == (note_color(0), note_color(0))
    assert page["Cumulative net loss"].items[0].y == pytest.approx(  # type: ignore[union-attr]
        100 * pool_measure(run).cumulative_net_loss_ratio
    )


def test_triggers_stand_against_their_thresholds() -> None:
    page = charts(run_page([handmade_result()]))
    ratio, amount = page["Trigger bad_debt"], page["Trigger thin_pool"]
    assert (ratio.y_name, amount.y_name) == ("%", "USD")
    assert labelled(ratio)["actual"].y.tolist() == pytest.approx([1.05, 1.68, 2.32, 1.89])  # type: ignore[attr-defined]
    assert labelled(amount)["threshold"].y.tolist() == [100.0] * 4  # type: ignore[attr-defined]
    marks = [item for item in ratio.items if isinstance(item, Mark)]
    assert [mark.at for mark in marks] == [DATES.payment[2]]


def test_several_scenarios_name_their_charts() -> None:
    titles = [chart.title for chart in run_page([handmade_result("base"), handmade_result("stress")]).charts]
    assert "base: Note balances" in titles
    assert "stress: Note balances" in titles


def test_colors_of_many_notes_differ() -> None:
    colors = [note_color(i) for i in range(2 * len(PALETTE))]
    assert len(set(colors)) == len(colors)
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors)


def test_amounts_are_in_millions_when_they_are_large() -> None:
    assert money_scale(5_000_000_00, "USD") == (1e8, "USD million")
    assert money_scale(5_000_00, "USD") == (100.0, "USD")


@pytest.mark.parametrize("page", [run_page([handmade_result()]), simulation_page([handmade_simulation()])])
def test_png_is_a_picture(page: Page, tmp_path: Path) -> None:
    write_charts(page, tmp_path / "charts.png")
    data = (tmp_path / "charts.png").read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    assert width == 2240
    assert height > 380 * len(page.charts) / 2
    write_charts(page, tmp_path / "again.png")
    assert (tmp_path / "again.png").read_bytes() == data
    assert sorted(file.name for file in tmp_path.iterdir()) == ["again.png", "charts.png"]


def test_a_page_of_very_many_charts_stays_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_png, "_HIGHEST", 900)
    page = Page("many", (), (Chart("bare", "", "%", ()),) * 4)
    write_charts(page, tmp_path / "charts.png")
    assert struct.unpack(">II", (tmp_path / "charts.png").read_bytes()[16:24])[1] == pytest.approx(900, abs=2)


class Elements(HTMLParser):
    """Elements and attributes of a page, text of its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(path: Path) -> Elements:
    elements = Elements()
    elements.feed(path.read_text(encoding="utf-8"))
    return elements


def test_html_is_one_file_that_loads_nothing(tmp_path: Path) -> None:
    page = simulation_page([handmade_simulation()])
    write_charts(page, tmp_path / "charts.html")
    found = read(tmp_path / "charts.html")
    assert found.tags.count("section") == len(page.charts)
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(found.tags)
    assert not [(name, value) for name, value in found.attributes if name in ("src", "href", "action", "data")]
    policy = next(value for name, value in found.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "http" not in policy
    for words in ("Handmade 2024-1: base", "200, seed 7", "0123456789abcdef", *page.remarks):
        assert words in found.words


def test_html_of_the_same_result_is_the_same(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        write_charts(run_page([handmade_result()]), tmp_path / name)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_html_takes_no_text_for_a_tag(tmp_path: Path) -> None:
    plainly, hostile = tmp_path / "plain.html", tmp_path / "hostile.html"
    write_charts(simulation_page([handmade_simulation()]), plainly)
    write_charts(hostile_page(), hostile)
    assert read(hostile).tags == read(plainly).tags
    text = hostile.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    shown = re.findall(r'"name":("(?:[^"\\]|\\.)*")', text)
    names = [json.loads(name) for name in shown if "alert" in name]
    assert names
    assert not [name for name in names if "<" in name], "plotly reads tags in labels"
    assert any("京东" in word for word in read(hostile).words)


def test_png_takes_text_as_it_is(tmp_path: Path) -> None:
    """No mathematics, no boxes, no warnings, whatever the names are and whatever fonts there are."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_charts(hostile_page(), tmp_path / "charts.png")
    assert (tmp_path / "charts.png").stat().st_size > 10_000


def test_characters_without_a_font_degrade() -> None:
    assert drawable("Note A é 5 %") == "Note A é 5 %"
    assert drawable("A\U000e0041B") == "A?B"
    assert len(drawable("京东白条")) == 4


def test_text_is_of_one_line_and_no_longer_than_its_room() -> None:
    assert printable("a\nb\x1b[0m", " ") == "a b [0m"
    assert shorten("abcdef", 4) == "abc…"


def test_empty_and_unknown_values_are_drawn(tmp_path: Path) -> None:
    nan = np.array([np.nan, np.nan])
    items = (Line("none", DATES.payment[:2], nan, PALETTE[0]), Line("zero", DATES.payment[:2], np.zeros(2), PALETTE[1]))
    one = Chart("one date", "", "%", (Line("one", DATES.payment[:1], np.ones(1), PALETTE[0]),))
    page = Page("empty", (), (Chart("nothing", "", "%", items), Chart("bare", "", "%", ()), one))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_charts(page, tmp_path / "charts.png")
        write_charts(page, tmp_path / "charts.html")
    assert '"mode":"markers"' in (tmp_path / "charts.html").read_text(encoding="utf-8").replace('": "', '":"')


def test_a_failed_drawing_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "charts.html"
    path.write_text("old")
    broken = Page("broken", (), (Chart("x", "", "", ("not an item",)),))  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        write_charts(broken, path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["charts.html"]
