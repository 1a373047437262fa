"""`abssim disclose`: reports in the forms of regulators."""

from __future__ import annotations

from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from abssim.cli.group import grouped
from abssim.cli.open import TapeOptions
from abssim.cli.option import Deal, Json
from abssim.errors import Problem

if TYPE_CHECKING:
    from datetime import date

    from abssim.disclosure.disclose import Disclosed


class Form(StrEnum):
    """Kinds of file."""

    xml = "xml"
    xml_gz = "xml.gz"
    csv = "csv"
    xlsx = "xlsx"


Listed = Annotated[bool, typer.Option("--list", help="Show the templates, and what this deal lacks for each.")]


class ReportOptions(NamedTuple):
    """Which report, of what, and where to."""

    template: Annotated[str | None, typer.Option("--template", metavar="NAME", help="Template: see --list.")] = None
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", "-s", help="Scenario of a report on a payment date; default: the deal's own."),
    ] = None
    period: Annotated[
        int | None,
        typer.Option(
            "--period", min=0, help="Number of the payment date; loan-level reports are as of the cut-off, 0."
        ),
    ] = None
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Day of the payment date, or of the cut-off.")
    ] = None
    forms: Annotated[
        list[Form] | None,
        typer.Option("--as", help="Kind of file; default: XML and CSV, or CSV and Excel. May be repeated."),
    ] = None
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help="Your copy of the regulator's XML schema, to check against."),
    ] = None
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Folder to write; it is replaced as a whole.")
    ] = None

    @property
    def kinds(self) -> list[str]:
        """Endings of the files asked for."""
        return [form.value for form in self.forms or ()]


@grouped
def disclose(
    deal: Deal,
    listing: Listed = False,
    *,
    report: ReportOptions,
    tapes: TapeOptions,
    json: Json = False,
) -> None:
    """Write a report in a regulator's form: loans one by one as of the cut-off, or an investor report of a date.

    Legal names, identifiers and other facts that no computation knows come from the deal's parties: and disclosure:
    blocks. A field that must be told and has no value is an error, all of them at once; where the template allows a
    no-data code it is used, and told.
    """
    from abssim.cli.terminal import show, show_json

    if listing:
        from abssim.disclosure.document import listing_document
        from abssim.disclosure.listing import listed
        from abssim.study.deals import load_deal
        from abssim.table.template import template_tables

        found = listed(load_deal(deal))
        show_json(listing_document(found)) if json else show(template_tables(found))
        return
    done = _write(deal, report, tapes)
    if json:
        from abssim.disclosure.document import disclosed_document

        show_json(disclosed_document(done))


def _write(deal: str, report: ReportOptions, tapes: TapeOptions) -> Disclosed:
    """The report, in the folder that is named; what has to be told of it is told."""
    from abssim.cli.progress import Progress
    from abssim.cli.terminal import compiling, tell
    from abssim.disclosure.disclose import disclose as write
    from abssim.study.deals import load_deal

    day = _require(report, tapes)
    assert report.template is not None and report.out is not None
    document = load_deal(deal)
    progress = Progress("loans")
    with compiling() if report.period or day else nullcontext(), progress.bar(None):
        done = write(
            document,
            report.template,
            report.out,
            scenario=report.scenario,
            period=report.period,
            as_of=day,
            tape=tapes.files or None,
            on_bad_row=tapes.on_bad_row.value,
            reading=tapes.reading,
            forms=report.kinds,
            schema=report.schema,
            progress=progress.of,
        )
    for note in done.notes:
        tell(note)
    tell(f"wrote {report.out}: {', '.join(done.files)}")
    return done


def _require(report: ReportOptions, tapes: TapeOptions) -> date | None:
    """The day of --as-of; all options that cannot be carried out are told at once."""
    from abssim.cli.output import faults, require
    from abssim.disclosure.disclose import find_template
    from abssim.disclosure.when import require_date, require_forms
    from abssim.folder import folder_problems
    from abssim.tape.option import parse_date
    from abssim.template.load import template_names

    template, as_of, out = report.template, report.as_of, report.out
    missing = [name for name, value in (("--template", template), ("--out", out)) if value is None]
    problems = [Problem("E007", name, "", "is needed for a report", "or ask for --list") for name in missing]
    wrong_day = faults(lambda: parse_date(as_of, "--as-of")) if as_of else []
    day = parse_date(as_of, "--as-of") if as_of and not wrong_day else None
    if template in template_names():
        chosen = find_template(template)
        problems += faults(lambda: require_forms(chosen, report.kinds))
        problems += (
            [] if wrong_day else faults(lambda: require_date(chosen, report.scenario is not None, report.period, day))
        )
    elif template is not None:
        problems += faults(lambda: find_template(template))
    problems += folder_problems(out, "--out") if out is not None else []
    require(problems, wrong_day, faults(lambda: tapes.files), faults(lambda: tapes.reading))
    return day
