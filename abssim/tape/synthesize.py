"""Synthetic tapes: seeded, every column from its own stream, so changing one figure of a recipe moves no other draw.

With a target the total balance is exact to the minor unit: principals are scaled, and what rounding leaves is spread
over contracts that have not paid an instalment yet.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from abssim.annuity import annuity, outstanding
from abssim.engine.layout import Amortization
from abssim.errors import Problem, TapeError
from abssim.money import minor_digits
from abssim.tape.recipe import Recipe, Shares, find_recipe
from abssim.tape.schema import LoanTape, make_tape

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

MAX_LOANS = 20_000_000
_ROUNDS = 6


def synthesize(
    recipe: str | Recipe, *, loans: int, seed: int, balance: int | None = None, currency: str | None = None
) -> LoanTape:
    """A tape of `loans` contracts drawn by the recipe; `balance` is the total in minor units, hit exactly.

    A target far from `loans` average tickets scales every ticket. `currency` replaces the recipe's.
    """
    chosen = find_recipe(recipe) if isinstance(recipe, str) else recipe
    if currency is not None:
        chosen = replace(chosen, currency=currency)
    drawn = _Draws(chosen, _checked(loans, seed, balance), seed)
    level = bool(drawn.recipe.rates)
    terms, ages = drawn.terms()
    principal = drawn.tickets()
    rates = drawn.rates()
    target = balance
    if target is not None:
        principal = _scaled(principal, target, lambda p: _balances(p, terms, ages, rates, level))
    outstanding = _balances(principal, terms, ages, rates, level)
    if target is not None:
        principal, outstanding = _exact(principal, outstanding, ages, target, level)
    columns = drawn.obligor_columns()
    columns["amortization"] = _kinds(drawn, terms, level)
    flat = columns["amortization"] == Amortization.FLAT_FEE
    return make_tape(
        drawn.recipe.currency, outstanding, original_balance=principal, rate=rates, original_term=terms, age=ages,
        remaining_term=terms - ages, fee_rate=np.where(flat, drawn.recipe.fee_rate, 0.0), **columns,
    )  # fmt: skip


def _checked(loans: int, seed: int, balance: int | None) -> int:
    problems = []
    if not 1 <= loans <= MAX_LOANS:
        problems.append(Problem("E229", "synthetic", "loans", f"{loans:,} is not between 1 and {MAX_LOANS:,}"))
    if seed < 0:
        problems.append(Problem("E229", "synthetic", "seed", "negative"))
    if balance is not None and not loans * 100 <= balance <= 9e14:
        hint = "at least 100 minor units a loan, at most 9e14 in all"
        problems.append(Problem("E229", "synthetic", "balance", f"{balance:,} minor units", hint))
    if problems:
        raise TapeError(problems)
    return loans


class _Draws:
    """The recipe's distributions for `count` contracts."""

    def __init__(self, recipe: Recipe, count: int, seed: int) -> None:
        self.recipe = recipe
        self.count = count
        self.seed = seed
        self.obligor = self._obligors()

    def stream(self, name: str) -> np.random.Generator:
        """The random numbers of one column."""
        return np.random.Generator(np.random.PCG64([self.seed, zlib.crc32(name.encode())]))

    def pick(self, name: str, shares: Sequence[float], count: int) -> Codes:
        """(count,) places drawn by their shares."""
        edges = np.cumsum(np.asarray(shares, dtype=np.float64) / sum(shares))[:-1]
        return np.searchsorted(edges, self.stream(name).random(count), side="right").astype(np.int64)

    def _obligors(self) -> Codes:
        """(L,) obligor of each contract: orders of an obligor follow each other, their number is geometric."""
        fresh = self.stream("obligor").random(self.count) < 1.0 / self.recipe.orders_per_obligor
        fresh[0] = True
        return np.asarray(np.cumsum(fresh) - 1, dtype=np.int64)

    def terms(self) -> tuple[Int64, Int64]:
        """Original terms, and ages spread evenly over the term; the last contract is new."""
        months = np.asarray([term for term, _ in self.recipe.terms], dtype=np.int64)
        terms = months[self.pick("term", [share for _, share in self.recipe.terms], self.count)]
        most = np.minimum(terms - 1, self.recipe.most_age)
        ages = np.floor(self.stream("age").random(self.count) * (most + 1)).astype(np.int64)
        ages[-1] = 0
        return terms, ages

    def tickets(self) -> Int64:
        """(L,) original principal in minor units."""
        recipe = self.recipe
        mu = np.log(recipe.ticket_mean) - recipe.ticket_sigma**2 / 2.0
        drawn = np.exp(mu + recipe.ticket_sigma * self.stream("ticket").standard_normal(self.count))
        scale = 10.0 ** minor_digits(recipe.currency)
        tickets: Int64 = np.rint(np.clip(drawn, recipe.ticket_least, recipe.ticket_most) * scale).astype(np.int64)
        return tickets

    def _grades(self) -> Codes:
        drawn = self.pick("grade", _weights(self.recipe.grades), int(self.obligor[-1]) + 1)
        grades: Codes = np.take(drawn, self.obligor)
        return grades

    def rates(self) -> Float64:
        """(L,) decimal a year, to the basis point; 0 where the recipe charges fees."""
        if not self.recipe.rates:
            return np.zeros(self.count)
        spread = (self.stream("rate").random(self.count) - 0.5) * self.recipe.rate_width
        return np.asarray(np.round(np.asarray(self.recipe.rates)[self._grades()] + spread, 4), dtype=np.float64)

    def obligor_columns(self) -> dict[str, Any]:
        """Keys, grade, score, region and delinquency (the obligor's), segment and merchant (the order's)."""
        recipe, obligors = self.recipe, int(self.obligor[-1]) + 1
        late = self.stream("late").random(obligors) < recipe.delinquent_ratio
        days = np.asarray([day for day, _ in recipe.delinquent_days])
        overdue = days[self.pick("days", [share for _, share in recipe.delinquent_days], obligors)]
        columns = {"grade": (recipe.grades, self._grades())}
        columns["region"] = (recipe.regions, self.pick("region", _weights(recipe.regions), obligors)[self.obligor])
        columns["segment"] = (recipe.segments, self.pick("segment", _weights(recipe.segments), self.count))
        score = np.asarray(recipe.scores)[self._grades()]
        noise = (self.stream("score").random(obligors)[self.obligor] - 0.5) * recipe.score_width
        further = {}
        if recipe.merchants:
            codes = self.pick("merchant", _weights(recipe.merchant_shares), self.count)
            further["merchant"] = (recipe.merchant_shares, codes.astype(np.int32))
        return {
            "obligor_key": (self.obligor + 1).astype(np.uint64),
            "days_past_due": np.where(late, overdue, 0)[self.obligor],
            "score": np.rint(score + noise),
            **{name: codes for name, (_, codes) in columns.items()},
            "extra": {name: codes for name, (_, codes) in further.items()},
            "labels": {n: tuple(word for word, _ in shares) for n, (shares, _) in (columns | further).items()},
        }


