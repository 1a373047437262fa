"""Dependence between obligors beyond the factor, by cluster: shared frailty, ring fraud and contagion."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.engine.credit.dependence import Shock, draw_rings, draw_tails
from abssim.engine.credit.migration import LANES
from abssim.engine.credit.monthly import Infection, Standing
from abssim.engine.credit.off_schedule import Book
from abssim.engine.credit.restructuring import RestructuringTerms
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.scenario.scenario import Scenario
from abssim.tape.key import text_keys
from abssim.tape.schema import LoanTape

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


class Clusters(NamedTuple):
    """The clusters of a population's obligors."""

    key: npt.NDArray[np.uint64]
    """(K,) key of the random numbers, made of the value: a merchant draws the same in every population."""
    row: Int64
    """(O,) cluster of each obligor, -1 for none."""


class Dependence:
    """The clusters of a population's obligors, and the shocks they share.

    `loan` (O,) is the loan of the tape whose columns say which cluster an obligor belongs to.
    """

    def __init__(self, tape: LoanTape, scenario: Scenario, loan: Int64) -> None:
        self.frailty, self.fraud, self.contagion = scenario.frailty, scenario.fraud, scenario.contagion
        nobody = Clusters(np.zeros(0, dtype=np.uint64), np.broadcast_to(np.int64(-1), len(loan)))
        self._frail, self._rings, self._infected = (
            nobody if part is None else clusters(tape, loan, part.by, f"{name}.by", scenario.name)
            for name, part in (("frailty", self.frailty), ("fraud", self.fraud), ("contagion", self.contagion))
        )
        self._pairs, self._row = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
        if self.frailty is not None or self.fraud is not None:
            pair = (self._frail.row + 1) * (len(self._rings.key) + 1) + self._rings.row + 1
            self._pairs, row = np.unique(pair, return_inverse=True)
            self._row = row.astype(np.int32)

    def shock(self, seed: int, group: int) -> Shock:
        """Frailty and ring of every cluster on the paths of a group, as multiples of the cumulative hazard of leaving.

        A function of seed, path and value of the column. Obligors of one frailty and one ring cluster share a row.
        """
        frail, ring = np.divmod(self._pairs, len(self._rings.key) + 1)
        gamma = np.ones((1 + len(self._frail.key), LANES))
        if self.frailty is not None:
            gamma[1:] = gammas(self.frailty.variance, self._frail.key, seed, group)
        struck = np.zeros((1 + len(self._rings.key), LANES), dtype=np.bool_)
        if self.fraud is not None:
            draw_rings(np.uint64(seed), self._rings.key, group, self.fraud.probability_pct / 100.0, struck[1:])
        return Shock(self._row, np.where(struck[ring], np.inf, gamma[frail]))

    def standing(self, book: Book, restructuring: RestructuringTerms, months: int) -> Standing:
        """Initial state of the month-by-month simulation on the paths of a group: nobody has infected anybody yet."""
        bucket = book.obligor["bucket"].astype(np.int8)
        is_open = np.ones((len(book.order), LANES), dtype=np.int8)
        rows, window, terms = 0, 1, np.zeros(2)
        if self.contagion is not None:
            rows, window = len(self._infected.key) + 1, min(self.contagion.months, months)
            terms[:] = self.contagion.strength, self.contagion.cap
        row = (self._infected.row + 1).astype(np.int32)
        members = np.bincount(row, minlength=rows)[:rows]
        recent = np.zeros((rows, LANES, window), dtype=np.int64)
        infection = Infection(row, members, terms, recent, np.ones((rows, LANES)))
        state = np.repeat(bucket[:, None], LANES, axis=1)
        restructured = np.zeros((len(bucket) if restructuring.shift.any() else 0, LANES), dtype=np.int32)
        return Standing(state, is_open, restructured, restructuring, infection)


def clusters(tape: LoanTape, loan: Int64, column: str, place: str, scenario: str) -> Clusters:
    """Obligors by the value that their loan has in a column; no value, no cluster. ScenarioError without the column."""
    if len(tape) > 0 and column not in tape.names:
        message, hint = f'the tape has no column "{column}"', did_you_mean(column, tape.labels or tape.names)
        raise ScenarioError(Problem("E330", scenario, place, message, hint))
    if len(loan) == 0:
        return Clusters(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))
    values, row = np.unique(tape.codes(column)[loan], return_inverse=True)
    texts = _texts(values, tape.labels.get(column))
    if not (texts != b"").any():
        message, hint = f'no loan has a value in the column "{column}"', "name another column"
        raise ScenarioError(Problem("E330", scenario, place, message, hint))
    keys, place_of = np.unique(text_keys(texts[texts != b""]), return_inverse=True)
    own = np.full(len(texts), -1)
    own[texts != b""] = place_of
    return Clusters(keys, own[row])


def _texts(values: npt.NDArray[Any], words: tuple[str, ...] | None) -> npt.NDArray[np.bytes_]:
    """Values of a column as UTF-8 texts, empty where unknown; a whole number is written as a word would write it."""
    if words is not None:
        labels: npt.NDArray[np.bytes_] = np.asarray([word.encode() for word in words])
        return np.take(labels, values)
    texts = values.astype(np.bytes_)
    if values.dtype.kind == "f":
        whole = np.isfinite(values) & (np.abs(values) < 2.0**53) & (values == np.rint(values))
        integers = np.where(whole, values, 0.0).astype(np.int64)
        texts = np.where(whole, integers.astype(np.bytes_), texts)
    unknown = np.isnan(values) if values.dtype.kind == "f" else values.astype(str) == "NaT"
    return np.where(unknown, b"", texts)


def gammas(variance: float, keys: npt.NDArray[np.uint64], seed: int, group: int) -> Float64:
    """(K, LANES) gamma frailties of mean 1 for clusters `keys` on the paths of a group, by inversion."""
    return _gammas(variance, keys.tobytes(), seed, group) if variance > 0.0 else np.ones((len(keys), LANES))


@lru_cache(maxsize=16)
def _gammas(variance: float, keys: bytes, seed: int, group: int) -> Float64:
    """The inversions, cached: all vintages of a path have the same clusters, and an inversion takes microseconds."""
    from scipy.special import gammainccinv, gammaincinv

    key = np.frombuffer(keys, dtype=np.uint64)
    tail = np.zeros((len(key), LANES))
    draw_tails(np.uint64(seed), key, group * LANES, tail)
    shape, size = 1.0 / variance, np.abs(tail)
    gamma: Float64 = variance * np.where(tail > 0.0, gammaincinv(shape, size), gammainccinv(shape, size))
    return gamma
