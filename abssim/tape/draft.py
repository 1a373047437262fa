"""A tape in the making: typed columns out of raw ones, every value that cannot be used reported by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Amortization
from abssim.errors import Problem
from abssim.money import minor_digits
from abssim.tape.alias import Alias
from abssim.tape.dated import DATE_HINT, Dated, dates_of
from abssim.tape.fault import SHOWN, Faults
from abssim.tape.mapping import KNOWN, MAX_AUTOMATIC_WORDS, missing
from abssim.tape.mark import number_problems
from abssim.tape.number import DAYS, MONEY, MONTHS, PERCENT, has_decimal_comma
from abssim.tape.particular import PARTICULAR_RATES
from abssim.tape.raw import MAX_ID_BYTES, Parsed, PlainColumn, Raw
from abssim.tape.say import say
from abssim.tape.schema import AMOUNTS, RATES, TERMS
from abssim.word import counted

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Int32 = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

MAX_MINOR = 900_000_000_000_000
"""Largest balance, and largest total: a table in 1e-4 of a minor unit still adds up in int64."""
MAX_MONTHS = 1_200
MAX_LETTERS = 200
"""Characters of a word."""
_DECIMALS_BELOW = 0.5
"""No pool has a median rate above 50 %, few one below 0.5 %."""
_HALF = 1.0 + 2.0**-50
_UNITS = {
    **dict.fromkeys(AMOUNTS, MONEY), **dict.fromkeys(RATES, PERCENT), **dict.fromkeys(TERMS, MONTHS),
    "days_past_due": DAYS,
}  # fmt: skip
"""What may stand behind the number: 36 months is no count of days."""
_STATED = frozenset((*RATES, *PARTICULAR_RATES))
"""Columns whose name says whether they are in percent."""
_FURTHER_UNITS = (PERCENT | MONEY | MONTHS) - {"m"}
"""In further columns `36 months` is a number, `3D` and `5M` are codes."""


@dataclass
class Draft:
    """Raw columns of `count` rows, what stands in for absent values, and the faults found so far."""

    raw: dict[str, Raw]
    sources: Mapping[str, Alias]
    defaults: Mapping[str, Any]
    """By tape column, in the tape's units (rates decimal), as a document writes them."""
    currency: str
    faults: Faults
    notes: list[str] = field(default_factory=list)
    automatic: frozenset[str] = frozenset()
    """Further columns nobody asked for by name."""
    text_only: set[str] = field(default_factory=set)
    where: str = ""
    """The file or document."""
    refused: list[Problem] = field(default_factory=list)
    """What is wrong with a column as a whole."""
    others: tuple[str, ...] = ()
    """Columns of the file that no column of the tape is read from."""
    told: list[str] = field(default_factory=list)
    """What has no effect or an odd one, in words."""

    @property
    def count(self) -> int:
        """Rows."""
        return int(self.faults.rows.size)

    def has(self, name: str) -> bool:
        """True if the file or a default gives the column."""
        return name in self.raw or name in self.defaults

    def unit(self, name: str) -> str:
        """The unit of a column's numbers in the file."""
        return self.sources[name].unit if name in self.sources else "as_is"

    def label(self, name: str) -> str:
        """The column's name in the file."""
        return self.raw[name].name if name in self.raw else name

    def fault(self, mask: Mask, code: str, name: str, reason: str, hint: str = "") -> None:
        """Marks rows as bad because of column `name`."""
        raw = self.raw.get(name)
        self.faults.add(mask, code, self.label(name), reason, raw.tell if raw else None, hint)

    def fault_words(self, mask: Mask, code: str, name: str, reason: str, hint: str | Callable[[str], str] = "") -> None:
        """Marks rows as bad because of a word; one that several rows hold is told once. `hint` may go by the word."""
        raw = self.raw.get(name)
        if raw is not None and mask.any():
            codes, words = raw.words()
            values, counts = np.unique(codes[mask], return_counts=True)
            for place in values[counts > 1][:SHOWN]:
                same = hint if isinstance(hint, str) else hint((*words, "")[place])
                self.faults.add(mask & (codes == place), code, raw.name, reason, raw.tell, same, once=True)
            mask = mask & ~np.isin(codes, values[counts > 1][:SHOWN])
        first = raw.tell(np.flatnonzero(mask)[:1]) if raw is not None else []
        self.fault(mask, code, name, reason, hint if isinstance(hint, str) else hint(*first or ("",)))

    def number(self, name: str, low: float = 0.0, high: float = 1e15, code: str = "E214", hint: str = "") -> Float64:
        """(L,) numbers within [low, high]; NaN where absent or bad (and the row marked)."""
        if not self.has(name):
            return np.full(self.count, np.nan)
        values = self._parsed(name)
        self.fault(np.isinf(values), "E212", name, "not finite")
        finite = np.isfinite(values)
        self.fault(finite & (values < low), "E213", name, "negative" if low == 0.0 else f"below {low:g}")
        self.fault(finite & (values > high), code, name, f"above {high:,g}", hint)
        return np.where(finite & (values >= low) & (values <= high), values, np.nan)

    def _parsed(self, name: str) -> Float64:
        default = self.defaults.get(name)
        if name not in self.raw:
            return np.full(self.count, np.nan if default is None else float(default))
        amounts = name in AMOUNTS and minor_digits(self.currency) != 3
        problems = number_problems(self.raw[name], self.where, amounts)
        unit = self.unit(name)
        if problems and problems[0].code == "E275" and unit != "percent_or_decimal" and name in _STATED:
            how = "percent" if unit == "percent" else "decimals"
            self.notes.append(f"{self.label(name)}: {problems[0].message.partition(':')[0]}; it is read as {how}")
            problems = []
        self.refused += problems
        percent = 1.0 if unit == "percent" else 0.01
        parsed: Parsed = self.raw[name].numbers(percent, _UNITS.get(name, _FURTHER_UNITS))
        self.fault_words(parsed.bad, "E211", name, "not a number", lambda text: _number_hint(name, text))
        values = self._in_units(name, parsed.values, unit)
        self._fill(name, parsed.missing)
        return values if default is None else np.where(parsed.missing, float(default), values)

    def _fill(self, name: str, absent: Mask) -> None:
        """Tells of a default that is never needed."""
        if name in self.defaults and not absent.any():
            self.notes.append(f"the default of {name} is not used: every row has a value")

    def _in_units(self, name: str, values: Float64, unit: str) -> Float64:
        if unit == "percent_or_decimal":
            positive = values[np.isfinite(values) & (values > 0)]
            middle = float(np.median(positive)) if positive.size else 0.0
            if middle > _DECIMALS_BELOW:
                self.notes.append(f"{self.label(name)} is read as percent: its median is {middle:g}")
                unit = "percent"
        elif unit == "percent" and name == "rate":
            most = float(np.nanmax(values, initial=0.0))
            if 0.0 < most <= _DECIMALS_BELOW:
                self.notes.append(
                    f"{self.label(name)} is read as percent and at most {most:g} %: if its figures are decimals, "
                    "map rate, not rate_pct"
                )
        return from_percent(values) if unit == "percent" else values

    def require(self, name: str, values: Float64, needed: Mask | None = None) -> None:
        """Reports absent values where they are needed; once, where no column gives any."""
        absent = np.isnan(values) & ~self.faults.bad
        faulty = absent if needed is None else absent & needed
        if self.others and not self.has(name) and faulty.any():
            self.refused.append(missing(self.where, name, self.others))
        else:
            self.fault(faulty, "E210", name, "no value")

    def amount(self, name: str, low: float = 0.0) -> Float64:
        """(L,) minor units as whole floats (halves up), NaN where absent."""
        if not self.has(name):
            return np.full(self.count, np.nan)
        scale = 10.0 ** minor_digits(self.currency)
        values = self.number(name, low, MAX_MINOR / scale) * scale
        with np.errstate(invalid="ignore"):
            rounded: Float64 = np.floor(values * _HALF + 0.5)
            fractions = int((np.abs(rounded - values) > 1e-4 + np.abs(values) * 2e-16).sum())
        if fractions:
            self.notes.append(
                f"{self.label(name)}: {counted(fractions, 'amount')} with fractions of a minor unit, rounded"
            )
        return rounded

    def whole(self, name: str, low: float = 0.0, high: float = MAX_MONTHS) -> Float64:
        """(L,) whole numbers, NaN where absent."""
        values = self.number(name, low, high)
        if not self.has(name):
            return values
        with np.errstate(invalid="ignore"):
            self.fault(np.isfinite(values) & (values != np.rint(values)), "E217", name, "not a whole number")
        return values

    def tell_zeros(self, name: str, values: Float64) -> None:
        """Tells of zeros that are taken for absent values, because no contract has them."""
        count = int(((values == 0) & ~self.faults.bad).sum())
        if count:
            self.told.append(f"{name} of {counted(count, 'loan')} is 0, which is taken as not given")

    def words(self, name: str) -> tuple[Int32, tuple[str, ...]]:
        """(L,) codes into words; absent is the empty word."""
        default = self.defaults.get(name)
        if name not in self.raw:
            return np.zeros(self.count, dtype=np.int32), ("" if default is None else str(default),)
        codes, words = self.raw[name].words()
        self._fill(name, codes < 0)
        long = np.asarray([len(word) > MAX_LETTERS for word in words] + [False], dtype=bool)
        self.fault(long[codes], "E225", name, f"longer than {MAX_LETTERS} characters")
        translate = self.sources[name].words if name in self.sources else {}
        spoken = [*(translate.get(word, word) for word in words), "" if default is None else str(default)]
        labels = sorted({spoken[code] for code in np.unique(codes)})
        place = {word: code for code, word in enumerate(labels)}
        table = np.asarray([place.get(word, -1) for word in spoken], dtype=np.int32)
        return table[codes], tuple(labels)

    def too_wordy(self, name: str) -> str:
        """Why a column that nobody asked for is no dimension; empty if it may be one."""
        words = self.raw[name].words()[1]
        if len(words) > MAX_AUTOMATIC_WORDS:
            return f"{len(words):,} different texts"
        return f"texts of more than {MAX_LETTERS} characters" if max(map(len, words), default=0) > MAX_LETTERS else ""

    def dates(self, name: str) -> Dated | None:
        """(L,) dates, or None if neither file nor default has any."""
        if not self.has(name):
            return None
        dates = dates_of(self.raw.get(name) or PlainColumn(name, [self.defaults[name]]), self.where, name)
        if name not in self.raw:
            dates = replace(dates, days=dates.days.repeat(self.count), unread=dates.unread.repeat(self.count))
        self.fault_words(dates.unread, "E220", name, "not a date", DATE_HINT)
        self.notes += dates.notes
        self.refused += [dates.problem] if dates.problem else []
        return dates

    def ids(self, name: str) -> npt.NDArray[np.bytes_] | None:
        """(L,) ids, or None if the file has none."""
        if name not in self.raw:
            return None
        ids = self.raw[name].ids()
        self.fault(np.char.str_len(ids) > MAX_ID_BYTES, "E225", name, f"longer than {MAX_ID_BYTES} bytes")
        return ids

    def keep_as_text(self, name: str, source: str) -> None:
        """Keeps a raw column under another name, as text."""
        self.raw[name] = self.raw[source]
        self.text_only.add(name)

    def further(self) -> list[str]:
        """Columns of the file beyond those with a meaning."""
        return [name for name in self.raw if name not in KNOWN]

    def plain_numbers(self, name: str) -> Float64 | None:
        """(L,) numbers of a further column, or None if it holds words, or codes such as 02134."""
        raw = self.raw[name]
        if name in self.text_only or (name in self.sources and self.sources[name].words) or raw.holds_codes():
            return None
        if problems := number_problems(raw, self.where, amounts=False):
            self.notes.append(f"{name} is kept as text: {problems[0].message}; {problems[0].hint}")
            return None
        parsed = raw.numbers(0.01, _FURTHER_UNITS)
        return (
            None if parsed.bad.any() or parsed.missing.all() else self._in_units(name, parsed.values, self.unit(name))
        )

    def amortization(self) -> npt.NDArray[np.int8]:
        """(L,) kinds of contract: by name (`level_pay`, `Flat fee`) or number."""
        codes, words = self.words("amortization")
        kinds = np.asarray([_kind(word) for word in words], dtype=np.int8)
        known = ", ".join(kind.name.lower() for kind in Amortization)
        hint = f'known: {known}; say what it means with --map "amortization=WORD:level_pay"'
        self.fault_words(kinds[codes] < 0, "E218", "amortization", "unknown amortization", hint)
        if not self.has("amortization"):
            self.notes.append("no column gives the amortization: every loan is taken as level_pay")
        code: npt.NDArray[np.int8] = np.maximum(kinds, 0)[codes].astype(np.int8)
        return code


def or_zero(values: Float64) -> Float64:
    """What is absent as 0."""
    return np.where(np.isnan(values), 0.0, values)


def from_percent(values: Float64) -> Float64:
    """Decimals of percents, as near as decimals get: 3.591 becomes 0.03591 and no neighbor of it."""
    return np.asarray(np.round(values / 100.0, 14), dtype=np.float64)


def _number_hint(name: str, text: str) -> str:
    """What may help where a text is no number."""
    if has_decimal_comma(text):
        return say("decimal=,")
    word = text.strip()
    if not word[:1].isalpha():
        return ""
    return f'say what it means: --map "{name}={word}:NUMBER"; where nothing is known, {say(f"unknown.{name}={word}")}'


def _kind(word: str) -> int:
    name = word.strip().upper().replace("-", "_").replace(" ", "_")
    if name == "":
        return int(Amortization.LEVEL_PAY)
    if name.isdecimal() and len(name) < 3:
        return int(name) if int(name) in [int(kind) for kind in Amortization] else -1
    return int(Amortization[name]) if name in Amortization.__members__ else -1
