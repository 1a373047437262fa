"""A page of charts as a PNG for print, by matplotlib without a window.

Text is taken as it is (no mathematical mode). A character that no installed font can draw is written `?`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from logging import ERROR, getLogger
from pathlib import Path
from textwrap import fill, wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from abssim.guard import printable
from abssim.report.chart import ROOM, Axis, Bars, Box, Chart, FanBand, HeatMap, Item, Layer, Line, Mark, Page

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FONTS = """DejaVu Sans, Noto Sans CJK SC, Noto Sans SC, Source Han Sans SC, Source Han Sans CN, WenQuanYi Micro Hei,
WenQuanYi Zen Hei, Microsoft YaHei, SimHei, PingFang SC, Hiragino Sans GB, Heiti TC, Songti SC, Arial Unicode MS"""
"""Looked for in this order: the first comes with matplotlib, the others have Chinese characters."""
_WIDTH, _HEIGHT, _LINE, _DPI = 7.0, 3.8, 0.22, 160
"""Of a chart, and of a line of text, in inches; dots per inch."""
_HIGHEST = 30_000
"""Dots: pages of very many charts are drawn coarser, so that the picture can be held and opened."""
_PAGE_LETTERS, _CHART_LETTERS, _ROW_LETTERS = 190, 80, 12
"""Letters that find room in a line across the page (half as many in its title), above a chart, beside a row."""
_NO_FONT = "?: a character that no installed font can draw (Noto Sans CJK has the Chinese ones)"
_TICKS = 16
"""Names that find room along a side of a heat map."""
_DASHES: dict[str, Any] = {"solid": "-", "dashed": (0, (5, 2)), "steps": "-"}


def write_png(page: Page, path: Path) -> None:
    """The page as a picture."""
    with _letters():
        page_figure(page).savefig(path, format="png", metadata={"Software": None, "Title": None})


def page_figure(page: Page) -> Figure:
    """Two charts a row below the title and what identifies the result."""
    rows = math.ceil(len(page.charts) / 2)
    facts = [f"{name}: {text}" for name, text in page.facts]
    words = [line for text in [*facts, *page.remarks] for line in wrap(text, _PAGE_LETTERS)]
    if any(drawable(line) != line for line in [printable(page.title, " "), *words]):
        words.append(_NO_FONT)
    head = _LINE * (len(words) + 3)
    with _letters():
        height = head + rows * _HEIGHT
        figure = _notebook_figure()(figsize=(2 * _WIDTH, height), dpi=min(_DPI, _HIGHEST / height))
        top, body = figure.subfigures(2, 1, height_ratios=[head, rows * _HEIGHT])
        title, text = drawable(shorten(page.title, _PAGE_LETTERS // 2)), drawable("\n".join(words))
        top.text(0.02, 1.0 - 1.2 * _LINE / head, title, va="center", fontsize=15, fontweight="bold")
        top.text(0.02, 1.0 - 2.2 * _LINE / head, text, va="top", fontsize=9, color="#444444", linespacing=1.35)
        for place, chart in enumerate(page.charts):
            _draw(body.add_subplot(rows, 2, place + 1), chart)
        body.subplots_adjust(left=0.06, right=0.98, top=1.0 - 0.4 / (rows * _HEIGHT), bottom=0.9 / (rows * _HEIGHT))
        body.subplots_adjust(hspace=0.52, wspace=0.16)
    return figure


@contextmanager
def _letters() -> Iterator[None]:
    """While a page is laid out and drawn: fonts with Chinese characters, text as it is."""
    from matplotlib import rc_context

    with rc_context({"font.family": [name for name, _ in _fonts()], "text.parse_math": False, "font.size": 9}):
        yield


@cache
def _notebook_figure() -> type[Figure]:
    """Figures without a window that notebooks show whether or not they have set up matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    class Picture(Figure):  # type: ignore[misc]  # its types are not installed
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            FigureCanvasAgg(self)

        def _repr_png_(self) -> bytes:
            file = BytesIO()
            with _letters():
                self.savefig(file, format="png")
            return file.getvalue()

    return Picture


@cache
def _fonts() -> tuple[tuple[str, frozenset[int]], ...]:
    """Installed fonts of `_FONTS` with the characters they can draw, plain and bold."""
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    getLogger("matplotlib.font_manager").setLevel(ERROR)  # a font without a bold face is no news
    installed, fonts = {font.name for font in fontManager.ttflist}, []
    for name in (each.strip() for each in _FONTS.split(",")):
        if name in installed:
            files = [fontManager.findfont(FontProperties(family=[name], weight=each)) for each in ("normal", "bold")]
            fonts.append((name, frozenset.intersection(*(frozenset(get_font(file).get_charmap()) for file in files))))
    return tuple(fonts)


def drawable(text: str) -> str:
    """Text with `?` for every character no installed font has."""
    return "".join(c if c == "\n" or any(ord(c) in known for _, known in _fonts()) else "?" for c in text)


def shorten(text: str, letters: int) -> str:
    """Text on one line, cut where there is no room for more."""
    line = printable(text, " ")
    return line if len(line) <= letters else line[: letters - 1] + "…"


