"""Arguments and options that commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from abssim.bound import MOST_LOANS, MOST_SEED


class OnBadRow(StrEnum):
    """What a bad row of a tape does."""

    fail = "fail"
    drop = "drop"


class SamplingKind(StrEnum):
    """How factor paths are drawn."""

    random = "random"
    antithetic = "antithetic"
    stratified = "stratified"
    sobol = "sobol"


class EndKind(StrEnum):
    """Where figures end."""

    call = "call"
    maturity = "maturity"


Deal = Annotated[str, typer.Argument(metavar="DEAL", help="A folder with deal.yaml, a file, or a name in deals/.")]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        "-s",
        metavar="SCENARIO",
        help="A file, a name in scenarios/, or `deal`: the deal's own. May be repeated.",
    ),
]
OneScenario = Annotated[
    str | None, typer.Option("--scenario", "-s", help="A file, a name in scenarios/, or `deal`: the deal's own.")
]
Price = Annotated[float | None, typer.Option("--price", help="Clean price per 100 of `yield`; default: 100.")]
Tape = Annotated[
    list[str] | None,
    typer.Option(
        "--tape",
        metavar="[POOL=]FILE",
        help="Loan tape (CSV, workbook, Parquet) in place of the deal's own. POOL=FILE, where several pools could be "
        "meant; may be repeated.",
    ),
]
SyntheticLoans = Annotated[
    int | None,
    typer.Option("--synthetic-loans", min=1, max=MOST_LOANS, help="Loans in the deal's synthetic pool, same balance."),
]
Read = Annotated[
    list[str] | None,
    typer.Option(
        "--read",
        metavar="SETTING=VALUE",
        help="How to read the file: dates=day_first (or month_first, dates.COLUMN=…), unknown.score=9999, "
        "encoding=gb18030, skip=3 (lines before the header), skip_end=1, sheet=Loans, decimal=',', delimiter=';'. "
        "May be repeated. In a deal these stand under tape:.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN",
        help="balance=CUR_BAL; rate_pct=… if in percent. NAME=WORD:MEANING for a column's words: "
        "amortization=annuity:level_pay, status=Completed:paid (a loan that is paid, closed or charged off and has a "
        "balance is a bad row). May be repeated.",
    ),
]
BadRow = Annotated[OnBadRow, typer.Option("--on-bad-row", help="What a bad row of the tape does: fail or be dropped.")]
To = Annotated[
    EndKind | None,
    typer.Option("--to", help="To call: called as soon as the deal allows (the default). To maturity: never called."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
All = Annotated[bool, typer.Option("--all", help="Show every row of long tables.")]
Notes = Annotated[list[str] | None, typer.Option("--note", help="Only this note. May be repeated.")]
TableOut = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Write the table: .csv or .xlsx.")]


Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Set any value of the deal or the scenarios: default_multiple=3, notes.A.coupon_pct=5.2, "
        "assumptions.0.default.cdr_pct=4. deal. or scenario. comes before a path that both have. May be repeated.",
    ),
]


class DrawOptions(NamedTuple):
    """What decides the random numbers of a path."""

    seed: Annotated[
        int, typer.Option("--seed", min=0, max=MOST_SEED, help="Seed of the random numbers; paths keep their numbers.")
    ] = 1
    sampling: Annotated[
        SamplingKind,
        typer.Option(
            "--sampling",
            help="How factor paths are drawn: at random, in mirrored pairs, in strata, or as a Sobol set of 16, 32, "
            "64, … paths. All but the first estimate means from fewer paths.",
        ),
    ] = SamplingKind.random
    importance: Annotated[
        float,
        typer.Option(
            "--importance",
            min=0.0,
            max=10.0,
            help="Lower every second path's factor by so many standard deviations and weight the paths: shows the "
            "losses of senior notes that plain paths miss. With random or antithetic paths.",
        ),
    ] = 0.0
    vintage_loans: Annotated[
        int,
        typer.Option(
            "--vintage-loans", min=1, max=MOST_LOANS, help="Loans in the sample that stands for a month's purchases."
        ),
    ] = 20_000
