"""Settings of a reading as people type them: `balance=CUR_BAL`, a file of them, bands, dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from abssim.errors import Problem, TapeError
from abssim.money import to_minor
from abssim.reading import EVERY

_BY_COLUMN = ("columns", "defaults", "words", "unknown", "dates")
"""Settings that name a column: `unknown.score`."""


def pairs(items: Sequence[str], option: str) -> dict[str, str]:
    """`["balance=CUR_BAL"]` as a mapping."""
    problems = [Problem("E227", option, item, "not NAME=VALUE") for item in items if not item.partition("=")[2].strip()]
    given = [(name.strip(), value.strip()) for name, _, value in (item.partition("=") for item in items)]
    names = [name for name, _ in given]
    problems += [Problem("E247", option, name, "given twice") for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise TapeError(problems)
    return dict(given)


def mapping_of(items: Sequence[str], file: Path | None) -> dict[str, str]:
    """The mapping of a YAML file, overridden by what was typed."""
    written: dict[str, str] = {}
    if file is not None:
        from abssim.document import read_document

        data = read_document(file, TapeError, "E2").data
        written = {str(name): str(column) for name, column in data.items()}
    return {**written, **pairs(items, "--map")}


def reading_settings(
    reads: Sequence[str], maps: Sequence[str], file: Path | None = None, defaults: Sequence[str] = ()
) -> dict[str, Any]:
    """Fields of `abssim.reading.Reading`: `--read dates.maturity_date=day_first`, `--map balance=CUR_BAL`,
    `--map status=Completed:paid`, `--default rate_pct=5`."""
    settings = _settings(reads)
    meanings = [item for item in maps if ":" in item.partition("=")[2]]
    for item in meanings:
        name, _, pair = item.partition("=")
        word, _, meaning = pair.rpartition(":")
        _put(settings, ["words", name.strip(), word.strip()], meaning.strip(), "--map")
    for name, column in mapping_of([item for item in maps if item not in meanings], file).items():
        _put(settings, ["columns", name], column, "--map")
    for name, value in pairs(defaults, "--default").items():
        _put(settings, ["defaults", name], value, "--default")
    return settings


def _settings(items: Sequence[str]) -> dict[str, Any]:
    """`["unknown.score=9999,999", "skip=3"]` as a document writes them."""
    settings: dict[str, Any] = {}
    for name, text in pairs(items, "--read").items():
        field, _, column = name.partition(".")
        value: Any = [part.strip() for part in text.split(",")] if field == "unknown" else text
        path = [field, *column.split(".", 1)] if field == "words" else [field, column or EVERY]
        if field not in _BY_COLUMN:
            path, value = [name], int(text) if text.isdecimal() and len(text) < 19 and field != "sheet" else text
        _put(settings, path, value, "--read")
    return settings


def _put(settings: dict[str, Any], path: Sequence[str], value: Any, option: str) -> None:
    """Sets what a path of keys leads to."""
    place = settings
    for key in path[:-1]:
        place = place.setdefault(key, {})
        if not isinstance(place, dict):
            raise TapeError(Problem("E227", option, ".".join(path), "said in two ways that exclude each other"))
    place[path[-1]] = value


def parse_date(text: str, option: str = "--cut-off") -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TapeError(Problem("E220", option, "", f'"{text}" is not a date', "write yyyy-mm-dd")) from None


def parse_bands(text: str, by: Sequence[str]) -> tuple[float, ...]:
    """Lower edges separated by commas, for exactly one column."""
    if len(by) != 1:
        raise TapeError(Problem("E231", "--bands", "", "bands go with exactly one --by"))
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise TapeError(Problem("E231", "--bands", "", f'"{text}"', "write 0,5000,10000")) from None


def parse_amount(text: str, currency: str) -> int:
    """An amount in currency units (`800_000_000`, `1,500.25`) as minor units."""
    try:
        return to_minor(text.replace("_", "").replace(",", ""), currency)
    except (ArithmeticError, ValueError):
        raise TapeError(Problem("E227", "--balance", "", f'"{text}" is not an amount')) from None
