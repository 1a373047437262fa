"""A deal's report in a regulator's form, into a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from abssim.collateral.source import pool_cut_off, pool_tapes
from abssim.collateral.tapes import Tapes
from abssim.deal.deal import Deal
from abssim.disclosure.distinct import require_distinct
from abssim.disclosure.export import Form, export
from abssim.disclosure.facts import Facts
from abssim.disclosure.investor import METHODS, cash_rows, report_row, trigger_rows
from abssim.disclosure.loans import loan_rows
from abssim.disclosure.once import OneRow
from abssim.disclosure.tell import Findings
from abssim.disclosure.trustee import Trustee
from abssim.disclosure.validate import validate
from abssim.disclosure.when import no_loans, payment_row, require_date, require_forms
from abssim.errors import DisclosureError, Problem, did_you_mean, notify
from abssim.folder import swapping, write_manifest
from abssim.result import RunResult
from abssim.study.choice import require_choice
from abssim.study.compiled import compile_deal, with_reading
from abssim.study.deals import load_deal
from abssim.study.project import run
from abssim.study.scenarios import ScenarioLike
from abssim.tape.schema import LoanTape
from abssim.template.field import Template
from abssim.template.load import load_template, template_names

Progress = Callable[[int, int], None]
"""Told rows that are done, and how many there are."""
Reports = Callable[[Path], Iterator[Findings]]
"""Writes its files into a folder."""


@dataclass(frozen=True)
class Disclosed:
    """What was written."""

    template: Template
    files: tuple[str, ...]
    findings: tuple[Findings, ...]

    @property
    def notes(self) -> list[str]:
        """No-data codes that were used, and what was left out."""
        return list(dict.fromkeys(note for found in self.findings for note in found.notes()))


def find_template(name: str) -> Template:
    """The template of a name; DisclosureError E800."""
    if name not in template_names():
        raise DisclosureError(Problem("E800", name, "", "no such template", did_you_mean(name, template_names())))
    return load_template(name)


def disclose(
    deal: str | Path | Deal,
    template: str,
    out: str | Path,
    *,
    scenario: ScenarioLike | None = None,
    period: int | None = None,
    as_of: date | None = None,
    tape: Tapes | None = None,
    on_bad_row: str = "fail",
    reading: Mapping[str, Any] | None = None,
    forms: Sequence[str] = (),
    schema: str | Path | None = None,
    progress: Progress = lambda done, of: None,
) -> Disclosed:
    """Write a report of a deal into the folder `out`, which is swapped in as a whole.

    Loan-level templates are of the tape, as of its cut-off; others of the payment date of number `period`, or on the
    day `as_of`, of a run under `scenario` (the deal's own without it). `forms` are of xml, xml.gz, csv, xlsx, the
    template's first two without them; `schema` is the user's own copy of the regulator's, which the messages are held
    against. Raises DisclosureError with every gap at once, and what reading the deal, its tapes and the run raise.
    """
    for form in forms:
        require_choice("forms", form, Form)
    chosen = find_template(template)
    forms = forms or chosen.forms[:2]
    require_forms(chosen, forms)
    require_date(chosen, scenario is not None, period, as_of)
    document = deal if isinstance(deal, Deal) else load_deal(deal)
    facts = Facts(document)
    if reading:
        document = with_reading(document, tape, reading)
    if chosen.loan_level:
        _require_cut_off(document, chosen, as_of)
        tapes = _tapes(document, chosen, tape, on_bad_row)
        reports: Reports = partial(_loan_reports, document, chosen, facts, tapes, forms, progress)
    else:
        compiled = compile_deal(document, tape, on_bad_row)
        result = run(compiled, scenario)
        row = payment_row(result, period, as_of)
        reports = partial(_date_report, compiled.deal, chosen, facts, result, row, forms)
    files, findings = _written(Path(out), document, chosen, reports, schema)
    return Disclosed(chosen, files, findings)


def _written(
    out: Path, deal: Deal, template: Template, reports: Reports, schema: str | Path | None
) -> tuple[tuple[str, ...], tuple[Findings, ...]]:
    """Names of the files in the folder that is swapped in, checked against a schema, and what was found in them."""
    with swapping(out) as folder:
        findings = tuple(reports(folder))
        if schema is not None:
            validate(sorted(folder.glob("*.xml*")), Path(schema), template)
        write_manifest(folder, f"abssim disclose {deal.name}, {template.name} {template.version}")
        return tuple(sorted(file.name for file in folder.iterdir())), findings


def _require_cut_off(deal: Deal, template: Template, as_of: date | None) -> None:
    """The day that a loan-level report is asked for must be that of the tapes."""
    days = {pool_cut_off(deal, pool) for pool in deal.pools.values()}
    if as_of is not None and days != {as_of}:
        raise no_loans(template, "--as-of", str(as_of))


def _date_report(
    deal: Deal, template: Template, facts: Facts, result: RunResult, t: int, forms: Sequence[str], folder: Path
) -> Iterator[Findings]:
    """The report of one payment date."""
    if template.regime == "CN":
        notify(f"{template.name}: a loan 91 days past due is in default; the bands of arrears end with 61 to 90 days")
        report = Trustee(deal, result, t)
        yield export(template, facts, report.once(), report.tables(), folder, forms)
        return
    for text in METHODS:
        notify(f"{template.name}: {text}")
    sections = {"test": trigger_rows(deal, result, t), "cash_flow": cash_rows(deal, result, t)}
    yield export(template, facts, report_row(deal, result, t), sections, folder, forms)


def _tapes(deal: Deal, template: Template, tape: Tapes | None, on_bad_row: str) -> dict[str, LoanTape]:
    pools, readings = pool_tapes(deal, tape, on_bad_row, [field.code for field in template.fields])
    for reading in readings:
        for note in reading.notes:
            notify(f"{reading.source}: {note}")
    if not pools:
        text = "no pool of the deal has loans: a servicer's figures and replines are none"
        raise DisclosureError(deal.problem("E806", ("pools",), text, "give a tape: --tape POOL=FILE"))
    _tell_days(template, pools)
    for name in deal.pools.keys() - pools.keys():
        notify(f"pool {name} has no loans, and is not in this report")
    for name, pool in deal.pools.items():
        if pool.synthetic is not None and name in pools and not isinstance(tape, str | Path):
            notify(f"pool {name} is drawn at random: its loans are nobody's")
    return pools


def _tell_days(template: Template, pools: Mapping[str, LoanTape]) -> None:
    """Say where the first of a month stands for a day of origination that no column tells."""
    for field in template.fields:
        if field.source == "loan.origination_date" and field.format == "DATEFORMAT":
            for name, tape in pools.items():
                if tape.origination_month is not None and field.code not in tape.extra:
                    notify(f"pool {name}: the tape keeps the month of origination, {field.code} tells its first day")


def _loan_reports(
    deal: Deal,
    template: Template,
    facts: Facts,
    tapes: Mapping[str, LoanTape],
    forms: Sequence[str],
    progress: Progress,
    folder: Path,
) -> Iterator[Findings]:
    """A report for each pool, in files of its own where there are several."""
    total, before = sum(map(len, tapes.values())), 0
    for name, tape in tapes.items():
        cut_off = pool_cut_off(deal, deal.pools[name])
        require_distinct(template, tape, deal.file.name)
        once = OneRow({"report.cut_off": cut_off.isoformat()})
        stem = template.name if len(tapes) == 1 else f"{template.name}-{name}"
        rows = {"loan": loan_rows(tape, cut_off, deal.dates.closing)}
        yield export(template, facts, once, rows, folder, forms, stem, partial(_after, progress, before, total))
        before += len(tape)


def _after(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)
