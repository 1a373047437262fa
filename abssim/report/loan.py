"""Cash flows of every loan, written in chunks so that memory does not grow with the tape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abssim.collateral.expected import Collateral
from abssim.file import replacing
from abssim.kind.pool import PoolField
from abssim.money import minor_digits
from abssim.program.compile import CompiledDeal
from abssim.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 500_000
"""Loans x months of one chunk."""
REPEATED = ["scenario", "pool", "loan_id", "month"]
"""Columns whose values come again; amounts hardly do."""
FIELDS = [field for field in PoolField if field < PoolField.DISCOUNT or field >= PoolField.CURRENT_BALANCE]


def write_loans(compiled: CompiledDeal, scenarios: Mapping[str, tuple[Scenario, int]], path: Path) -> int:
    """Parquet with a row per scenario, pool, loan and month (of the opening pools, expected values, currency units).

    Months count from the cut-off of the loan's pool; those after a loan's last cash are left out. `scenarios` holds
    each scenario and the months to project from the deal's cut-off. Returns the number of rows.
    """
    import pyarrow.parquet as pq

    rows, writer = 0, None
    with replacing(path) as temporary:
        try:
            for table in _tables(compiled, scenarios):
                writer = writer or pq.ParquetWriter(
                    temporary, table.schema, compression="zstd", use_dictionary=REPEATED
                )
                writer.write_table(table)
                rows += table.num_rows
        finally:
            if writer is not None:
                writer.close()
    return rows


def _tables(compiled: CompiledDeal, scenarios: Mapping[str, tuple[Scenario, int]]) -> Iterator[pa.Table]:
    for name, (scenario, months) in scenarios.items():
        for pool, collateral in compiled.assets.pools.items():
            if isinstance(collateral, Collateral):
                own = max(1, months + collateral.settings.earlier)
                step = max(1, CHUNK_ROWS // own)
                for first in range(0, len(collateral.tape), step):
                    last = min(first + step, len(collateral.tape))
                    flows = collateral.loan_flows(scenario, own, first, last)
                    yield _table(compiled, name, pool, collateral, first, flows)


def _table(
    compiled: CompiledDeal, scenario: str, pool: str, collateral: Collateral, first: int, flows: np.ndarray
) -> pa.Table:
    import pyarrow as pa

    alive = flows.any(axis=2)
    loan, month = np.nonzero(alive)
    values = flows[alive] / 10.0 ** minor_digits(compiled.deal.currency)
    ids = np.char.decode(collateral.tape.loan_id[first : first + len(flows)], "utf-8")
    same = np.zeros(len(loan), dtype=np.int32)
    columns = {
        "scenario": pa.DictionaryArray.from_arrays(same, [scenario]),
        "pool": pa.DictionaryArray.from_arrays(same, [pool]),
        "loan_id": pa.DictionaryArray.from_arrays(loan.astype(np.int32), ids.tolist()),
        "month": pa.array((month + 1).astype(np.int32)),
    }
    return pa.table(columns | {field.name.lower(): pa.array(values[:, field]) for field in FIELDS})
