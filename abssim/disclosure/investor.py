"""Rows of the EU's investor report for one payment date of a run."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.disclosure.figures import Figures
from abssim.disclosure.ledger import ledger, residual
from abssim.disclosure.level import level_text
from abssim.disclosure.loan_view import amount_text
from abssim.disclosure.once import OneRow
from abssim.kind.clock import ClockField
from abssim.measure.trigger import trigger_measures
from abssim.money import minor_digits
from abssim.result import RunResult

METHODS = (
    "CPR (IVSS22) is 100 x (1 - (1 - p)^n), p prepayments over the whole opening pool, n collection periods a year; "
    "CDR (IVSS27) likewise, of new defaults over what performed",
    "arrears (IVSS38 to 44) are late instalments: one, two, three stand for 1-29, 30-59, 60-89 days; of what is in "
    "default the latest is taken to be left",
    "the residual is an item of IVSF, so the last IVSF6 is 0; IVSS19 is what it was",
)
"""How figures are made that could be made otherwise."""
_REGIMES = ("amortization", "early_amortization", "enforcement")


def report_row(deal: Deal, result: RunResult, t: int) -> OneRow:
    """What stands in the report once."""
    values = Figures(result, t).values()
    values["run.excess_spread"] = amount_text(residual(deal, result, t), minor_digits(result.currency))
    last = deal.dates.revolving_periods
    numbers = result.dates.number
    if last in numbers:
        values["run.revolving_end"] = result.dates.payment[numbers.index(last)].isoformat()
    return OneRow(values)


def trigger_rows(deal: Deal, result: RunResult, t: int) -> Iterator[OneRow]:
    """A row a trigger: condition, threshold and value (ratios in percentage points), state, consequence."""
    digits = minor_digits(result.currency)
    days = str(30 * int(result.clock[t, ClockField.MONTHS]))
    for measure in trigger_measures(result):
        terms = measure.terms
        yield OneRow(
            {
                "test.id": terms.name,
                "test.description": f"{terms.name}: {terms.condition}. Effect: {terms.effect}",
                "test.threshold": level_text(measure, float(measure.threshold[t]), digits),
                "test.actual": level_text(measure, float(measure.actual[t]), digits),
                "test.breached": str(bool(measure.active[t] or measure.breached[t])).lower(),
                "test.cure_days": "0",
                "test.frequency_days": days,
                "test.consequence": "CHPP" if deal.triggers[terms.name].effect in _REGIMES else "OTHR",
            },
            label=f"trigger {terms.name}",
        )


def cash_rows(deal: Deal, result: RunResult, t: int) -> Iterator[OneRow]:
    """A row an item of cash, with what is left after it."""
    digits = minor_digits(result.currency)
    for item, left in ledger(deal, result, t):
        yield OneRow(
            {
                "item.id": item.id,
                "item.name": item.name,
                "item.amount": amount_text(item.amount, digits),
                "item.available": amount_text(left, digits),
            },
            label=f"item {item.name}",
        )
