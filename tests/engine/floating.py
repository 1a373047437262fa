"""A small deal whose loans may float with an index, and a scenario of that index."""

from __future__ import annotations

from typing import Any

from abssim.deal.deal import Deal
from abssim.deal.load import parse_deal
from abssim.scenario.scenario import Scenario

TEXT = """
name: small
currency: USD
dates: {{cut_off: {cut_off}, closing: {cut_off}, payment_day: 15, legal_final: 2035-01-15}}
pools: {{p: {{replines: [{{balance: 5000, rate_pct: 6, remaining_term: 24}}]}}}}
notes: {{A: {{balance: 5000}}}}
indexes: {{sofr: {{forward_pct: 4}}}}
accounts: {{cash: {{collects: all}}}}
holders: [seller]
waterfalls:
  amortization:
    - {{name: principal, rule: pay_down_to, source: cash, payees: [A], target: 0}}
    - {{name: rest, rule: pay_remainder, source: cash, payees: [seller]}}
"""


def floating_deal(cut_off: str = "2025-01-01", **rates: Any) -> tuple[Deal, Scenario]:
    """The deal, and a scenario under which nobody defaults or prepays; `rates` are those of its index `sofr`."""
    document = {"name": "rates", "reason": "rates alone", "rates": {"sofr": rates} if rates else {}}
    return parse_deal(TEXT.format(cut_off=cut_off)), Scenario.model_validate(document)
