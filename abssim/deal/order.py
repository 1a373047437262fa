"""The order of a date: what is judged when, by what everything reads.

Interest, fees, definitions and the triggers of the start are judged once a date, each after what it reads; then the
regime, calls, what falls due, account targets, the waterfall, and the triggers of the end. What can only be known
after that which reads it is a problem that shows the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from abssim.deal.deal import Deal
from abssim.deal.expression import (
    WINDOWS,
    Dimension,
    FunctionCall,
    Name,
    Node,
    children,
    names_in,
    parse,
    spelled,
    written,
)
from abssim.deal.formulas import expressions
from abssim.deal.known import FIXED, Item, known_after
from abssim.deal.moment import MOMENTS, NAMED
from abssim.deal.months import accrued
from abssim.deal.symbols import Symbols
from abssim.errors import DealError, Problem
from abssim.node import DocumentPath


class Read(NamedTuple):
    """Why an item waits for another: a name in an expression, or (without a name) the order of a date."""

    name: str = ""
    path: DocumentPath = ()


Reads = dict[Item, dict[Item, Read]]


class Order(NamedTuple):
    """What is judged on a date, in order, and what cannot be."""

    items: list[Item]
    problems: list[Problem]


def order_of(deal: Deal, symbols: Symbols) -> Order:
    """The order of a date of a deal, and a problem for every name that is read before it is known."""
    reads = _reads(deal, symbols)
    rank = {item: (NAMED[item.kind], place) for place, item in enumerate(reads)}
    problems: list[Problem] = []
    while True:
        items = _sorted(reads, rank)
        done = set(items)
        left = sorted((item for item in reads if item not in done), key=lambda item: item.kind not in FIXED)
        if not left:
            return Order(items, problems)
        problems.append(_problem(deal, reads, next(_rings(left, reads))))


def _sorted(reads: Reads, rank: dict[Item, tuple[int, int]]) -> list[Item]:
    """Items after what they read, as far as they do not lead back to themselves."""
    waiting = {item: len(wanted) for item, wanted in reads.items()}
    readers: dict[Item, list[Item]] = {item: [] for item in reads}
    for item, wanted in reads.items():
        for needed in wanted:
            readers[needed].append(item)
    ready = [(rank[item], item) for item, count in waiting.items() if not count]
    heapify(ready)
    ordered = []
    while ready:
        item = heappop(ready)[1]
        ordered.append(item)
        for reader in readers[item]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, (rank[reader], reader))
    return ordered


def _reads(deal: Deal, symbols: Symbols) -> Reads:
    """What each item waits for: by the order of a date, then by what its expressions read."""
    reads: Reads = {Item(moment.name, name): {} for moment in MOMENTS for name in moment.entries(deal)}
    _wait(reads)
    for path, text, expected in _written(deal, symbols):
        node = _node(symbols, text, expected)
        if node is not None:
            names = {name.column: name.name for name in names_in(parse(text))}
            _Walk(deal, symbols, reads, path, names).add(_reader(deal, path), node)
    return reads


def _wait(reads: Reads) -> None:
    """The order of a date where nothing is written: what waits for all items of other kinds."""
    for item, wanted in reads.items():
        kinds = MOMENTS[NAMED[item.kind]].after
        wanted |= {other: Read() for other in reads if other.kind in kinds}


def _written(deal: Deal, symbols: Symbols) -> Iterator[tuple[DocumentPath, str, Dimension | None]]:
    """Every expression as it is computed: that of a fee with its rate."""
    for path, text, expected in expressions(deal):
        if path[0] == "definitions":
            dimension = symbols.dimension_of(str(path[1]))
            yield path, text, dimension if dimension in ("amount", "number", "flag") else None
        elif path[0] == "fees" and path[2] == "of":
            yield path, accrued(deal, deal.fees[str(path[1])]), expected
        else:
            yield path, text, expected


def _node(symbols: Symbols, text: str, expected: Dimension | None) -> Node | None:
    """An expression with formulas written out; its problems, if it has any, are told elsewhere."""
    try:
        return symbols.compiled(text, expected).node
    except DealError:
        try:
            return symbols.expand(parse(text))
        except DealError:
            return None


def _reader(deal: Deal, path: DocumentPath) -> Item:
    """Who evaluates the expression at a place of the document: the waterfall, unless a moment before it does."""
    part, name, field = (str(each) for each in (*path, "")[:3])
    for moment in MOMENTS:
        evaluates = part in moment.reads or f"{part}.{field}" in moment.reads
        if evaluates and (not moment.of or name in moment.entries(deal)):
            return Item(moment.name, name if moment.of else "")
    return Item("pay")


class _Walk(NamedTuple):
    """One expression on its way into the graph."""

    deal: Deal
    symbols: Symbols
    reads: Reads
    path: DocumentPath
    written: dict[int, str]
    """Names as the document spells them, by column."""

    def add(self, reader: Item, node: Node) -> None:
        """What `reader` waits for because of a part of its expression."""
        if isinstance(node, FunctionCall) and node.function in WINDOWS and not self._is_definition(node.arguments[0]):
            self._window(reader, node.arguments[0])
        elif isinstance(node, Name):
            self._name(reader, node)
        else:
            for child in children(node):
                self.add(reader, child)

    def _is_definition(self, node: Node) -> bool:
        return isinstance(node, Name) and node.name in self.deal.definitions

    def _window(self, reader: Item, inner: Node) -> None:
        """A window looks back on values that are kept as a definition's are."""
        window = Item("window", spelled(inner))
        self.reads[reader].setdefault(window, Read(window.name, self.path))
        if window not in self.reads:
            self.reads[window] = {}
            self.add(window, inner)

    def _name(self, reader: Item, node: Name) -> None:
        if self.symbols.split(node.name)[1] not in self.symbols.table:
            return
        written = self.written.get(node.column, node.name)
        for item in known_after(self.deal, self.symbols, node.name, reader):
            self.reads[reader].setdefault(item, Read(written, self.path))


