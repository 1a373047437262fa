"""Settings of a reading: checked, and told where they have no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from abssim.errors import Problem, TapeError, did_you_mean
from abssim.guard import shortened
from abssim.reading import EVERY, Reading
from abssim.tape.raw import Raw
from abssim.tape.schema import DATES, SYNONYMS

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def reading_of(how: Mapping[str, Any], where: str) -> Reading:
    """The settings as a document; raises TapeError with all that is wrong with them."""
    from pydantic import ValidationError

    try:
        return Reading.model_validate(dict(how))
    except ValidationError as error:
        raise TapeError([_problem(each, where) for each in error.errors()]) from None
    except UnicodeError:
        raise TapeError(Problem("E227", where, "", "a setting is not UTF-8 text")) from None


def by_tape_name(how: Reading, where: str) -> Reading:
    """The settings with each column under the name the tape has it by; raises TapeError where two names mean one."""
    renamed: dict[str, Any] = {}
    for setting in ("columns", "defaults", "words", "unknown", "dates"):
        said: Mapping[str, Any] = getattr(how, setting)
        for name in sorted(set(SYNONYMS) & set(said)):
            if SYNONYMS[name] in said:
                text = f"{name} and {SYNONYMS[name]} are one column"
                raise TapeError(Problem("E247", where, f"{setting}.{name}", text, "keep one of them"))
        renamed[setting] = {SYNONYMS.get(name, name): value for name, value in said.items()}
    return how.model_copy(update=renamed)


def _problem(error: ErrorDetails, where: str) -> Problem:
    place = [shortened(str(part)) for part in error["loc"] if part not in (EVERY, "[key]")]
    if error["type"] == "extra_forbidden":
        hint = did_you_mean(str(error["loc"][0]), Reading.model_fields)
        return Problem("E227", where, ".".join(place), "no such setting", hint)
    message = error["msg"].removeprefix("Value error, ")
    return Problem("E227", where, ".".join(place), message[:1].lower() + message[1:])


def idle_notes(how: Reading, raw: Mapping[str, Raw]) -> Iterator[str]:
    """Words and values that stand in no row, orders of dates where there are none."""
    for name, column in raw.items():
        own = {*how.words.get(name, ()), *how.unknown.get(name, ())}
        for value in (value for value in column.spelling.unmet if value in own):
            yield f'{name}: no row holds "{value}"'
    met = {value for column in raw.values() for value in column.spelling.met}
    for value in how.unknown.get(EVERY, ()):
        if value not in met:
            yield f'no row holds "{value}", which was said to mean unknown'
    if EVERY in how.dates and not set(DATES) & set(raw):
        yield f"the order of dates ({how.dates[EVERY]}) has no effect: no column of dates is read"
