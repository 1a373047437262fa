"""Expressions that read what a servicer's reports do not give: it is taken as nothing, and that is told."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.expression import Node, names_in, parse
from abssim.deal.formulas import expressions
from abssim.deal.symbols import Symbols
from abssim.deal.unreported import unreported
from abssim.document import dotted

_LOSSES = frozenset({"default", "dpd_1_30_balance", "dpd_31_60_balance", "dpd_61_90_balance"})
"""What the language's own ratios are ratios of. Sums such as all principal hold without a part that is in another."""


def report_notices(deal: Deal, symbols: Symbols) -> Iterator[str]:
    """A line for each expression that reads what no report gives."""
    missing = {name: unreported(deal, name) for name in ("", *deal.pools)}
    if not any(missing.values()):
        return
    for path, text, _ in expressions(deal):
        tree = parse(text)
        read = dict.fromkeys([*_fields(symbols, tree), *_sums(symbols, tree)])
        unknown = [field for pool, field in read if field in missing.get(pool, ())]
        if unknown:
            listed = ", ".join(dict.fromkeys(unknown))
            yield f"{dotted(path)}: reads {listed}, which no report of the servicer gives, so it is taken as nothing"


def _fields(symbols: Symbols, tree: Node) -> Iterator[tuple[str, str]]:
    """Pool and field of each name that is one."""
    for name in names_in(tree):
        row = symbols.table.get(symbols.split(name.name)[1])
        if row is not None and row.slot is not None and row.slot.block in ("pool", "cumulative"):
            yield row.slot.item, row.slot.field


def _sums(symbols: Symbols, tree: Node) -> Iterator[tuple[str, str]]:
    """Losses and arrears inside the formulas of the language."""
    return (each for each in _fields(symbols, symbols.expand(tree)) if each[1] in _LOSSES)
