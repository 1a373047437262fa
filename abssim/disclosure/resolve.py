"""From what is known of a row to the cells of a template: a value, a no-data code, or a finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from abssim.disclosure.facts import Facts
from abssim.disclosure.rows import Rows
from abssim.disclosure.spell import UnfitError, spelled
from abssim.disclosure.tell import Findings
from abssim.template.field import SEPARATOR, Field, is_no_data

Cells = Sequence[str]
_MOST_KEPT = 5_000


class Source(Protocol):
    """Some rows of a section, as far as the tape or the run knows them. Texts as `spell` wants them."""

    @property
    def count(self) -> int:
        """Rows."""

    def name(self, row: int) -> str:
        """How a row is called in problems; empty for what stands once."""

    def given(self, field: Field) -> Cells | None:
        """What an input says under the field's own code; None where it says nothing."""

    def known(self, field: Field) -> Cells | str | None:
        """What follows by the field's source: a cell a row, or one for all."""


class Resolver:
    """Makes cells of one report; what was met already is not spelled again."""

    def __init__(self, facts: Facts, findings: Findings) -> None:
        self._facts, self._findings = facts, findings
        self._kept: dict[str, dict[str, str]] = {}

    def rows(self, fields: Sequence[Field], source: Source) -> Rows:
        """Cells of the fields. An input's own column comes first, then what is computed, then the deal's value."""
        return {field.code: self._column(field, source) for field in fields}

    def _column(self, field: Field, source: Source) -> Cells:
        cells: Cells = ("",) * source.count
        for ask in (source.given, source.known, self._facts.value):
            if "" in cells:
                cells = _filled(cells, ask(field))
                self._findings.asked.update([field.code] if ask == self._facts.value else [])
        self._findings.lacked.update([field.code] if "" in cells else [])
        return self._spelled(field, cells, source.name)

    def _spelled(self, field: Field, cells: Cells, name: Callable[[int], str]) -> Cells:
        kept = self._kept.setdefault(field.code, {})
        if len(kept) > _MOST_KEPT:
            kept.clear()
        nothing, found, used = self._facts.nothing(field), [], self._findings.used
        for row, cell in enumerate(cells):
            text = kept.get(cell)
            if text is None:
                text = self._one(field, cell or nothing, row, name)
                if text or not cell:
                    kept[cell] = text
            found.append(text)
        for code in {text for text in kept.values() if is_no_data(text)}:
            used[field.code, code] += found.count(code)
        if not nothing:
            self._absent(field, cells, name)
        return found

    def _absent(self, field: Field, cells: Cells, name: Callable[[int], str]) -> None:
        """Cells for which there is nothing at all."""
        count = sum(not cell for cell in cells)
        if count and self._findings.template.may_omit:
            self._findings.omitted[field.code] += count
        elif count:
            self._findings.lacks(field.code, name(next(row for row, cell in enumerate(cells) if not cell)), count)

    def _one(self, field: Field, cell: str, row: int, name: Callable[[int], str]) -> str:
        """One value, or the values of a field that repeats; empty where there is none or it does not fit."""
        values = cell.split(SEPARATOR) if field.repeats else [cell]
        try:
            return SEPARATOR.join(_value(field, value.strip()) for value in values) if cell else ""
        except UnfitError as unfit:
            self._findings.refuses(field.code, name(row), cell, str(unfit))
            return ""


def _filled(cells: Cells, other: Cells | str | None) -> Cells:
    """The cells, where they are empty the others."""
    if not other:
        return cells
    others = (other,) * len(cells) if isinstance(other, str) else other
    return [own or second for own, second in zip(cells, others, strict=True)]


def _value(field: Field, value: str) -> str:
    if not is_no_data(value):
        return spelled(value, field)
    if not field.allows(value):
        allowed = " or ".join(sorted(field.no_data))
        raise UnfitError(f"may not stand here{f', only {allowed}' if allowed else ''}")
    return value
