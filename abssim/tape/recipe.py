"""Recipes of synthetic pools: distributions as data. Every figure is an assumption and may be changed by `replace`.

`baitiao` follows the asset traits of Chinese instalment purchases (京东白条): small tickets, several open orders per
user, terms of 1 to 24 months, many of them interest-free, otherwise a flat monthly fee on the original principal. Its
merchants differ in size by a power law, as clusters of linked accounts do: what ties obligors together may go by them.
"""

from __future__ import annotations

from dataclasses import dataclass

from abssim.errors import Problem, TapeError, did_you_mean

Shares = tuple[tuple[str, float], ...]
"""Words and their shares; shares are scaled to one."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a synthetic pool is drawn from."""

    name: str
    currency: str
    ticket_mean: float
    """Original principal in currency units: lognormal with this mean."""
    ticket_sigma: float
    ticket_least: float
    ticket_most: float
    terms: tuple[tuple[int, float], ...]
    """Months and their shares."""
    grades: Shares
    """From the best to the worst."""
    segments: Shares
    regions: Shares
    orders_per_obligor: float
    """Mean; the number is geometric, at least one."""
    delinquent_ratio: float
    """Share of obligors past due."""
    delinquent_days: tuple[tuple[int, float], ...]
    """Days past due and their shares among those."""
    fee_rate: float = 0.0
    """Decimal a month on the original principal; 0 with `rates` for level-pay loans."""
    free_ratio: float = 0.0
    """Share of the orders of more than one instalment that bear no fee."""
    rates: tuple[float, ...] = ()
    """Decimal a year by grade: the middle of a grade's rates."""
    rate_width: float = 0.0
    """Rates of a grade spread evenly over this width."""
    scores: tuple[float, ...] = ()
    """Mean score by grade."""
    score_width: float = 0.0
    most_age: int = 1_000
    """Oldest loan in the pool, months."""
    merchants: int = 0
    """Merchants M0001, M0002, ... that sold the goods, drawn order by order; 0 for a pool without."""
    merchant_exponent: float = 0.0
    """Sizes follow a power law: merchant k has a share of the orders that goes with k^-exponent (1: Zipf's law, which
    holds for the sizes of firms)."""

    @property
    def merchant_shares(self) -> Shares:
        """Merchants from the largest to the smallest; every pool of the recipe has the same ones."""
        return tuple((f"M{k:04d}", k**-self.merchant_exponent) for k in range(1, self.merchants + 1))


_PROVINCES: Shares = (
    ("Guangdong", 14.0), ("Jiangsu", 9.0), ("Beijing", 8.0), ("Shandong", 7.5), ("Zhejiang", 7.0), ("Shanghai", 6.5),
    ("Hebei", 6.0), ("Henan", 6.0), ("Sichuan", 6.0), ("Hubei", 5.0), ("Anhui", 4.0), ("Hunan", 4.0), ("Fujian", 4.0),
    ("Shaanxi", 3.5), ("Liaoning", 3.5), ("Tianjin", 3.0), ("Chongqing", 3.0),
)  # fmt: skip
_STATES: Shares = (
    ("CA", 14.0), ("TX", 11.0), ("FL", 9.0), ("NY", 6.0), ("PA", 5.0), ("IL", 5.0), ("GA", 5.0), ("OH", 4.5),
    ("NC", 4.5), ("NJ", 4.0), ("VA", 4.0), ("AZ", 4.0), ("WA", 3.5), ("MI", 3.5), ("TN", 3.5), ("CO", 3.0),
)  # fmt: skip

BAITIAO = Recipe(
    name="baitiao",
    currency="CNY",
    ticket_mean=800.0,
    ticket_sigma=0.9,
    ticket_least=24.0,
    ticket_most=15_000.0,
    terms=((1, 0.25), (3, 0.20), (6, 0.15), (12, 0.30), (24, 0.10)),
    grades=(("1", 0.45), ("2", 0.30), ("3", 0.17), ("4", 0.08)),
    segments=(
        ("electronics", 0.34), ("home", 0.20), ("fashion", 0.16),
        ("groceries", 0.14), ("beauty", 0.09), ("luxury", 0.07),
    ),
    regions=_PROVINCES,
    orders_per_obligor=2.5,
    delinquent_ratio=0.01,
    delinquent_days=((15, 0.70), (45, 0.20), (75, 0.10)),
    fee_rate=0.005,
    free_ratio=0.45,
    scores=(760.0, 700.0, 640.0, 580.0),
    score_width=60.0,
    merchants=500,
    merchant_exponent=1.0,
)  # fmt: skip
AUTO = Recipe(
    name="auto",
    currency="USD",
    ticket_mean=26_000.0,
    ticket_sigma=0.45,
    ticket_least=4_000.0,
    ticket_most=120_000.0,
    terms=((24, 0.03), (36, 0.09), (48, 0.13), (60, 0.25), (72, 0.36), (84, 0.14)),
    grades=(("A", 0.40), ("B", 0.30), ("C", 0.20), ("D", 0.10)),
    segments=(("new", 0.45), ("used", 0.55)),
    regions=_STATES,
    orders_per_obligor=1.02,
    delinquent_ratio=0.015,
    delinquent_days=((15, 0.75), (45, 0.18), (75, 0.07)),
    rates=(0.049, 0.069, 0.099, 0.149),
    rate_width=0.02,
    scores=(790.0, 730.0, 680.0, 620.0),
    score_width=60.0,
    most_age=30,
)
CONSUMER = Recipe(
    name="consumer",
    currency="USD",
    ticket_mean=12_000.0,
    ticket_sigma=0.6,
    ticket_least=1_000.0,
    ticket_most=40_000.0,
    terms=((36, 0.65), (60, 0.35)),
    grades=(("A", 0.25), ("B", 0.30), ("C", 0.22), ("D", 0.13), ("E", 0.10)),
    segments=(("debt consolidation", 0.55), ("credit card", 0.22), ("home improvement", 0.10), ("other", 0.13)),
    regions=_STATES,
    orders_per_obligor=1.05,
    delinquent_ratio=0.02,
    delinquent_days=((15, 0.65), (45, 0.22), (75, 0.13)),
    rates=(0.075, 0.11, 0.145, 0.185, 0.23),
    rate_width=0.02,
    scores=(760.0, 720.0, 695.0, 675.0, 660.0),
    score_width=30.0,
    most_age=18,
)

RECIPES = {recipe.name: recipe for recipe in (BAITIAO, AUTO, CONSUMER)}


def find_recipe(name: str) -> Recipe:
    """The recipe of this name."""
    if name not in RECIPES:
        raise TapeError(Problem("E229", "synthetic", "recipe", f'no recipe "{name}"', did_you_mean(name, RECIPES)))
    return RECIPES[name]
