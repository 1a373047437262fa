"""Divisions by what is nothing on every date."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.constant import constant
from abssim.deal.deal import Deal
from abssim.deal.expression import Binary, Node, children, parse
from abssim.deal.formulas import expressions
from abssim.errors import DealError, Problem


def check_divisions(deal: Deal) -> Iterator[Problem]:
    """Problems of expressions that divide by a constant 0: by anything else a run can tell, and 0 / 0 is 0 there."""
    for path, text, _ in expressions(deal):
        try:
            found = [node for node in _divisions(parse(text)) if _is_nothing(deal, node.right)]
        except DealError:
            continue
        for node in found:
            shown = text if len(text) <= 60 else f"{text[:57]}…"
            where = f'column {node.column} of "{shown}"'
            yield deal.problem("E185", path, f"divides by 0 on every date ({where})", "correct what it is divided by")


def _divisions(node: Node) -> Iterator[Binary]:
    if isinstance(node, Binary) and node.operator == "/":
        yield node
    for child in children(node):
        yield from _divisions(child)


def _is_nothing(deal: Deal, node: Node) -> bool:
    try:
        return constant(deal, node) == 0.0
    except (ZeroDivisionError, OverflowError):
        return False
