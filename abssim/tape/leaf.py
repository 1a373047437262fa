"""Which element of a loan-level report holds which field of its template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from abssim.tape.element import Cells
from abssim.template.field import Field, Template

_CURRENCY = "/@Ccy"
_MINUS = ("false", "0")
_NO_DATA = ("NoDataOptn", "NoData")
_DATED = ("NoDataOptn", "NoData4")


class Leaf(NamedTuple):
    """What a text is: a field's `value`, the `day` of a no-data code or the `code` itself, the `sign` of an amount."""

    code: str
    what: str
    repeats: bool


class Leaves:
    """The elements of a template's loans, by path."""

    def __init__(self, template: Template) -> None:
        self._template = template
        depth = len(template.sections["loan"])
        self._leaves = {
            path: leaf for field in template.of("loan") for path, leaf in _leaves(field, field.path[depth:])
        }
        self._any_case = {path.lower(): leaf for path, leaf in self._leaves.items()}

    def header(self, cells: Cells) -> dict[str, str]:
        """Values by code of what stands once in the file."""
        root = len(self._template.root)
        once = {"/".join(field.path): field.code for field in self._template.fields if field.section != "loan"}
        found = (("/".join(path.split("/")[root:]), text) for path, text in cells)
        return {once[path]: text for path, text in found if path in once}

    def known(self, cells: Cells) -> int:
        """How many of a loan's elements are the template's."""
        return sum(path in self._leaves for path, _ in cells)

    def cells(self, cells: Cells, unknown: Counter[str]) -> tuple[dict[str, str], list[str]]:
        """A loan's values by code (`code.1` the second of one that repeats), and codes that stand twice in conflict."""
        found: dict[str, str] = {}
        twice: list[str] = []
        for path, said in cells:
            leaf = self._leaves.get(path) or self._any_case.get(path.lower())
            if leaf is None:
                unknown[path] += not path.endswith(_CURRENCY)
            elif leaf.what == "sign":
                if said.strip() in _MINUS and leaf.code in found:
                    found[leaf.code] = f"-{found[leaf.code]}"
            elif leaf.what == "day":
                found[leaf.code] = f"ND4-{said.strip()}"
            elif (text := said.strip()) and (leaf.what == "value" or text != "ND4"):
                self._put(found, twice, leaf, text)
        return found, twice

    def _put(self, found: dict[str, str], twice: list[str], leaf: Leaf, text: str) -> None:
        code, number = leaf.code, 1
        while leaf.repeats and code in found:
            code = f"{leaf.code}.{number}"
            number += 1
        if found.setdefault(code, text) != text:
            twice.append(code)


def _leaves(field: Field, path: tuple[str, ...]) -> list[tuple[str, Leaf]]:
    """Paths of what a field may hold."""

    def leaf(what: str, *steps: str) -> tuple[str, Leaf]:
        return "/".join((*path, *steps)), Leaf(field.code, what, field.repeats)

    found = [leaf("value", *field.value)]
    if field.value[-1:] == ("Amt",):
        found.append(leaf("sign", *field.value[:-1], "Sgn"))
    if field.no_data:
        found += [leaf("code", *_NO_DATA), leaf("day", *_DATED, "Dt"), leaf("code", *_DATED, "NoData")]
    return found


def template_of(root: str, first: Cells, templates: Sequence[Template]) -> Template:
    """The template whose outermost element is the file's, and of several the one that knows most of the first loan."""
    name = root.rpartition("}")[2]
    return max((each for each in templates if each.root[0] == name), key=lambda each: Leaves(each).known(first))
