"""Templates by name, from their files: `NAME.toml` has the words, `NAME.csv` a row a field."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from abssim.template.field import Field, Template

_DATA = files("abssim.template") / "data"
_ORDER = {"EU": 0, "US": 1, "CN": 2}
_RANGES = {"ND1-ND4": "1234", "ND1-ND5": "12345", "ND5": "5", "": ""}


@cache
def template_names() -> tuple[str, ...]:
    """All of them, by regime and number.

    >>> template_names()[0]
    'eu-annex5'
    """
    names = [file.name.removesuffix(".toml") for file in _DATA.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(names, key=lambda name: (_ORDER[name[:2].upper()], len(name), name)))


@cache
def load_template(name: str) -> Template:
    """The template of a name; KeyError where there is none."""
    if name not in template_names():
        raise KeyError(name)
    words: dict[str, Any] = tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))
    sections = {section: _steps(path) for section, path in words.pop("sections").items()}
    root = _steps(words.pop("root", ""))
    return Template(name=name, sections=sections, root=root, fields=_fields(name), **{**_OPTIONAL, **words})


_OPTIONAL = {"namespace": "", "may_omit": False}


def _fields(name: str) -> tuple[Field, ...]:
    lines = (_DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return tuple(_field(row) for row in csv.DictReader(lines))


def _field(row: dict[str, str]) -> Field:
    kind, _, limit = row["format"].partition("-")
    if not limit.isdecimal():
        kind, limit = row["format"], "0"
    return Field(
        **{key: row[key] for key in ("code", "name", "section", "default", "source")},
        order=int(row["order"]),
        format=kind,
        limit=int(limit),
        no_data=frozenset(f"ND{number}" for number in _RANGES[row["no_data"]]),
        choices=tuple(filter(None, row["choices"].split("|"))),
        path=_steps(row["path"]),
        value=_steps(row["value"]),
        repeats=row["repeats"] == "yes",
    )


def _steps(path: str) -> tuple[str, ...]:
    return tuple(filter(None, path.split("/")))
