"""Contract tables of groups of loans: the only work that is done per loan."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abssim.collateral.cell import compress
from abssim.collateral.contract import longest_term, opening_bucket, require_paid
from abssim.engine.contract.aggregate import aggregate_contracts
from abssim.engine.contract.columns import Contracts
from abssim.engine.layout import ContractField
from abssim.tape.schema import LoanTape

Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

TABLE_BYTES = 256 << 20
"""Memory for the tables of all threads; more threads than fit are not started."""
CHUNK_LOANS = 25_000
"""Fewer loans than this are not worth a thread."""


class Tables(NamedTuple):
    """Contract tables of the groups `(G,)` under one cut of the tape."""

    cell: Int64
    age: Int64
    """Months since origination where the cell's assumptions depend on it, else 0."""
    bucket: Int64
    """Missed instalments at the cut-off."""
    life: Int64
    """Original term where the cell's defaults depend on it, else 0."""
    term: Int64
    """Remaining term where the cell's servicer advances, else the longest of the group."""
    mass: Float64
    """Weight of the group's loans."""
    table: Int64
    """(G, ContractField, S + 1) sums of schedules, units."""
    group: Int64
    """(L,) group of each loan."""


class Detail(NamedTuple):
    """What loans of a cell must share beside it, by cell `(C,)`."""

    age: tuple[bool, ...]
    life: tuple[bool, ...]
    term: tuple[bool, ...]


def group_loans(
    tape: LoanTape, contracts: Contracts, weights: Float64 | None, cell: Int64, detail: Detail, threads: int
) -> Tables:
    """Loans of the same cell, bucket, weight, and age, original or remaining term where it matters, added up."""
    remaining = np.maximum(1, tape.remaining_term).astype(np.int64)
    bucket = opening_bucket(tape.days_past_due)
    age = _where(detail.age, cell, np.maximum(0, tape.age))
    life = _where(detail.life, cell, np.maximum(1, tape.original_term))
    term = _where(detail.term, cell, remaining)
    masses, weight = np.ones(1), np.zeros_like(bucket)
    if weights is not None:
        masses, weight = np.unique(weights, return_inverse=True)
    group, first = _combine([cell, bucket, age, life, term, weight.astype(np.int64)])
    longest = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(longest, group, remaining)
    table = _aggregate(contracts, group, (len(first), len(ContractField), longest_term(tape) + 1), threads)
    require_paid(tape, contracts)
    return Tables(
        cell=cell[first],
        age=age[first],
        bucket=bucket[first],
        life=life[first],
        term=np.where(term[first] > 0, term[first], longest),
        mass=masses[weight[first]],
        table=table,
        group=group,
    )


def _where(matters: tuple[bool, ...], cell: Int64, values: npt.NDArray[np.integer]) -> Int64:
    """The values in cells where they matter, else 0."""
    if not any(matters):
        return np.zeros(len(cell), dtype=np.int64)
    return np.where(np.asarray(matters)[cell], values, 0).astype(np.int64)


def _combine(columns: Sequence[Int64]) -> tuple[Int64, Int64]:
    """Group of each loan by its combination of codes, and the first loan of each group."""
    code, count = columns[0], int(columns[0].max(initial=0)) + 1
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 1
        if width == 1:
            continue
        if count * width > 1 << 40:
            code, kept = compress(code, count)
            count = len(kept)
        code, count = code * width + column, count * width
    code, kept = compress(code, count)
    first = np.zeros(len(kept), dtype=np.int64)
    first[code[::-1]] = np.arange(len(code) - 1, -1, -1, dtype=np.int64)
    return code, first


def _aggregate(contracts: Contracts, group: Int64, shape: tuple[int, int, int], threads: int) -> Int64:
    """Sums of the schedules by group; they are whole numbers, so threads and chunks change no bit."""
    loans = len(group)
    size = max(8, 8 * shape[0] * shape[1] * shape[2])
    workers = max(1, min(threads, TABLE_BYTES // size, -(-loans // CHUNK_LOANS)))
    tables = [np.zeros(shape, dtype=np.int64) for _ in range(workers)]
    if workers == 1:
        aggregate_contracts(contracts, group, 0, loans, tables[0])
        return tables[0]
    bounds = [loans * w // workers for w in range(workers + 1)]
    with ThreadPoolExecutor(workers) as pool:
        ranges = zip(bounds[:-1], bounds[1:], tables, strict=True)
        jobs = [pool.submit(aggregate_contracts, contracts, group, a, b, table) for a, b, table in ranges]
        for job in jobs:
            job.result()
    for table in tables[1:]:
        tables[0] += table
    return tables[0]
