"""`abssim calibrate`: from past performance to a scenario."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abssim.cli.group import grouped
from abssim.cli.option import All, Json, Read
from abssim.errors import Problem

if TYPE_CHECKING:
    from abssim.calibrate.calibration import Calibration, CalibrationSettings

ENDINGS = (".yaml", ".yml")


class Weight(StrEnum):
    """What counts."""

    loans = "loans"
    balance = "balance"


File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="Loan x month status, loans with their outcome, or static-pool curves: CSV (also .gz), workbook, Parquet.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN",
        help="status=STATE; curves: cumulative_default=…. NAME=WORD:MEANING for words: status=Completed:prepaid. "
        "May be repeated.",
    ),
]
Name = Annotated[str, typer.Option("--name", help="Name of the scenario.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Scenario to write: .yaml, for -s.")]


class FitOptions(NamedTuple):
    """What is estimated, by what, and from when to when."""

    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="COLUMN", help="Rates of their own for each value, such as grade. May be repeated."
        ),
    ] = None
    ages: Annotated[
        str,
        typer.Option("--ages", metavar="0,7,…", help="Ages in months from which roll rates get a matrix of their own."),
    ] = "0"
    weight: Annotated[Weight, typer.Option("--weight", help="What rates count: loans, or their balance.")] = (
        Weight.loans
    )
    fit_to: Annotated[
        str | None,
        typer.Option("--fit-to", metavar="MONTH", help="Last vintage (loan x month: last month) of the fit."),
    ] = None
    test_from: Annotated[
        str | None,
        typer.Option("--test-from", metavar="MONTH", help="Test the fit on the vintages from this one on."),
    ] = None
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="MONTH", help="Fit only what was known at the end of this month.")
    ] = None

    def settings(self) -> CalibrationSettings:
        """As the calibration takes them."""
        from abssim.calibrate.calibration import CalibrationSettings
        from abssim.calibrate.option import parse_ages, parse_months

        months = parse_months({"--fit-to": self.fit_to, "--test-from": self.test_from, "--as-of": self.as_of})
        return CalibrationSettings(tuple(self.by or ()), parse_ages(self.ages), self.weight.value, *months)


@grouped
def calibrate(
    file: File,
    *,
    mapping: Map = None,
    read: Read = None,
    fit: FitOptions,
    name: Name = "calibrated",
    out: Out = None,
    everything: All = False,
    json: Json = False,
) -> None:
    """Estimate roll rates, hazards, timing, recovery and factor correlation from past performance, with their errors.

    --out writes a scenario for `abssim run` and `abssim simulate`; --test-from tells how the fit did on later vintages.
    """
    _check_output(name, out, file)
    from abssim.calibrate.calibrate import calibrate as estimate
    from abssim.tape.option import reading_settings

    found = estimate(file, fit.settings(), **reading_settings(read or (), mapping or ()))
    _show(found, everything, json)
    if out is not None:
        from abssim.calibrate.write import write_scenario
        from abssim.cli.terminal import tell

        write_scenario(found, name, out)
        tell(f"wrote {out}")


def _check_output(name: str, out: Path | None, file: Path) -> None:
    """The scenario must have a name, and a file that can be written; both are told at once."""
    from abssim.cli.output import clashes, output_problems, require

    nameless = [Problem("E002", "--name", "", "names nothing", "give the scenario a name")] if not name.strip() else []
    require(output_problems("--out", out, ENDINGS), nameless, clashes([("--out", out)], [file]))


def _show(found: Calibration, everything: bool, json: bool) -> None:
    """The tables, or the document."""
    from abssim.cli.terminal import show, show_json

    if json:
        from abssim.report.calibration import calibration_document

        show_json(calibration_document(found))
    else:
        from abssim.table.calibration import calibration_tables

        show(calibration_tables(found, everything))
