"""Price-yield tables: rows what is given, columns scenarios to call and to maturity, below what the cash is like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from abssim.amount import exact
from abssim.guard import in_lines
from abssim.measure.price import Convention, Given, Quote
from abssim.measure.yieldtable import Case, YieldTable
from abssim.result import NoteTerms
from abssim.table.footnote import LATE, residual_words
from abssim.table.grid import grid, stack
from abssim.table.number import apart, day, number, percent, window
from abssim.table.setting import setting_parts

_CONVENTIONS: dict[Convention, str] = {
    "monthly": "compounded monthly",
    "bond_equivalent": "bond-equivalent (compounded twice a year)",
    "isma": "annual effective (ISMA)",
}
_LABEL = 25
"""Width of the column that says what a row is."""
_NARROW, _GAP, _WIDTH = 10, 2, 80


def yield_tables(table: YieldTable) -> RenderableType:
    """Tables of every note, and the conventions below the last."""
    parts = [part for terms, cases in table.notes for part in _note(table, terms, cases)]
    return stack(
        [Text(in_lines(table.deal), style="bold"), *setting_parts(table.settings), *parts, _conventions(table)]
    )


def _note(table: YieldTable, terms: NoteTerms, cases: Sequence[Case]) -> Iterator[RenderableType]:
    ends = {case.end for case in cases}
    shown = [case for case in cases if table.called or len(ends) == 1 or case.end == "maturity"]
    money = exact(table.currency)
    head = f"Note {terms.name}, {terms.coupon}, {money.unit} {money.text(cases[0].face)}"
    if not cases[0].quotes:
        yield Text(f"{head}: no price around par says anything of it; give --price, per 100 of the notional.")
        return
    kinds = dict.fromkeys(quote.given for quote in cases[0].quotes)
    if len(kinds) > 1:
        yield from (_together(table, head, terms, case) for case in shown)
        return
    for given in kinds:
        for answer in _KINDS:
            if answer != given and (answer != "margin" or terms.index_rates is not None):
                for group in _groups(table, shown):
                    yield _answers(table, head, given, answer, group)


def _answers(table: YieldTable, head: str, given: Given, answer: Given, group: Sequence[Case]) -> RenderableType:
    """What each value given means under each case."""
    asked = [[quote for quote in case.quotes if quote.given == given] for case in group]
    labels = apart([_scaled(quote, given) for quote in asked[0]], _KINDS[given].decimals)
    rows = [
        [label, *(number(_scaled(quotes[i], answer), _KINDS[answer].decimals) for quotes in asked)]
        for i, label in enumerate(labels)
    ]
    what, by = _KINDS[answer].words, _KINDS[given].words
    columns = [by[:1].upper() + by[1:], *(_head(table, case) for case in group)]
    middle = len(labels) // 2
    footer = _footer(labels[middle], [quotes[middle] for quotes in asked], group)
    return grid(f"{head}: {what} by {by}", columns, [*rows, [], *footer])


def _together(table: YieldTable, head: str, terms: NoteTerms, case: Case) -> RenderableType:
    """What several kinds of values mean under one case, beside one another."""
    kinds = [kind for kind in _KINDS if kind != "margin" or terms.index_rates is not None]
    rows = [
        [_asked(quote), *(number(_scaled(quote, kind), _KINDS[kind].decimals) for kind in kinds)]
        for quote in case.quotes
    ]
    middle = case.quotes[len(case.quotes) // 2]
    footer = [[*row, *("" for _ in kinds[1:])] for row in _footer(_asked(middle), [middle], [case])]
    columns = ["Given", *(_KINDS[kind].words.capitalize() for kind in kinds)]
    scenario = f"{case.scenario} to {case.end}" if table.called else case.scenario
    return grid(f"{head}: {scenario}", columns, [*rows, [], *footer])


def _asked(quote: Quote) -> str:
    """`price 99.5`, `yield 5 %`, `margin 120 bp`."""
    unit = _KINDS[quote.given].words.partition(", ")[2]
    return f"{quote.given} {_scaled(quote, quote.given):.10g} {unit}".strip()


class _Kind(NamedTuple):
    """How figures of a kind are called and written."""

    words: str
    field: str
    factor: float
    decimals: int


_KINDS: dict[Given, _Kind] = {
    "price": _Kind("price", "price", 1.0, 4),
    "yield": _Kind("yield, %", "yield_rate", 100.0, 3),
    "margin": _Kind("discount margin, bp", "margin", 1e4, 1),
}


def _scaled(quote: Quote, kind: Given) -> float:
    return float(getattr(quote, _KINDS[kind].field)) * _KINDS[kind].factor


def _groups(table: YieldTable, cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """As many scenarios beside one another as fit a terminal; both ends of one are not parted."""
    ends = len({case.end for case in cases})
    group: list[Case] = []
    for i in range(0, len(cases), ends):
        together = [*group, *cases[i : i + ends]]
        heads = [max(_head(table, case).split("\n"), key=cell_len) for case in together]
        if group and _LABEL + sum(_GAP + max(_NARROW, cell_len(head)) for head in heads) > _WIDTH:
            yield group
            together = list(cases[i : i + ends])
        group = together
    yield group


def _head(table: YieldTable, case: Case) -> str:
    return f"{case.scenario}\nto {case.end}" if table.called else case.scenario


def _footer(at: str, quotes: Sequence[Quote], cases: Sequence[Case]) -> list[list[str]]:
    notes = [case.measure for case in cases]
    losses = [note.principal_loss / note.opening_balance if note.opening_balance else None for note in notes]
    rows = [
        ["WAL, years", *(number(case.wal) for case in cases)],
        [f"Dirty price at {at}", *(number(quote.dirty_price, 4) for quote in quotes)],
        [f"Mod. duration at {at}", *(number(quote.modified_duration, 3) for quote in quotes)],
        [f"Convexity at {at}", *(number(quote.convexity, 3) for quote in quotes)],
        ["Principal window", *(window(note.window) for note in notes)],
        ["First principal", *(day(note.principal_first) for note in notes)],
        ["Last principal", *(day(note.principal_last) for note in notes)],
        ["Principal loss, %", *(percent(loss) for loss in losses)],
        ["Pool net loss, %", *(percent(case.pool_loss_ratio) for case in cases)],
    ]
    if any(case.accrued for case in cases):
        rows.insert(1, ["Accrued interest", *(number(case.accrued, 4) for case in cases)])
    else:
        del rows[1]
    if len({case.face for case in cases}) > 1:
        rows.insert(0, ["Balance, % of first", *(percent(case.face / max(1, cases[0].face), 4) for case in cases)])
    return rows


def _conventions(table: YieldTable) -> RenderableType:
    sentences = [
        f"Price per 100 of the balance, settled on {day(table.settlement)}, clean: without accrued interest.",
        f"Yield {_CONVENTIONS[table.convention]}, of the dirty price, times 30/360 to scheduled dates.",
        "Duration in years, convexity in years squared, by the yield. WAL from the settlement day.",
    ]
    if any(terms.index_rates is not None for terms, _ in table.notes):
        sentences.append("Discount margin over the scenario's index, simple within each accrual period of the note.")
    if table.called:
        sentences.append("To call: called as soon as the deal allows; to maturity: never called.")
    if not all(case.measure.settled for _, cases in table.notes for case in cases):
        sentences.append("–: the run ends before all of the note's cash is known.")
    lost = residual_words(terms for terms, _ in table.notes)
    last = ((terms, case.measure.principal_last) for terms, cases in table.notes for case in cases)
    late = LATE if any(paid is not None and paid > terms.legal_final for terms, paid in last) else ""
    return Text(" ".join(sentences) + lost + late, style="dim")
