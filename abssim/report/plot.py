"""Charts of results in a notebook: the page of `--chart`, as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abssim.errors import AbssimError
from abssim.report.chart_file import library_problem
from abssim.report.chart_png import page_figure
from abssim.report.chart_run import run_page
from abssim.report.chart_simulation import simulation_page
from abssim.result import RunResult, Simulation

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(first: RunResult | Simulation, *others: RunResult | Simulation) -> Figure:
    """A page of charts of a run or a simulation, or of several of one kind; `savefig` writes it.

    Raises AbssimError E020, which says how to install matplotlib; TypeError for runs beside simulations.
    """
    if problem := library_problem("matplotlib", "plot"):
        raise AbssimError(problem)
    shown = [first, *others]
    runs = [each for each in shown if isinstance(each, RunResult)]
    sims = [each for each in shown if isinstance(each, Simulation)]
    if runs and sims:
        raise TypeError("a page shows runs or simulations, not both")
    return page_figure(run_page(runs) if runs else simulation_page(sims))
