"""A page of charts as one HTML file that works offline: the drawing library (plotly.js, 5 MB) is inside it.

Every word is escaped: for HTML, and for the labels, in which plotly reads tags as well. A policy in the page forbids
the browser to load anything from elsewhere.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from abssim.guard import printable
from abssim.report.chart import ROOM, Axis, Bars, Box, Chart, FanBand, HeatMap, Layer, Line, Mark, Page

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_FAMILY = "system-ui, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
_STYLE = f"""body {{ font-family: {_FAMILY}; margin: 2em auto; max-width: 96em; padding: 0 1em; color: #222 }}
h1 {{ font-size: 1.5em }} h2 {{ font-size: 1.05em; margin: 0 0 0 0.5em }} p {{ color: #444; margin: 0.3em 0.5em }}
dl {{ display: grid; grid-template-columns: max-content auto; gap: 0.2em 1em }} dt {{ color: #666 }} dd {{ margin: 0 }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(36em, 100%), 1fr)); gap: 2em 1em }}
section {{ min-width: 0; break-inside: avoid }}"""
_CONFIG = {"displayModeBar": False, "responsive": True}
_HOVER = "%{y:,.4~f}"
_HOVER_BIN = "%{x:,.4~f}: %{y:,.4~f}"
_DAY = 86_400_000.0
"""Milliseconds: the unit of widths on an axis of dates."""


def write_html(page: Page, path: Path) -> None:
    """The whole page."""
    from plotly.offline import get_plotlyjs

    title = _text(page.title)
    facts = "".join(f"<dt>{_text(name)}</dt><dd>{_text(text)}</dd>" for name, text in page.facts)
    remarks = "".join(f"<p>{_text(text)}</p>" for text in page.remarks)
    sections = "\n".join(_section(chart, i) for i, chart in enumerate(page.charts))
    path.write_text(
        f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><style>{_STYLE}</style>
<script>{get_plotlyjs()}</script></head>
<body><h1>{title}</h1><dl>{facts}</dl>{remarks}
<main>
{sections}
</main></body></html>
""",
        encoding="utf-8",
    )


def _text(words: str) -> str:
    return escape(printable(words, " "))


def _section(chart: Chart, place: int) -> str:
    drawn = _figure(chart).to_html(
        full_html=False, include_plotlyjs=False, include_mathjax=False, config=_CONFIG, div_id=f"chart-{place}"
    )
    return f"<section><h2>{_text(chart.title)}</h2>{drawn}<p>{_text(chart.caption)}</p></section>"


def _figure(chart: Chart) -> Any:
    import plotly.graph_objects as go

    shapes: dict[type, Any] = {Line: _line, FanBand: _band, Layer: _layer, Bars: _bars, Box: _box, HeatMap: _map}
    traces = [trace for item in chart.items if not isinstance(item, Mark) for trace in shapes[type(item)](go, item)]
    figure = go.Figure(traces)
    _lay_out(figure, chart)
    for item in chart.items:
        if isinstance(item, Mark):
            _mark(figure, item)
    return figure


def _lay_out(figure: Any, chart: Chart) -> None:
    """Axes, legend above the chart, what the pointer shows: all series of a date, or the bar under it."""
    rows = any(isinstance(item, Box | HeatMap) for item in chart.items)
    named = any(isinstance(item, HeatMap) for item in chart.items)
    figure.update_layout(
        template="plotly_white",
        height=380,
        margin={"l": 60, "r": 20, "t": 20, "b": 50},
        barmode="stack",
        bargap=0,
        font={"family": _FAMILY},
        hovermode="closest" if chart.x_name else "x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        showlegend=not rows,
    )
    figure.update_xaxes(title_text=_text(chart.x_name), showgrid=rows, type="category" if named else None)
    words = {"title_text": _text(chart.y_name), "type": "category" if named else None}
    figure.update_yaxes(**words, autorange="reversed" if rows else None)
    if not rows:
        figure.update_yaxes(rangemode="tozero")


def _line(go: Any, item: Line) -> list[Any]:
    """A series; a point where it has only one."""
    shape, mode = ("hv" if item.style == "steps" else "linear"), ("lines" if len(item.y) > 1 else "markers")
    line = {"color": item.color, "shape": shape, "dash": "dash" if item.style == "dashed" else "solid"}
    shared = {"name": _text(item.label), "mode": mode, "line": line, "hovertemplate": _HOVER}
    return [go.Scatter(x=_x(item.x), y=item.y, **shared)]


def _band(go: Any, item: FanBand) -> list[Any]:
    """Lower edge without a name, upper edge filled down to it."""
    fill = f"rgba({', '.join(str(int(item.color[i : i + 2], 16)) for i in (1, 3, 5))}, {item.opacity})"
    label, line = _text(item.label), {"width": 0, "color": item.color}
    shared = {"x": _x(item.x), "mode": "lines", "line": line, "legendgroup": label}
    low = go.Scatter(y=item.low, name=f"{label} low", showlegend=False, hovertemplate=_HOVER, **shared)
    high = go.Scatter(y=item.high, name=label, fill="tonexty", fillcolor=fill, hovertemplate=_HOVER, **shared)
    return [low, high]


def _layer(go: Any, item: Layer) -> list[Any]:
    line = {"width": 0, "color": item.color}
    shared = {"x": _x(item.x), "y": item.y, "name": _text(item.label), "line": line, "fillcolor": item.color}
    return [go.Scatter(**shared, stackgroup="all", mode="lines", hovertemplate=_HOVER)]


def _bars(go: Any, item: Bars) -> list[Any]:
    width, hover = (item.width, _HOVER_BIN) if isinstance(item.x, np.ndarray) else (item.width * _DAY, _HOVER)
    marker = {"color": item.color, "line": {"width": 0}}
    return [go.Bar(x=_x(item.x), y=item.y, width=width, name=_text(item.label), marker=marker, hovertemplate=hover)]


def _box(go: Any, item: Box) -> list[Any]:
    first, second, middle, third, last = item.quantiles
    edges = {"lowerfence": [first], "q1": [second], "median": [middle], "q3": [third], "upperfence": [last]}
    shared = {"name": _text(item.label), "y": [_text(item.label)], "orientation": "h", "marker_color": item.color}
    return [go.Box(**edges, mean=[item.mean], boxmean=True, **shared)]


def _map(go: Any, item: HeatMap) -> list[Any]:
    """Figures stand in the cells where there is room."""
    shown = {"text": item.texts, "texttemplate": "%{text}"} if item.values.size <= ROOM else {}
    names = {"x": [_text(name) for name in item.columns], "y": [_text(name) for name in item.rows]}
    hover = "%{x}, %{y}: %{z:,.4~f}<extra></extra>"
    return [go.Heatmap(**names, z=item.values, colorscale="Cividis", hovertemplate=hover, **shown)]


def _mark(figure: Any, item: Mark) -> None:
    """A line of the whole height, with a trace of its own so that the legend names it."""
    at = item.at if isinstance(item.at, float) else item.at.isoformat()
    line = {"color": item.color, "dash": "dash", "width": 1.5}
    figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="y domain", line=line)
    figure.add_scatter(x=[at], y=[None], mode="lines", line=line, name=_text(item.label), hoverinfo="skip")


def _x(axis: Axis) -> list[Any]:
    return axis.tolist() if isinstance(axis, np.ndarray) else [day.isoformat() for day in axis]