def _rings(left: list[Item], reads: Reads) -> Iterator[list[Item]]:
    """For each item the shortest way back to itself, if there is one."""
    remaining = set(left)
    for start in left:
        trails, seen = [[start]], set()
        for trail in trails:
            for following in reads[trail[-1]]:
                if following == start:
                    yield trail
                    trails.clear()
                    break
                if following in remaining and following not in seen:
                    seen.add(following)
                    trails.append([*trail, following])


def _problem(deal: Deal, reads: Reads, ring: list[Item]) -> Problem:
    """The problem of a ring, whose first written link is then cut, so that others can be found."""
    links = [(item, ring[(place + 1) % len(ring)]) for place, item in enumerate(ring)]
    written = [bool(reads[item][target].name) for item, target in links]
    fixed = [item.kind in FIXED for item in ring]
    turn = next(
        (i for i, each in enumerate(written) if each and not written[i - 1]), fixed.index(True) if any(fixed) else 0
    )
    links, written = links[turn:] + links[:turn], written[turn:] + written[:turn]
    chain = links if all(written) else links[: written.index(False)]
    told = _told(deal, reads, chain, early=any(fixed) or not all(written))
    item, target = chain[0]
    del reads[item][target]
    return told


def _told(deal: Deal, reads: Reads, chain: list[tuple[Item, Item]], early: bool) -> Problem:
    links = [reads[item][target] for item, target in chain]
    first, name = chain[0][0], links[0].name
    shown = " → ".join([*([first.name] if first.name else []), *(link.name for link in links)])
    plain = name.partition(".")[2] if name.startswith(("opening.", "at.")) else name
    if early:
        text = f"reads {name} before it is known ({shown}): that is when {MOMENTS[NAMED[chain[-1][1].kind]].known}"
        hint = f"write previous.{written(plain)} for its value on the date before"
        return deal.problem("E160", links[0].path, text, hint)
    hint = f"read previous.{written(plain)} for the value of the date before"
    same = all(item.kind in ("definition", "window") for item, _ in chain)
    return deal.problem("E115" if same else "E161", links[0].path, f"leads back to itself: {shown}", hint)