def _weights(shares: Shares) -> list[float]:
    return [share for _, share in shares]


def _kinds(drawn: _Draws, terms: Int64, level: bool) -> npt.NDArray[np.int8]:
    """Level pay; or single payment at one month, else free instalments or a flat fee."""
    if level:
        return np.full(drawn.count, Amortization.LEVEL_PAY, dtype=np.int8)
    free = drawn.stream("free").random(drawn.count) < drawn.recipe.free_ratio
    kinds = np.where(free, Amortization.FREE_INSTALMENT, Amortization.FLAT_FEE)
    return np.where(terms == 1, Amortization.SINGLE_PAYMENT, kinds).astype(np.int8)


def _balances(principal: Int64, terms: Int64, ages: Int64, rates: Float64, level: bool) -> Int64:
    """Outstanding after `ages` instalments: annuity, or equal parts rounded down to the minor unit."""
    if not level:
        return principal - ages * (principal // terms)
    monthly = rates / 12.0
    left: Float64 = outstanding(principal, monthly, annuity(principal, monthly, terms, 0.0), ages)
    return np.maximum(np.rint(left), 1.0).astype(np.int64)


def _scaled(principal: Int64, target: int, outstanding: Any) -> Int64:
    """Principals such that balances come near the target."""
    for _ in range(_ROUNDS):
        ratio = target / int(outstanding(principal).sum())
        principal = np.maximum(np.rint(principal * ratio), 1.0).astype(np.int64)
    return principal


def _exact(principal: Int64, outstanding: Int64, ages: Int64, target: int, level: bool) -> tuple[Int64, Int64]:
    """Spreads the last difference over new contracts (whose principal is their balance), largest first."""
    rest = target - int(outstanding.sum())
    new = np.flatnonzero(ages == 0)
    order = new[np.argsort(-outstanding[new], kind="stable")]
    share, odd = divmod(abs(rest), order.size)
    change = np.full(order.size, share, dtype=np.int64)
    change[:odd] += 1
    change = change if rest >= 0 else -change
    principal, outstanding = principal.copy(), outstanding.copy()
    principal[order] += change
    outstanding[order] += change
    if int(outstanding.min()) < 1 or int(outstanding.sum()) != target:
        raise TapeError(Problem("E229", "synthetic", "balance", "too small for this number of loans"))
    return principal, outstanding
