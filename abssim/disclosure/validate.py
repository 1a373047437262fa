"""Messages against the user's own copy of the regulator's schema, read as a stream."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from abssim.errors import DisclosureError, Problem
from abssim.template.field import Template

_MOST = 20
"""Faults of a file that are told."""


def validate(files: Iterable[Path], schema: Path, template: Template) -> None:
    """DisclosureError: E813 where the schema cannot be read, E814 with what it says of the messages."""
    from lxml import etree

    try:
        known = etree.XMLSchema(etree.parse(str(schema), etree.XMLParser(no_network=True, resolve_entities=False)))
    except (etree.LxmlError, OSError) as error:
        said = str(error).splitlines()[0][:200]
        raise DisclosureError(Problem("E813", str(schema), "--schema", f"no schema that can be read: {said}")) from None
    if problems := [problem for file in files for problem in _faults(file, known, template)]:
        raise DisclosureError(problems)


def _faults(file: Path, schema: object, template: Template) -> list[Problem]:
    from lxml import etree

    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
        row = list(template.sections.values())[-1][-1]
        parser = etree.iterparse(stream, tag=f"{{*}}{row}", schema=schema, resolve_entities=False, no_network=True)
        with suppress(etree.XMLSyntaxError):
            for _, element in parser:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        log = [*parser.error_log][:_MOST]
    return [Problem("E814", file.name, "", each.message[:300]) for each in log]
