"""What a page of charts shows, as plain data: those who build it draw nothing, those who draw it know no deal.

Values are in the unit of their axis (percent, millions). An axis along the bottom is of dates or of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from abssim.money import minor_digits

Float64 = npt.NDArray[np.float64]
Axis = Sequence[date] | Float64
Style = Literal["solid", "dashed", "steps"]

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c8c", "#b8ab00")
"""Colors told apart by color-blind readers (Okabe, Ito 2008), yellow darkened for paper."""
BLUE, ORANGE, VERMILION, GRAY = PALETTE[0], PALETTE[1], PALETTE[5], PALETTE[6]


@dataclass(frozen=True, slots=True)
class Line:
    """A series; steps hold each value until the next point."""

    label: str
    x: Axis
    y: Float64
    color: str
    style: Style = "solid"


@dataclass(frozen=True, slots=True)
class FanBand:
    """The area between two series, `opacity` from 0 to 1."""

    label: str
    x: Axis
    low: Float64
    high: Float64
    color: str
    opacity: float


@dataclass(frozen=True, slots=True)
class Layer:
    """An area stacked on the layers before it."""

    label: str
    x: Axis
    y: Float64
    color: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of one width (days, on an axis of dates) about `x`, stacked on the bars before them."""

    label: str
    x: Axis
    y: Float64
    width: float
    color: str


@dataclass(frozen=True, slots=True)
class Box:
    """A lying row: line from the first to the last of five quantiles, box between the inner two, median, mean."""

    label: str
    quantiles: tuple[float, ...]
    mean: float
    color: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An upright line."""

    label: str
    at: date | float
    color: str


ROOM = 150
"""Cells of a heat map into which figures are written."""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A grid of figures, colored by size; not-a-number is left empty."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    """From above."""
    values: Float64
    """(rows, columns)"""
    marks: tuple[str, ...]
    """Behind each figure, row by row."""

    @property
    def texts(self) -> list[list[str]]:
        """Figures as they are written into the cells."""
        wide = len(self.columns)
        figures = ["" if np.isnan(value) else f"{value:.4g}" for value in self.values.reshape(-1)]
        words = [f"{figure}{mark}" for figure, mark in zip(figures, self.marks, strict=True)]
        return [words[i : i + wide] for i in range(0, len(words), wide)]


Item = Line | FanBand | Layer | Bars | Box | Mark | HeatMap


@dataclass(frozen=True, slots=True)
class Chart:
    """One frame with its items, drawn in order."""

    title: str
    x_name: str
    """Empty for dates, which speak for themselves."""
    y_name: str
    items: tuple[Item, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that goes into one file."""

    title: str
    facts: tuple[tuple[str, str], ...]
    """What identifies the result: deal, scenario, paths, seed, fingerprint."""
    charts: tuple[Chart, ...]
    remarks: tuple[str, ...] = ()


def note_color(index: int) -> str:
    """Color of a note, the same in every chart; from the ninth note on the colors come again, darker."""
    turn, place = divmod(index, len(PALETTE))
    shade = 0.6**turn
    parts = (int(PALETTE[place][i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part * shade):02x}" for part in parts)


def money_scale(largest: int, currency: str) -> tuple[float, str]:
    """What amounts in minor units are divided by, and the name of the unit: millions where they are large enough."""
    unit = 10.0 ** minor_digits(currency)
    return (unit * 1e6, f"{currency} million") if largest >= unit * 1e6 else (unit, currency)
