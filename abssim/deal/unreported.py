"""What a servicer's reports do not give: it counts as nothing, and is not known to be that."""

from __future__ import annotations

from abssim.deal.deal import Deal
from abssim.deal.pool import CollectionPeriod

_DEFAULTED = ("month", "payment_date", "adjusted_balance", "closing_balance")
"""Fields that say when, or have a value where no report gives them."""


def unreported(deal: Deal, pool: str = "") -> frozenset[str]:
    """Fields that no report of a pool gives, of all pools together without a name; none where there are loans."""
    if not pool:
        return frozenset.intersection(*(unreported(deal, name) for name in deal.pools))
    rows = deal.pools[pool].collections
    if not rows:
        return frozenset()
    given = {name for row in rows for name in row.model_fields_set}
    return frozenset(CollectionPeriod.model_fields.keys() - given - {*_DEFAULTED})
