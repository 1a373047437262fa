"""Price-yield tables: rows what is given, columns scenarios to call and to maturity, below what the cash is like."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text

from abssim.measure.price import Convention, Quote
from abssim.measure.yieldtable import Case, YieldTable
from abssim.result import NoteTerms
from abssim.table.grid import WIDTH, grid, stack
from abssim.table.number import day, exact, number, percent, window

_CONVENTIONS: dict[Convention, str] = {
    "monthly": "compounded monthly",
    "bond_equivalent": "bond-equivalent (compounded twice a year)",
    "isma": "annual effective (ISMA)",
}
_LABEL = 25
"""Width of the column that says what a row is."""
_NARROW, _GAP = 10, 2


def yield_tables(table: YieldTable) -> RenderableType:
    """Tables of every note, and the conventions below the last."""
    parts = [part for terms, cases in table.notes for part in _note(table, terms, cases)]
    return stack([*parts, _conventions(table)])


def _note(table: YieldTable, terms: NoteTerms, cases: Sequence[Case]) -> Iterator[RenderableType]:
    shown = [case for case in cases if table.called or case.end == "maturity"]
    answers: dict[str, tuple[str, Callable[[Quote], str]]] = {
        "price": ("price", lambda quote: number(quote.price, 4)),
        "yield": ("yield, %", lambda quote: percent(quote.yield_rate, 3)),
        "margin": ("discount margin, bp", lambda quote: number(1e4 * quote.margin, 1)),
    }
    given = answers.pop(table.given)
    if terms.index_rates is None:
        answers.pop("margin", None)
    money = exact(table.currency)
    face = money.text(cases[0].face)
    for heading, answer in answers.values():
        for group in _groups(table, shown):
            rows = [
                [given[1](quote), *(answer(case.quotes[i]) for case in group)]
                for i, quote in enumerate(group[0].quotes)
            ]
            columns = [given[0].capitalize(), *(_head(table, case) for case in group)]
            title = f"Note {terms.name}, {terms.coupon}, {money.unit} {face}: {heading} by {given[0]}"
            yield grid(title, columns, [*rows, [], *_footer(table, given[1], group)])


def _groups(table: YieldTable, cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """As many scenarios beside one another as fit; both ends of one are not parted."""
    ends = 2 if table.called else 1
    group: list[Case] = []
    for i in range(0, len(cases), ends):
        together = [*group, *cases[i : i + ends]]
        heads = [max(_head(table, case).split("\n"), key=cell_len) for case in together]
        if group and _LABEL + sum(_GAP + max(_NARROW, cell_len(head)) for head in heads) > WIDTH:
            yield group
            together = list(cases[i : i + ends])
        group = together
    yield group


def _head(table: YieldTable, case: Case) -> str:
    return f"{case.scenario}\nto {case.end}" if table.called else case.scenario


def _footer(table: YieldTable, text: Callable[[Quote], str], cases: Sequence[Case]) -> list[list[str]]:
    middle = len(table.values) // 2
    at = text(cases[0].quotes[middle])
    notes = [case.measure for case in cases]
    quotes = [case.quotes[middle] for case in cases]
    losses = [note.principal_loss / note.opening_balance if note.opening_balance else None for note in notes]
    return [
        ["WAL, years", *(number(note.wal) for note in notes)],
        [f"Mod. duration at {at}", *(number(quote.modified_duration, 3) for quote in quotes)],
        [f"Convexity at {at}", *(number(quote.convexity, 3) for quote in quotes)],
        ["Principal window", *(window(note.window) for note in notes)],
        ["First principal", *(day(note.principal_first) for note in notes)],
        ["Last principal", *(day(note.principal_last) for note in notes)],
        ["Principal loss, %", *(percent(loss) for loss in losses)],
        ["Pool net loss, %", *(percent(case.pool_loss_ratio) for case in cases)],
    ]


def _conventions(table: YieldTable) -> RenderableType:
    sentences = [
        f"Price per 100 of the balance, paid on {day(table.settlement)} and clean: interest accrues from that day.",
        f"Yield {_CONVENTIONS[table.convention]}, times 30/360 to scheduled dates.",
        "Duration in years, convexity in years squared, by the yield.",
    ]
    if any(terms.index_rates is not None for terms, _ in table.notes):
        sentences.append("Discount margin over the scenario's index, simple within each of the note's accrual periods.")
    if table.called:
        sentences.append("To call: called as soon as the deal allows; to maturity: never called.")
    if not all(case.measure.settled for _, cases in table.notes for case in cases):
        sentences.append("–: the run ends before all of the note's cash is known.")
    return Text(" ".join(sentences), style="dim")
