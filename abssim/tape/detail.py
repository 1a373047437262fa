"""Particulars of contracts out of a draft (`abssim.tape.particular`): numbers, known words, rate schedules."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from abssim.tape.draft import MAX_MONTHS, Draft
from abssim.tape.particular import PARTICULARS, Particular
from abssim.tape.say import say
from abssim.tape.schema import Array

LOWEST_RATE, HIGHEST_RATE = -0.10, 4.0
"""Decimal a year: below and above, a figure in other units is likelier than a rate."""
_SAME = {"true": "yes", "y": "yes", "1": "yes", "false": "no", "n": "no", "0": "no", "360/360": "30/360"}
_MAX_DAYS = 3_660
_NEVER_ZERO = ("amortization_term", "pays_every", "reset_every")
"""Months of which there is one at least: 0 is taken for none."""


def read_particulars(draft: Draft) -> tuple[dict[str, Array], dict[str, tuple[str, ...]]]:
    """Columns that the file or a default gives, and the labels of texts; the empty text is code 0."""
    columns: dict[str, Array] = {}
    labels: dict[str, tuple[str, ...]] = {}
    for name, own in PARTICULARS.items():
        if not draft.has(name):
            continue
        if own.kind == "rate":
            columns[name] = draft.number(name, low=LOWEST_RATE if name == "rate_margin" else -1.0, high=HIGHEST_RATE)
        elif own.kind == "word":
            columns[name] = _known_words(draft, name, own)
        elif own.kind == "text":
            codes, words = draft.words(name)
            labels[name] = words if words[:1] == ("",) else ("", *words)
            columns[name] = codes + (len(labels[name]) - len(words))
        else:
            columns[name] = np.nan_to_num(_whole(draft, name, own)).astype(np.int32)
    if "rate_schedule" in columns:
        steps = [steps_of(text) for text in labels["rate_schedule"]]
        unread = np.asarray([each is None for each in steps], dtype=np.bool_)[columns["rate_schedule"]]
        draft.fault_words(unread, "E267", "rate_schedule", "not months and percents", "write 13:5.5;25:6.25")
    return columns, labels


def _whole(draft: Draft, name: str, own: Particular) -> npt.NDArray[np.float64]:
    """Months or days, NaN where absent. No days are no period, and may stand for a regular one: 0 is refused there."""
    values = draft.whole(name, high=MAX_MONTHS if own.kind == "months" else _MAX_DAYS)
    if own.kind == "days":
        hint = f"leave it empty where the first period is a regular one; {say(f'unknown.{name}=0')}"
        draft.fault(values == 0, "E213", name, "0 days are no period", hint)
    if name in _NEVER_ZERO:
        draft.tell_zeros(name, values)
    return values


def _known_words(draft: Draft, name: str, own: Particular) -> npt.NDArray[np.int8]:
    codes, words = draft.words(name)
    places = [_place(word, own) for word in words]
    index: npt.NDArray[np.int8] = np.asarray(places, dtype=np.int8)[codes]
    draft.fault_words(index < 0, "E269", name, "not a word of this column", f"known: {', '.join(own.words)}")
    return np.maximum(index, 0)


def _place(word: str, own: Particular) -> int:
    """Place of a word among those of its column, the first for no word, -1 if it is none of them."""
    text = word.strip().lower().replace("actual", "act").replace(" ", "_")
    text = _SAME.get(text, text)
    return 0 if text == "" else own.words.index(text) if text in own.words else -1


def steps_of(text: str) -> list[tuple[int, float]] | None:
    """(Month from the cut-off, decimal rate from that month on) of `13:5.5;25:6.25`; None if it cannot be read."""
    steps: list[tuple[int, float]] = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        month, _, percent = part.partition(":")
        try:
            step = int(month), round(float(percent) / 100.0, 14)
        except ValueError:
            return None
        later = not steps or step[0] > steps[-1][0]
        if not (later and 1 <= step[0] <= MAX_MONTHS and LOWEST_RATE <= step[1] <= HIGHEST_RATE):
            return None
        steps.append(step)
    return steps
