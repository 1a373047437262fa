"""The things a deal consists of: names by kind, in the order of their rows."""

from __future__ import annotations

from abssim.deal.deal import Deal
from abssim.kind.table import KINDS


def things(deal: Deal) -> dict[str, tuple[str, ...]]:
    """Names of all things by kind (`abssim.kind.table`); a step is `regime.name`."""
    steps = tuple(f"{regime}.{step.name}" for regime, steps in deal.waterfalls.items() for step in steps)
    return {kind.name: steps if kind.name == "step" else tuple(getattr(deal, kind.plural)) for kind in KINDS.values()}


def drawable(deal: Deal) -> tuple[str, ...]:
    """Names of all that steps of a waterfall can pay out of."""
    return tuple(name for kind, names in things(deal).items() if KINDS[kind].drawable for name in names)


def payable(deal: Deal) -> dict[str, tuple[str, ...]]:
    """Names that steps of a waterfall can pay, by kind: they share one space of names."""
    return {kind: names for kind, names in things(deal).items() if KINDS[kind].payable}
