"""What every document is made of, and what of it was read: nothing that is written may be without effect unheard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import BaseModel, ConfigDict

from abssim.node import DocumentPath

Reads = set[tuple[int, str]]
"""(identity of a part, name of its field)."""

_READS: ContextVar[Reads | None] = ContextVar("reads", default=None)


class Part(BaseModel):
    """A piece of a document: frozen, no unknown fields, no infinities, docstrings become the reference.

    While `recording`, it notes which of its fields are read.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True, validate_default=False
    )

    def __getattribute__(self, name: str) -> Any:
        reads = _READS.get()
        if reads is not None:
            reads.add((id(self), name))
        return super().__getattribute__(name)

    def given(self) -> dict[str, Any]:
        """Every field that is not left out, by name; all of them count as read."""
        for name in type(self).model_fields:
            getattr(self, name)
        return self.model_dump(exclude_none=True)


@contextmanager
def recording(reads: Reads) -> Iterator[None]:
    """Note in `reads` what this thread reads of any document."""
    token = _READS.set(reads)
    try:
        yield
    finally:
        _READS.reset(token)


def unread(part: Part, reads: Reads) -> Iterator[DocumentPath]:
    """Paths of what was written into a document and never read; of a part that was not read at all only its own."""
    values = vars(part)
    for name, field in type(part).model_fields.items():
        value = values[name]
        if name not in part.__pydantic_fields_set__ or value == field.get_default(call_default_factory=True):
            continue
        here = (field.alias or name,)
        if (id(part), name) in reads:
            yield from ((*here, *below) for below in _inside(value, reads))
        else:
            yield here


def _inside(value: Any, reads: Reads) -> Iterator[DocumentPath]:
    if isinstance(value, Part):
        found = list(unread(value, reads))
        untouched = not any((id(value), name) in reads for name in type(value).model_fields)
        yield from [()] if found and untouched else found
    elif isinstance(value, Mapping | tuple):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from ((key, *below) for below in _inside(item, reads))
