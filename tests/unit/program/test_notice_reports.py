"""What a servicer's reports do not give is not shown as nothing, and who reads it is told."""

from __future__ import annotations

import numpy as np
import pytest

from abssim.deal.unreported import unreported
from abssim.measure.pool import pool_measure
from abssim.program.notice import deal_notices
from abssim.projection.single import run
from abssim.table.pool import pool_tables
from tests.engine.small import LATER, QUIET, REST, TWO_POOLS, small
from tests.unit.table.test_tables import text

GIVEN = "{interest: 10, scheduled_principal: 100}"


def test_fields_that_no_report_gives() -> None:
    """A 0 in one report says that there was none in the others either."""
    missing = unreported(small([LATER, REST], [GIVEN, "{default: 0}"]).deal)
    assert {"prepayment", "dpd_1_30_balance", "fee"} <= missing
    assert missing.isdisjoint({"interest", "scheduled_principal", "default", "closing_balance", "month"})
    both = small([LATER, REST], [], pools=TWO_POOLS).deal
    assert "fee" in unreported(both, "p")
    assert "fee" not in unreported(both)
    assert "default" in unreported(both)


def test_they_are_not_shown_as_nothing() -> None:
    found = run(small([LATER, REST], [GIVEN, "{prepayment: 0}"]), QUIET)
    measure = pool_measure(found)
    assert np.isnan(measure.cdr).all()
    assert np.isnan(measure.dpd_1_30_ratio).all()
    assert measure.cpr.tolist() == [0.0, 0.0]
    shown = text(pool_tables(found), 120)
    row = next(line for line in shown.splitlines() if line.startswith("1 "))
    assert row.split() == ["1", "2025-02-15", "1,500.00", "10.00", "100.00", "0.00", "–", "–", "1,400.00"]
    assert "–: not in the servicer's reports, taken as nothing." in " ".join(shown.split())


@pytest.mark.parametrize(
    ("condition", "fields"),
    [
        ("pool.dpd_30_plus_ratio > 0.1", "dpd_31_60_balance, dpd_61_90_balance"),
        ("previous.pool.default > 100", "default"),
        ("pool.cumulative_net_loss_ratio > 0.05", "default"),
        ("pool.penalty > 100", "penalty"),
        ("pool.principal_collections > 100", ""),
        ("pool.prepayment > 100", ""),
    ],
)
def test_who_reads_them_is_told(condition: str, fields: str) -> None:
    compiled = small([LATER, REST], [GIVEN, "{prepayment: 5}"], f'triggers: {{t: {{when: "{condition}"}}}}')
    line = f"triggers.t.when: reads {fields}, which no report of the servicer gives, so it is taken as nothing"
    assert (line in list(deal_notices(compiled))) == bool(fields)
    assert any("no report" in each for each in deal_notices(compiled)) == bool(fields)
