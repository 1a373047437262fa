"""Months that pools have collected by a payment date, and those that yearly fees count.

All pools collect the same months, except by the first payment date: a pool may have a cut-off of its own.
"""

from __future__ import annotations

from abssim.dates import months_earlier
from abssim.deal.deal import Deal
from abssim.deal.expression import names_in, parse, written
from abssim.deal.fee import Fee
from abssim.errors import DealError


def extra_months(deal: Deal) -> dict[str, int]:
    """Months by which each pool has collected more by the first payment date than the deal's cut-off says."""
    dates = deal.dates
    return {name: months_earlier(dates, pool.cut_off or dates.cut_off) for name, pool in deal.pools.items()}


def months_formula(deal: Deal, pool: str) -> str:
    """Expression of the months a pool has collected by a date; of all pools (empty name) the average by balance."""
    extra = extra_months(deal)
    chosen = {pool: extra[pool]} if pool else extra
    first = f"period == {deal.dates.started_periods + 1}"
    if len(set(chosen.values())) == 1:
        (more,) = set(chosen.values())
        return f"months + if({first}, {more}, 0)" if more else "months"
    weighted = " + ".join(f"{more} * {written(f'pool.{name}.opening_balance')}" for name, more in chosen.items())
    return f"months + if({first}, ({weighted}) / pool.opening_balance, 0)"


def accrued(deal: Deal, fee: Fee) -> str:
    """What a fee accrues on a date, as an expression; a year's rate counts for the months since the last charge.

    At a start in mid-life the dates before it count as those after it do: the average looks back on what is known.
    """
    if fee.amount is not None:
        return fee.amount
    rate = f"{(fee.rate_pct or 0.0) / 100.0!r} * ({fee.of})"
    if not fee.annual:
        return rate
    months = charged_months(deal, fee)[0]
    months = f"average({months}, {fee.every}) * {fee.every}" if fee.every > 1 else months
    return f"{rate} * ({months} / 12)"


def charged_months(deal: Deal, fee: Fee) -> list[str]:
    """Names of the months that a yearly fee counts: of the pool it is charged on, of the deal if it is on none.

    Several names are different months.
    """
    extra = extra_months(deal)
    if not any(extra.values()):
        return ["months"]
    pools = _pools_read(deal, fee.of or "", set())
    if len(pools) > 1 and "" not in pools and len({extra[name] for name in pools}) == 1:
        pools = {min(pools)}
    return [written(f"pool.{name}.months") if name else "pool.months" for name in sorted(pools)] or ["months"]


def _pools_read(deal: Deal, text: str, seen: set[str]) -> set[str]:
    """Pools whose figures an expression reads, through definitions; the empty name stands for all pools."""
    try:
        names = [node.name.split(".") for node in names_in(parse(text))]
    except DealError:
        return set()
    pools: set[str] = set()
    for parts in names:
        words = parts[2:] if parts[0] == "at" else parts[1:] if parts[0] in ("opening", "previous") else parts
        if words[:1] == ["pool"]:
            pools.add(words[1] if len(words) > 2 and words[1] in deal.pools else "")
        elif words and words[0] in deal.definitions and words[0] not in seen:
            pools |= _pools_read(deal, deal.definitions[words[0]], seen | {words[0]})
    return pools
