"""The deal: one frozen tree, as the contract says it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, Strict

from abssim.deal.account import Account, Ledger
from abssim.deal.base import Expression, Name, RegimeName, Signed, Text
from abssim.deal.dates import Dates
from abssim.deal.disclosure import Disclosure, Parties
from abssim.deal.fee import Fee
from abssim.deal.note import Index, Note
from abssim.deal.pool import Pool, Revolving
from abssim.deal.series import Series, Transferor
from abssim.deal.trigger import Call, Trigger
from abssim.deal.waterfall import Step
from abssim.document import Document, dotted
from abssim.errors import Problem
from abssim.node import DocumentPath
from abssim.public import Shown
from abssim.setting import Settable
from abssim.word import counted

Threshold = Annotated[float, Strict()]


class Deal(Settable, Shown):
    """A securitization as data. Amounts in currency units; percent only in fields ending `_pct`."""

    setter = "set_deal"

    name: Annotated[str, Strict(), Field(min_length=1, max_length=120)]
    """Name of the deal, as printed."""
    description: Text = ""
    """A sentence for the reader."""
    currency: Annotated[str, Strict(), Field(max_length=20)]
    """ISO 4217 code."""
    dates: Dates
    """When things happen."""
    pools: Annotated[dict[Name, Pool], Field(min_length=1, max_length=100)]
    """Assets by name."""
    revolving: Revolving | None = None
    """Purchases."""
    notes: Annotated[dict[Name, Note], Field(min_length=1, max_length=200)]
    """Liabilities by name, senior first."""
    indexes: dict[Name, Index] = Field(default={})
    """Reference rates by name."""
    accounts: Annotated[dict[Name, Account], Field(min_length=1, max_length=100)]
    """Bank accounts by name."""
    ledgers: dict[Name, Ledger] = Field(default={}, max_length=100)
    """Ledgers by name."""
    fees: dict[Name, Fee] = Field(default={}, max_length=200)
    """Fees and taxes by name."""
    series: dict[Name, Series] = Field(default={}, max_length=50)
    """Series of a master trust by name: their shares of the pool, classes and accumulations."""
    transferor: Transferor | None = None
    """What is asked of the seller's interest in a trust with series."""
    holders: tuple[Name, ...] = Field(default=(), max_length=50)
    """Residual holders that hold no note: `[seller]`."""
    definitions: dict[Name, Expression] = Field(default={}, max_length=300)
    """Named expressions, frozen at the start of each date, and anew after a call has sold the pool."""
    schedules: dict[Name, dict[Annotated[int, Strict(), Field(ge=1)], Threshold]] = Field(default={}, max_length=200)
    """Values from a payment date on, readable as `schedule.NAME`: `{1: 0.03, 13: 0.05}`."""
    waterfalls: dict[RegimeName, Annotated[tuple[Step, ...], Field(max_length=300)]]
    """Priority of payments by regime; a missing one is that of the next less severe regime."""
    triggers: dict[Name, Trigger] = Field(default={}, max_length=100)
    """Triggers by name."""
    calls: dict[Name, Call] = Field(default={}, max_length=20)
    """Calls by name."""
    history: dict[str, tuple[Signed, ...]] = Field(default={})
    """Values of definitions on the dates before a start in mid-life, oldest first (windows look back on them)."""
    parties: Parties | None = None
    """Who takes part, as `abssim disclose` names them."""
    disclosure: Disclosure | None = None
    """Facts for `abssim disclose` that no computation knows."""
    scenario: str | dict[str, Any] = "base"
    """The base scenario: a name in `scenarios/`, or written out."""

    _document: Document | None = PrivateAttr(default=None)
    _written: dict[DocumentPath, DocumentPath] = PrivateAttr(default={})
    """Places in the document of steps that `with_series` has put elsewhere."""

    def __repr__(self) -> str:
        return f"<Deal {self.name!r}: {counted(len(self.notes), 'note')}, {self.currency}, to {self.dates.legal_final}>"

    __str__ = __repr__

    @property
    def file(self) -> Path:
        """The document this deal was read from."""
        return self._document.file if self._document else Path("deal.yaml")

    @property
    def folder(self) -> Path:
        """Folder that relative file names start from."""
        return self.file.parent

    @property
    def document(self) -> Document | None:
        """The document with its line numbers."""
        return self._document

    def problem(self, code: str, path: DocumentPath, message: str, hint: str = "") -> Problem:
        """A problem at a place of this deal, with file and line when it was read from a file."""
        path = self._place(path)
        if self._document is None:
            return Problem(code, "", dotted(path), message, hint)
        return self._document.problem(code, path, message, hint)

    def _place(self, path: DocumentPath) -> DocumentPath:
        """Where the document says what stands at `path`: what is written out of a series, in the series."""
        if path[:3] in self._written:
            return (*self._written[path[:3]], *path[3:])
        first, _, rest = str(path[1]).partition(".") if len(path) > 1 else ("", "", "")
        return ("series", rest.partition(".")[0]) if first == "series" and rest else path

    def canonical(self) -> bytes:
        """What the deal says, without comments, layout and defaults: the input of a fingerprint."""
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
