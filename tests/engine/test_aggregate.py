"""Contract tables against schedules added up loan by loan: the same whole numbers, whatever is computed together."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.collateral.contract import PoolSettings, contracts_of
from abssim.engine.contract.aggregate import SIDE_BY_SIDE, aggregate_contracts
from abssim.engine.contract.amortization import contract_schedule
from abssim.engine.contract.columns import Form
from abssim.engine.layout import Amortization, ContractField
from abssim.tape.schema import LoanTape, make_tape

MONTHS, GROUPS = 60, 5
KINDS = [kind for kind in Amortization if kind != Amortization.CUSTOM]


def mixed_tape(loans: int, seed: int) -> LoanTape:
    """Contracts of every kind but most of them annuities; terms from nothing to 60, rates from nothing to 300 %."""
    rng = np.random.default_rng(seed)
    return make_tape(
        "USD",
        rng.integers(1, 10 ** rng.integers(1, 11), loans),
        rate=rng.choice([0.0, 0.01, 0.06, 0.2, 3.0], loans),
        remaining_term=rng.integers(0, MONTHS + 1, loans),
        payment=rng.choice([0, 0, 5_000, 10**9], loans),
        amortization=rng.choice([*KINDS, *[Amortization.LEVEL_PAY] * len(KINDS)], loans),
        balloon=rng.choice([0, 100], loans),
        fee_rate=rng.choice([0.0, 0.005], loans),
        minimum_payment_rate=0.05,
    )


@pytest.mark.parametrize("hurdle", [0.0, 0.08])
@pytest.mark.parametrize("rounded", [True, False])
@pytest.mark.parametrize("loans", [1, SIDE_BY_SIDE - 1, 12 * SIDE_BY_SIDE + 5])
def test_tables_are_schedules_added_up(loans: int, rounded: bool, hurdle: float) -> None:
    contracts = contracts_of(mixed_tape(loans, loans), PoolSettings(hurdle, rounded))
    assert loans < 12 * SIDE_BY_SIDE or np.sum(contracts.form == Form.LEVEL) > SIDE_BY_SIDE
    group = np.random.default_rng(1).integers(0, GROUPS, loans)
    table = np.zeros((GROUPS, len(ContractField), MONTHS + 1), dtype=np.int64)
    aggregate_contracts(contracts, group, 0, loans, table)
    expected = np.zeros_like(table)
    schedule = np.zeros(table.shape[1:], dtype=np.int64)
    for i in range(loans):
        term = contract_schedule(contracts, i, schedule)
        expected[group[i], :, : term + 1] += schedule[:, : term + 1]
    assert (table == expected).all()
