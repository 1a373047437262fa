"""Which account each source of cash arrives in."""

from __future__ import annotations

from abssim.deal.deal import Deal

ALWAYS = ("interest", "fees", "penalty", "scheduled_principal", "prepayment", "recovery")
"""Sources every deal must map; the others where the deal or the scenario can produce them."""


def collecting_accounts(deal: Deal, pool: str, source: str) -> tuple[str, ...]:
    """Accounts that collect a source by name; where there is none, those that collect `all`."""
    of_pool = {
        name: account.collects for name, account in deal.accounts.items() if not account.pools or pool in account.pools
    }
    named = tuple(name for name, collects in of_pool.items() if source in collects)
    return named or tuple(name for name, collects in of_pool.items() if "all" in collects)


def produced_sources(deal: Deal) -> tuple[str, ...]:
    """Sources the deal itself says it will produce."""
    sources = list(ALWAYS)
    yields = [pool.purchase_yield_pct for pool in deal.pools.values()]
    if deal.revolving:
        yields.append(deal.revolving.purchase_yield_pct)
    if any(each is not None for each in yields):
        sources.append("discount")
    if deal.calls:
        sources.append("sale")
    if any(row.repurchase for pool in deal.pools.values() for row in pool.collections or ()):
        sources.append("repurchase")
    return tuple(sources)
