"""What stands in a report and what does not: gaps and faults by field, told at once; no-data codes that were used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from abssim.deal.disclosure import Disclosure
from abssim.errors import DisclosureError, Problem
from abssim.guard import shortened
from abssim.template.field import Field, Template
from abssim.word import counted


@dataclass
class _Told:
    """One kind of fault of one field."""

    count: int = 0
    first: str = ""
    """Which row it was."""
    reason: str = ""


@dataclass
class Findings:
    """What has to be told of the rows of a report, collected while they are made."""

    template: Template
    where: str
    """The deal's document, as problems name it."""
    said: Disclosure
    """What the deal says for reports."""
    missing: dict[str, _Told] = field(default_factory=dict)
    unfit: dict[str, _Told] = field(default_factory=dict)
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rows by field and no-data code."""
    omitted: Counter[str] = field(default_factory=Counter)
    """Rows without a value, of templates that may omit it."""

    asked: set[str] = field(default_factory=set)
    """Fields for which the deal's document was asked for a value."""
    lacked: set[str] = field(default_factory=set)
    """Fields that have no value in some row."""

    def lacks(self, code: str, row: str, count: int) -> None:
        """A field has no value in so many rows, the first of which is named, and nothing may stand for it."""
        self._note(self.missing, code, row, "", count)

    def refuses(self, code: str, row: str, text: str, reason: str) -> None:
        """A field does not take a value."""
        self._note(self.unfit, code, row, f'"{shortened(text)}" {reason}', 1)

    def _note(self, kind: dict[str, _Told], code: str, row: str, reason: str, count: int) -> None:
        told = kind.setdefault(code, _Told(first=row, reason=reason))
        told.count += count

    def require(self) -> None:
        """Raise all faults at once, in the order of the template."""
        if problems := list(self._problems()):
            raise DisclosureError(problems)

    def _problems(self) -> Iterator[Problem]:
        for each in self.template.fields:
            if each.code in self.missing:
                told = self.missing[each.code]
                yield Problem("E801", self.where, each.code, f"no value for {each.name}{_rows(told)}", hint_for(each))
            if each.code in self.unfit:
                told = self.unfit[each.code]
                yield Problem("E802", self.where, each.code, f"{each.name}: {told.reason}{_rows(told)}", _allowed(each))

    def notes(self) -> Iterator[str]:
        """Which no-data codes stand where, a line for each code; which elements were left out."""
        for code in sorted({no_data for _, no_data in self.used}):
            fields = [each.code for each in self.template.fields if (each.code, code) in self.used]
            yield f"{self.template.name}: {code} stands in {counted(len(fields), 'field')}: {', '.join(fields)}"
        for code in (each.code for each in self.template.fields):
            if code in self.said.values and code not in self.asked:
                yield f"disclosure.values.{code} has no effect: every row has a value of its own"
            if code in self.said.no_data and code not in self.lacked:
                yield f"disclosure.no_data.{code} has no effect: every row has a value"
        if self.omitted:
            yield f"{self.template.name}: left out where there is no value: {', '.join(self.omitted)}"


def hint_for(each: Field) -> str:
    """Where a value of a field can be given."""
    kind, _, rest = each.source.partition(".")
    if kind == "party":
        return f"give parties.{rest} in the deal"
    if each.source == "deal.identifier":
        return "give disclosure.identifier in the deal"
    if each.computed or kind == "report":
        return ""
    column = f", or a column {each.code} in the tape" if each.section == "loan" else ""
    return f"give disclosure.values.{each.code} in the deal{column}"


def _allowed(each: Field) -> str:
    return f"or say {' or '.join(sorted(each.no_data))}" if each.no_data else ""


def _rows(told: _Told) -> str:
    if not told.first:
        return ""
    return f" ({told.first})" if told.count == 1 else f" ({counted(told.count, 'row')}, the first is {told.first})"
