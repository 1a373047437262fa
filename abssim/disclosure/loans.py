"""Loans of a tape as rows of a loan-level template. The tape is as of its cut-off, and so is the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from abssim.disclosure.loan_source import SOURCES
from abssim.disclosure.loan_view import LoanView, Texts
from abssim.disclosure.rows import CHUNK
from abssim.tape.schema import LoanTape
from abssim.template.field import SEPARATOR, Field


@dataclass(frozen=True)
class LoanRows:
    """Some loans."""

    view: LoanView
    kept: dict[str, Texts] = field(default_factory=dict)
    """Sources that several fields have."""

    @property
    def count(self) -> int:
        """Rows."""
        return self.view.count

    def name(self, row: int) -> str:
        """`loan 4711`, a row from 0 within these."""
        return f"loan {self.view.ids()[row]}"

    def given(self, field: Field) -> Texts | None:
        """What columns with the field's code say; several of a field that repeats are `code`, `code.1`, `code.2`."""
        names = [name for name in (field.code, field.code.lower()) if name in self.view.tape.extra][:1]
        while field.repeats and names and (name := f"{names[0]}.{len(names)}") in self.view.tape.extra:
            names.append(name)
        columns = [self.view.words(name) for name in names]
        if len(columns) < 2:
            return columns[0] if columns else None
        return [SEPARATOR.join(filter(None, cells)) for cells in zip(*columns, strict=True)]

    def known(self, field: Field) -> Texts | str | None:
        """What the tape tells of the field's source."""
        kind, _, name = field.source.partition(".")
        if kind == "report":
            return {"currency": self.view.tape.currency, "period_end": self._period_end}.get(name)
        if kind != "loan":
            return None
        if name not in self.kept:
            self.kept[name] = SOURCES[name](self.view)
        return self.kept[name]

    @property
    def _period_end(self) -> str:
        """Balances are as of the start of the cut-off day: the period has ended on the day before."""
        return (self.view.cut_off - timedelta(days=1)).isoformat()


def loan_rows(tape: LoanTape, cut_off: date, closing: date) -> Iterator[LoanRows]:
    """The loans, some thousands at a time."""
    for first in range(0, len(tape), CHUNK):
        part = slice(first, min(first + CHUNK, len(tape)))
        yield LoanRows(LoanView(tape, part, cut_off, closing))
