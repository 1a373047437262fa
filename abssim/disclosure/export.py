"""A report to files: rows are made once, checked, and written in every form that is asked for.

All that is wrong is told at once when the last row has been looked at; then nothing is kept of what was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from abssim.disclosure.facts import Facts
from abssim.disclosure.message import MessageWriter
from abssim.disclosure.resolve import Resolver, Source
from abssim.disclosure.rows import Once, Writer
from abssim.disclosure.tell import Findings
from abssim.disclosure.view import CsvWriter, WorkbookWriter
from abssim.template.field import Template

Form = Literal["xml", "xml.gz", "csv", "xlsx"]
Progress = Callable[[int], None]


def export(
    template: Template,
    facts: Facts,
    once: Source,
    sections: Mapping[str, Iterable[Source]],
    folder: Path,
    forms: Sequence[str] = ("xml",),
    stem: str = "",
    progress: Progress = lambda done: None,
) -> Findings:
    """Write a report into a folder, in files named `stem` (or by the template); raises DisclosureError with all gaps.

    `once` is what stands in the report once; `sections` are the rows of the others. Returns what was found.
    """
    findings = Findings(template, facts.deal.file.name, facts.said)
    resolver = Resolver(facts, findings)
    with ExitStack() as files:
        writers = [files.enter_context(_writer(template, facts, folder, form, stem or template.name)) for form in forms]
        values = _once(template, resolver, once)
        for writer in writers:
            writer.once(values)
        done = 0
        for section, sources in sections.items():
            fields = template.of(section)
            for source in sources:
                rows = resolver.rows(fields, source)
                for writer in writers:
                    writer.rows(section, rows)
                done += source.count
                progress(done)
        findings.require()
    return findings


def _once(template: Template, resolver: Resolver, once: Source) -> Once:
    fields = [field for section, record in template.sections.items() if not record for field in template.of(section)]
    return {code: cells[0] for code, cells in resolver.rows(fields, once).items()}


def _writer(template: Template, facts: Facts, folder: Path, form: str, stem: str) -> Writer:
    if form == "csv":
        return CsvWriter(template, folder, stem)
    if form == "xlsx":
        return WorkbookWriter(template, folder / f"{stem}.xlsx")
    return MessageWriter(template, folder / f"{stem}.{form}", facts.deal.currency)
