"""Which column of the file becomes which column of the tape: the user's mapping, then known formats, then own names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from abssim.errors import Problem, did_you_mean, first_of
from abssim.reading import EVERY, Reading
from abssim.tape.alias import Alias, Format, recognise
from abssim.tape.particular import PARTICULAR_RATES
from abssim.tape.schema import CATEGORIES, COLUMNS, DATES, RATES, SYNONYMS, USES, LoanTape
from abssim.tape.spelling import Spelling

PERCENT = tuple(f"{name}_pct" for name in (*RATES, *PARTICULAR_RATES))
KNOWN = (*COLUMNS, *CATEGORIES, *PERCENT)
"""Every name a mapping may give a meaning to; any other name becomes a further column of the tape."""

MAX_AUTOMATIC_WORDS = 10_000
"""A text column nobody asked for is left out when it has more different words than this."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What is read, as what."""

    sources: Mapping[str, Alias]
    """Tape column (rates without `_pct`) -> column of the file."""
    format: Format | None
    unread: tuple[str, ...]
    automatic: frozenset[str] = field(default_factory=frozenset)
    """Further columns read because the file has them, not because a mapping names them."""
    kept: frozenset[str] = field(default_factory=frozenset)
    """Further columns that nobody understands: they are kept as they are, for reports."""

    @property
    def others(self) -> tuple[str, ...]:
        """Columns of the file that mean nothing to the tape."""
        return (*self.unread, *(self.sources[name].column for name in self.sources if name in self.automatic))

    @property
    def notes(self) -> list[str]:
        """Columns of the file without effect, in one line."""
        names = ", ".join(name or "(no name)" for name in self.unread)
        return [f"not read: {names}; map one to have it in the tape"] if names else []

    def keeping(self, names: Collection[str], file: Sequence[str]) -> ColumnMapping:
        """Also the columns of the file with these names, in any case, and those a second time there (`name.1`)."""
        wanted = {name.lower(): name for name in names}
        found: dict[str, Alias] = {}
        for column in file:
            plain, point, number = column.strip().rpartition(".")
            name, end = (plain, f".{number}") if point and number.isdecimal() else (column.strip(), "")
            if name.lower() in wanted:
                found[f"{wanted[name.lower()]}{end}"] = Alias(column)
        columns = {alias.column for alias in found.values()}
        own = {n: alias for n, alias in self.sources.items() if n not in self.automatic or alias.column not in columns}
        unread = tuple(name for name in self.unread if name not in columns)
        return replace(self, sources={**own, **found}, unread=unread, kept=frozenset(found))

    def spelling(self, name: str, said: Spelling) -> Spelling:
        """How a column's texts are understood: as said, and the format's words and codes for "not known" as such."""
        if self.format is None or name not in self.format.columns or name in self.kept:
            return said
        words = {**self.sources[name].words, **said.words}
        return replace(said, words=words, unknown=(*said.unknown, *self.format.no_data))

    def selectors(self, tape: LoanTape) -> tuple[str, ...]:
        """Columns of the file that only conditions, limits and strata read."""
        waiting = (name for name in self.sources if USES.get(name, ("selection",)) == ("selection",))
        return tuple(name for name in waiting if name not in self.kept and (name in tape.extra or name in USES))


def map_columns(
    names: Sequence[str], how: Reading, where: str, defaults: Mapping[str, object], dated: bool
) -> tuple[ColumnMapping, list[Problem]]:
    """The mapping of a file with these columns, and what is wrong with it; `dated`: there is a cut-off date."""
    problems = [
        Problem("E246", where, f"columns.{target}", f'the file has no column "{source}"', did_you_mean(source, names))
        for target, source in how.columns.items()
        if source not in names
    ]
    known = recognise(frozenset(names))
    chosen: dict[str, Alias] = {}
    for target, source in how.columns.items():
        _choose(chosen, target, Alias(source), where, problems)
    for target, aliases in (known.columns if known else {}).items():
        present = [alias for alias in aliases if alias.column in names]
        if target not in chosen and present:
            chosen[target] = present[0]
    automatic = _own_names(names, chosen, where, problems, further=known is None)
    problems += _ambiguous(names, chosen, where)
    problems += _missing(chosen, defaults, where, names, dated)
    problems += _unknown_targets(how, chosen, where)
    read = {alias.column for alias in chosen.values()} | ({known.cut_off} if known else set())
    return ColumnMapping(chosen, known, tuple(name for name in names if name not in read), automatic), problems


