"""What every document is made of, and what of it was read: nothing that is written may be without effect unheard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from abssim.node import DocumentPath

_READS: ContextVar[Reads | None] = ContextVar("reads", default=None)


class Reads:
    """Which fields of which parts were read. Parts are told apart by identity, so a copy in another process, where
    identities differ, knows nothing and says nothing."""

    def __init__(self, complete: bool = True) -> None:
        self.complete = complete
        self._names: dict[int, set[str]] = {}
        self._parts: list[Part] = []
        """Kept alive, so that no other part gets the identity of one."""

    def add(self, part: Part, name: str) -> None:
        """Note that a field was read."""
        self._of(part).add(name)

    def same(self, copy: Part, part: Part) -> None:
        """What is read of a copy is read of the part."""
        self._names[id(copy)] = self._of(part)
        self._parts.append(copy)

    def _of(self, part: Part) -> set[str]:
        names = self._names.get(id(part))
        if names is None:
            names = self._names[id(part)] = set()
            self._parts.append(part)
        return names

    def copy(self) -> Reads:
        """What was read so far, to go on from."""
        copy = Reads(self.complete)
        copy._names = {key: set(names) for key, names in self._names.items()}
        copy._parts = [*self._parts]
        return copy

    def of(self, part: Part) -> set[str]:
        """Names read of a part."""
        return self._names.get(id(part), set())

    def __reduce__(self) -> tuple[type[Reads], tuple[bool]]:
        return Reads, (False,)


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
            reads.add(self, name)
        return super().__getattribute__(name)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields changed; what is read of it while `recording` is read of this part."""
        copy = super().model_copy(update=update, deep=deep)
        reads = _READS.get()
        if reads is not None:
            reads.same(copy, self)
        return copy

    def given(self, without: Set[str] = frozenset()) -> dict[str, Any]:
        """Every field that is not left out, by name, `without` some; all of them count as read."""
        for name in type(self).model_fields:
            getattr(self, name)
        return self.model_dump(exclude_none=True, exclude={*without})


class NumericPart(Part):
    """A part whose numbers are plain `int` and `float`; those of a deal are strict types of their own."""

    @field_validator("*", mode="before")
    @classmethod
    def _numbers(cls, value: Any, info: ValidationInfo) -> Any:
        """A number is written as one: `yes` is not 1, and a text of digits is a text."""
        if isinstance(value, bool | str | list | tuple | dict) and info.field_name is not None:
            kinds = _kinds(cls, info.field_name)
            if kinds & {int, float} and not kinds & {bool, str, object}:
                _require_numbers(value, "a whole number" if float not in kinds else "a number")
        return value


@cache
def _kinds(model: type[Part], field: str) -> frozenset[type]:
    """Types that values of a field can have, inside lists and mappings too; `object` where that is not known."""
    return frozenset(_leaves(model.model_fields[field].annotation))


def _leaves(annotation: Any) -> Iterator[type]:
    origin = get_origin(annotation)
    if origin is None:
        yield annotation if annotation in (int, float, bool, str, type(None)) else object
        return
    arguments = get_args(annotation)
    inside = arguments[1:] if origin is dict else arguments[:1] if hasattr(annotation, "__metadata__") else arguments
    for each in inside:
        if each is not Ellipsis:
            yield from _leaves(each)


def _require_numbers(value: Any, wanted: str) -> None:
    """Refuse flags and texts among values; ValueError."""
    if isinstance(value, bool | str):
        shown = f'"{value[:60]}"' if isinstance(value, str) else "yes" if value else "no"
        raise ValueError(f"must be {wanted}, not {shown}")
    if isinstance(value, list | tuple | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            _require_numbers(inner, wanted)


@contextmanager
def recording(reads: Reads) -> Iterator[None]:
    """Note in `reads` what this thread reads of any document."""
    token = _READS.set(reads)
    try:
        yield
    finally:
        _READS.reset(token)


def is_read(used: Any, path: DocumentPath, reads: Reads) -> bool:
    """Whether what stands at a place of a document that was computed with was read; what is not there was not."""
    for key in path if reads.complete else ():
        if isinstance(used, Part):
            names = [name for name, field in type(used).model_fields.items() if (field.alias or name) == key]
            if not names or names[0] not in reads.of(used):
                return False
            used = vars(used)[names[0]]
        elif isinstance(used, Mapping | tuple):
            if key not in (used if isinstance(used, Mapping) else range(len(used))):
                return False
            used = used[key]
        elif used is None:
            return False
    return True


def unread(written: Part, used: Part, reads: Reads) -> Iterator[DocumentPath]:
    """Paths of what was `written` into a document and never read; of a part that was not read at all only its own.

    `used` is what was computed with: the document itself, or what it became on top of another one.
    """
    if not reads.complete:
        return
    for name, field in type(written).model_fields.items():
        value = vars(written)[name]
        if name not in written.__pydantic_fields_set__ or value == field.get_default(call_default_factory=True):
            continue
        here = (field.alias or name,)
        if name in reads.of(used):
            yield from ((*here, *below) for below in _inside(value, vars(used)[name], reads))
        else:
            yield here


def _inside(written: Any, used: Any, reads: Reads) -> Iterator[DocumentPath]:
    """`unread` of what stands in a field: parts, and lists and mappings of them."""
    if isinstance(written, Part):
        paths = list(unread(written, used, reads))
        untouched = reads.of(used).isdisjoint(type(used).model_fields)
        yield from [()] if paths and untouched else paths
    elif isinstance(written, Mapping):
        for key, item in written.items():
            yield from ((key, *below) for below in _inside(item, used[key], reads))
    elif isinstance(written, tuple):
        for number, item in enumerate(written):  # lists are joined, so their parts are those that were written
            yield from ((number, *below) for below in _inside(item, item, reads))
