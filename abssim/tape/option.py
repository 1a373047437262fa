"""Settings of a reading as people type them: `balance=CUR_BAL`, a file of them, bands, dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from abssim.errors import Problem, TapeError
from abssim.money import to_minor


def pairs(items: Sequence[str], option: str) -> dict[str, str]:
    """`["balance=CUR_BAL"]` as a mapping."""
    problems = [Problem("E227", option, item, "not NAME=VALUE") for item in items if not item.partition("=")[2].strip()]
    found = [(name.strip(), value.strip()) for name, _, value in (item.partition("=") for item in items)]
    names = [name for name, _ in found]
    problems += [Problem("E247", option, name, "given twice") for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise TapeError(problems)
    return dict(found)


def mapping_of(items: Sequence[str], file: Path | None) -> dict[str, str]:
    """The mapping of a YAML file, overridden by what was typed."""
    written: dict[str, str] = {}
    if file is not None:
        from abssim.document import read_document

        data = read_document(file, TapeError, "E2").data
        written = {str(name): str(column) for name, column in data.items()}
    return {**written, **pairs(items, "--map")}


def parse_date(text: str) -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TapeError(Problem("E220", "--cut-off", "", f'"{text}" is not a date', "write yyyy-mm-dd")) from None


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