def _unknown_targets(how: Reading, chosen: Mapping[str, Alias], where: str) -> Iterator[Problem]:
    """Settings of columns that are not read."""
    for setting in ("words", "unknown", "dates"):
        for name in getattr(how, setting):
            if name != EVERY and name not in chosen:
                hint = did_you_mean(name, chosen)
                yield Problem("E246", where, f"{setting}.{name}", f'no column is read as "{name}"', hint)
    for name in how.dates:
        if name != EVERY and name in chosen and name not in DATES:
            yield Problem("E246", where, f"dates.{name}", f"{name} is no date", f"dates: {', '.join(DATES)}")


def _choose(chosen: dict[str, Alias], target: str, alias: Alias, where: str, problems: list[Problem]) -> None:
    name, percent = (target[:-4], True) if target in PERCENT else (target, False)
    if name in chosen:
        both = f'"{chosen[name].column}" and "{alias.column}"'
        problems.append(Problem("E247", where, name, f"{both} both give {name}", "keep one of them"))
    elif not name.isidentifier():
        problems.append(Problem("E246", where, f"columns.{target}", f'"{target}" cannot name a column of the tape'))
    else:
        chosen[name] = Alias(alias.column, "percent" if percent else alias.unit, alias.words)


def _own_names(
    names: Sequence[str], chosen: dict[str, Alias], where: str, problems: list[Problem], further: bool
) -> frozenset[str]:
    """Columns that carry the tape's names already, in any case; `further` ones too when the file is no known format."""
    taken = {alias.column for alias in chosen.values()}
    mapped = set(chosen)
    automatic: set[str] = set()
    for name in dict.fromkeys(names):
        target = SYNONYMS.get(name.strip().lower(), name.strip().lower())
        plain = target[:-4] if target in PERCENT else target
        if name in taken or plain in mapped:
            continue
        if target in KNOWN:
            _choose(chosen, target, Alias(name), where, problems)
        elif further and target.isidentifier() and target not in chosen:
            chosen[target] = Alias(name)
            automatic.add(target)
    return frozenset(automatic)


def _ambiguous(names: Sequence[str], chosen: Mapping[str, Alias], where: str) -> list[Problem]:
    count = Counter(names)
    repeated = sorted({alias.column for alias in chosen.values() if count[alias.column] > 1})
    return [Problem("E247", where, name, f'the header has "{name}" {count[name]} times') for name in repeated]


def missing(where: str, name: str, others: Sequence[str]) -> Problem:
    """A required column that the file does not give, with the columns that nothing reads and those that may be it."""
    near = [column for column in others if name.split("_")[-1] in column.lower()]
    near = near or get_close_matches(name, others, n=2)
    meant = near[0] if near else "COLUMN"
    percent = f", or {name}_pct={meant} where it is in percent" if name in RATES else ""
    hint = f"map it: --map {name}={meant}{percent}; not read otherwise: {first_of(others)}"
    return Problem("E245", where, name, f"no column gives the {name.replace('_', ' ')}", hint)


def _missing(
    chosen: Mapping[str, Alias], defaults: Mapping[str, object], where: str, names: Sequence[str], dated: bool
) -> list[Problem]:
    have = {*chosen, *(name.removesuffix("_pct") for name in defaults)}
    problems = []
    if "balance" not in have:
        hint = f"map it: balance=COLUMN; the file has {first_of(names)}"
        problems.append(Problem("E245", where, "balance", "no column gives the balance", hint))
    by_date = have & set(DATES)
    ways = [{"remaining_term"}, {"original_term", "age"}]
    ways += [{"maturity_date"}, {"original_term", "origination_month"}] if dated else []
    if not any(way <= have for way in ways):
        hint = "map remaining_term=COLUMN, or original_term and age; or with a cut-off date (--cut-off) maturity_date, "
        hint += "or original_term and origination_date"
        if by_date and not dated:
            hint = f"give the cut-off date (--cut-off), from which {' and '.join(sorted(by_date))} can tell it"
        problems.append(Problem("E245", where, "remaining_term", "no column gives the remaining term", hint))
    return problems