def _draw(axes: Axes, chart: Chart) -> None:
    frame = _Frame()
    for item in chart.items:
        frame.draw(axes, item)
    axes.spines[["top", "right"]].set_visible(False)
    if not any(isinstance(item, HeatMap) for item in chart.items):
        axes.grid(axis="x" if frame.rows else "y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    _scale(axes, frame, chart)
    _words(axes, frame, chart)


class _Frame:
    """What the items of one chart share: the top of stacked ones, rows of boxes, the legend."""

    def __init__(self) -> None:
        self.top: Any = 0.0
        self.rows: list[str] = []
        self.legend: list[tuple[Any, str]] = []

    def draw(self, axes: Axes, item: Item) -> None:
        """Add an item."""
        stacked: dict[type, Any] = {Layer: self._layer, Bars: self._bars, Box: self._box}
        shapes: dict[type, Any] = {Line: _line, FanBand: _band, Mark: _mark, HeatMap: _map, **stacked}
        handle = shapes[type(item)](axes, item)
        if handle is not None:
            self.legend.append((handle, drawable(shorten(item.label, _CHART_LETTERS))))

    def _layer(self, axes: Axes, item: Layer) -> Any:
        low, self.top = self.top, self.top + item.y
        return axes.fill_between(_x(item.x), low + 0.0 * item.y, self.top, color=item.color, linewidth=0)

    def _bars(self, axes: Axes, item: Bars) -> Any:
        low, self.top = self.top, self.top + item.y
        return axes.bar(_x(item.x), item.y, item.width, low, color=item.color, linewidth=0)

    def _box(self, axes: Axes, item: Box) -> None:
        y, (first, second, middle, third, last) = len(self.rows), item.quantiles
        self.rows.append(drawable(shorten(item.label, _ROW_LETTERS)))
        axes.hlines(y, first, last, color=item.color, linewidth=2)
        axes.barh(y, third - second, 0.5, second, color=item.color, alpha=0.45)
        axes.vlines(middle, y - 0.3, y + 0.3, color=item.color, linewidth=2.5)
        axes.vlines(item.mean, y - 0.3, y + 0.3, color="black", linestyle=_DASHES["dashed"], linewidth=1.2)


def _scale(axes: Axes, frame: _Frame, chart: Chart) -> None:
    """Ticks that do not run into one another; upright axes start at zero unless something is below."""
    if any(isinstance(item, HeatMap) for item in chart.items):
        return  # its axes are names
    from matplotlib.dates import AutoDateLocator
    from matplotlib.ticker import FuncFormatter

    if frame.rows:
        axes.set_yticks(range(len(frame.rows)), frame.rows)
        axes.set_ylim(len(frame.rows) - 0.4, -0.6)
        return
    low, high = axes.dataLim.intervaly
    axes.set_ylim(bottom=0.0 if low >= 0.0 else None, top=1.0 if high == low == 0.0 else None)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    if not chart.x_name:
        axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=8))


def _words(axes: Axes, frame: _Frame, chart: Chart) -> None:
    """Title, names of the axes, legend, caption."""
    axes.set_title(drawable(shorten(chart.title, _CHART_LETTERS)), loc="left", fontsize=11, fontweight="bold")
    axes.set_xlabel(drawable(chart.x_name))
    axes.set_ylabel(drawable(chart.y_name))
    if frame.legend:
        handles, labels = zip(*frame.legend, strict=True)
        columns = 1 if len(labels) <= 5 else 2
        axes.legend(handles, labels, loc="best", fontsize=8, framealpha=0.85, edgecolor="none", ncols=columns)
    words, below = drawable(fill(chart.caption, 110, max_lines=2, placeholder=" …")), (0.0, -38.0)
    axes.annotate(words, (0, 0), below, "axes fraction", "offset points", va="top", fontsize=8, color="#444444")


def _x(axis: Axis) -> Any:
    return axis if isinstance(axis, np.ndarray) else np.asarray(axis, dtype="datetime64[D]")


def _line(axes: Axes, item: Line) -> Any:
    """A series; a point where it has only one."""
    steps = "steps-post" if item.style == "steps" else "default"
    style = {"color": item.color, "linestyle": _DASHES[item.style], "marker": "o" if len(item.y) == 1 else None}
    return axes.plot(_x(item.x), item.y, clip_on=False, zorder=3, drawstyle=steps, **style)[0]


def _band(axes: Axes, item: FanBand) -> Any:
    return axes.fill_between(_x(item.x), item.low, item.high, color=item.color, alpha=item.opacity, linewidth=0)


def _map(axes: Axes, item: HeatMap) -> None:
    """Cells from above, with their figures where there is room; dark letters on bright cells."""
    from matplotlib.colors import Normalize

    known = item.values[np.isfinite(item.values)]
    low, high = float(known.min(initial=math.inf)), float(known.max(initial=-math.inf))
    size = Normalize(*((low, high) if high > low else (low, low + 1.0) if len(known) else (0.0, 1.0)))
    axes.imshow(item.values, aspect="auto", cmap="cividis", norm=size)
    for names, ticks in ((item.columns, axes.set_xticks), (item.rows, axes.set_yticks)):
        step = max(1, math.ceil(len(names) / _TICKS))
        ticks(range(0, len(names), step), [drawable(shorten(name, _ROW_LETTERS)) for name in names[::step]])
    if item.values.size <= ROOM:
        for (row, column), value in np.ndenumerate(item.values):
            color = "#222222" if np.isnan(value) or size(value) > 0.5 else "#ffffff"
            axes.text(column, row, item.texts[row][column], ha="center", va="center", color=color, fontsize=8)


def _mark(axes: Axes, item: Mark) -> Any:
    return axes.axvline(item.at, color=item.color, linestyle=_DASHES["dashed"])
