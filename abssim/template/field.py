"""What a template says: its fields, in which part of the report and at which place of the message they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Regime = Literal["EU", "US", "CN"]
SEPARATOR = ";"
"""Between the values of a field that may have several."""
_NO_DATA = re.compile(r"ND(?:[1235]|4-\d{4}-\d{2}-\d{2})")
_DATED = "ND4"
_OF_OTHERS = ("deal", "party", "loan", "report")
"""Sources that are not figures of a run."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a template."""

    code: str
    name: str
    section: str
    order: int
    """Place in the message, which is not the order of codes."""
    format: str
    """What a value is: `DATEFORMAT`, `MONETARY`, `LIST`, …"""
    limit: int
    """Letters of a text, largest whole number, decimals; 0 where the format says it all."""
    no_data: frozenset[str]
    """Codes that may stand for a value that is not there: `ND1` to `ND5`."""
    default: str
    """The one that does where nobody says another; empty where none may."""
    choices: tuple[str, ...]
    """Codes of a `LIST`."""
    path: tuple[str, ...]
    """Elements from below the root of the message to this field; `@Ccy` is an attribute."""
    value: tuple[str, ...]
    """Elements inside, around the value; what stands for it takes their place."""
    repeats: bool
    """Several values may be given, and stand one after the other."""
    source: str
    """Who knows it: `loan.balance`, `run.cpr_pct`, `party.servicer.name`, or `deal.value` for what only the deal's
    document or a column of the tape with the field's code can say."""

    @property
    def computed(self) -> bool:
        """A figure of the run: nobody else may give it."""
        return self.source.partition(".")[0] not in _OF_OTHERS

    def allows(self, code: str) -> bool:
        """True if the no-data code may stand here."""
        return is_no_data(code) and code[:3] in self.no_data


@dataclass(frozen=True, slots=True)
class Template:
    """A report of a regulator, of one version."""

    name: str
    title: str
    regime: Regime
    version: str
    legal_basis: str
    namespace: str
    root: tuple[str, ...]
    sections: Mapping[str, tuple[str, ...]]
    """Element that is repeated for each row of a part of the report; empty for what stands once."""
    may_omit: bool
    """A field without a value is left out; otherwise it has one, or a no-data code."""
    fields: tuple[Field, ...]

    def of(self, section: str) -> tuple[Field, ...]:
        """The fields of a part of the report, by code."""
        return tuple(field for field in self.fields if field.section == section)

    @property
    def in_order(self) -> tuple[Field, ...]:
        """The fields as the message has them."""
        return tuple(sorted(self.fields, key=lambda field: field.order))

    @property
    def forms(self) -> tuple[str, ...]:
        """Kinds of file it is written as, the usual ones first; one without elements is no message."""
        return ("xml", "csv", "xlsx", "xml.gz") if self.root else ("csv", "xlsx")

    @property
    def loan_level(self) -> bool:
        """True if each loan has a row."""
        return "loan" in self.sections

    def record(self, section: str) -> tuple[str, ...]:
        """Elements from the top of the file to one row of a part."""
        return (*self.root, *self.sections[section])

    def codes_by_path(self, section: str) -> Iterator[tuple[tuple[str, ...], Field]]:
        """(elements below a row, field) of the fields that are elements."""
        depth = len(self.sections[section])
        for field in self.of(section):
            yield field.path[depth:], field


def is_no_data(text: str) -> bool:
    """True of a code that says why there is no value: ND1, ND2, ND3, ND5, ND4-2026-12-31."""
    return text.startswith("ND") and _NO_DATA.fullmatch(text) is not None


def no_data_date(code: str) -> str:
    """The day on which the data will be there, of ND4; empty for other codes."""
    return code.removeprefix(f"{_DATED}-") if code.startswith(_DATED) else ""
