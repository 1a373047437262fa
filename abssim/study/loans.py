"""What a deal's loans allow: so many of a synthetic pool, and what needs loans at all."""

from __future__ import annotations

from abssim.bound import MOST_LOANS
from abssim.deal.deal import Deal
from abssim.errors import AbssimError, DealError, Problem, SettingsError
from abssim.program.compile import CompiledDeal
from abssim.program.notice import figure_pools, has_no_loans


def resize(deal: Deal, loans: int | None, has_tape: bool = False) -> Deal:
    """The deal with so many loans in each synthetic pool it opens with, if any number is given; balances stay."""
    if loans is None:
        return deal
    if has_tape:
        text = "--synthetic-loans and --tape exclude each other"
        raise AbssimError(Problem("E007", deal.name, "", text, "a tape has the loans it has"))
    if not 1 <= loans <= MOST_LOANS:
        text = f"must be from 1 to {MOST_LOANS:,}, not {loans:,}"
        raise SettingsError(Problem("E503", deal.name, "synthetic loans", text))
    synthetic = {name: pool.synthetic for name, pool in deal.pools.items() if pool.synthetic is not None}
    if not synthetic:
        hint = "pools on tapes have the loans they have"
        raise DealError(Problem("E021", deal.name, "--synthetic-loans", "no pool of the deal is synthetic", hint))
    larger = {name: made.model_copy(update={"loans": loans}) for name, made in synthetic.items()}
    pools = {name: deal.pools[name].model_copy(update={"synthetic": made}) for name, made in larger.items()}
    return deal.model_copy(update={"pools": deal.pools | pools})


def require_loans(compiled: CompiledDeal, option: str) -> None:
    """Refuse what cannot be told of a deal whose pools are a servicer's figures."""
    if has_no_loans(compiled):
        text = (
            f"the pools ({', '.join(figure_pools(compiled))}) are a servicer's figures, the same under all assumptions"
        )
        hint = "give the pool a tape, replines or a synthetic tape"
        raise AbssimError(Problem("E015", compiled.deal.name, option, text, hint))


def repline_notices(compiled: CompiledDeal) -> list[str]:
    """Aggregated loans are simulated as if each were one obligor."""
    return [
        f"pool {name} is given as replines: each is simulated as a single obligor, so its risk is overstated"
        for name, pool in compiled.deal.pools.items()
        if pool.replines is not None and name in compiled.assets.pools
    ]
