"""A run as a JSON document.

    deal         name, currency, cut_off, pool_cut_offs (where pools have their own), closing,
                 pool (loans, obligors, balance, …)
    scenario     name, reason
    settings     values set by path, where any were
    fingerprint  sha256 of deal, tape and scenario
    notices[]    all that is told beside the figures: on tapes, of what has no effect
    call         date, period, price and pool_balance of the call that was exercised; null without
    policies     first month in effect by name, null where it never is
    notes[]      the term sheet: note, balance, share_of_pool_pct, ce_pct and its parts, coupon, wal_to_call, …;
                 first_loss_multiple (principal) and first_interest_shortfall_multiple of the default curve, to maturity
                 without calls, with the pool's cumulative net loss there
    pool[]       by period: every flow and stock, then speeds and ratios (`_pct`)
    payments[]   by note and period: opening, interest due, paid and short, principal, …, balance
    triggers[]   by trigger and period: threshold, actual, cushion (currency units or decimal), status
    accounts[]   by account and period; likewise ledgers[], fees[], holders[] and every other kind of thing
    series[]     of a master trust, by series and period: percentages, allocated amounts, charge-offs, …; likewise
                 series_classes[]: nominal liquidation amount, subordination, …
    checks[]     check, must_hold, tested, largest_difference, result

Amounts are in currency units, dates ISO; a name that ends in `_pct` is in percent; what is not known is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from abssim.kind.table import KINDS
from abssim.measure.call import exercised_call
from abssim.report.number import known, units
from abssim.report.setting import settings_part
from abssim.report.sheet import Sheet, Value, sheets
from abssim.result import RunResult
from abssim.study.study import Study

_PARTS = {
    "notes": "Term sheet",
    "pool": "Pool",
    "payments": "Notes",
    **{kind.plural: kind.plural.capitalize() for kind in KINDS.values() if kind.name not in ("pool", "note", "step")},
    "series": "Series",
    "series_classes": "Series classes",
    "checks": "Checks",
}
"""Parts of the document, and the sheet each is made of."""


def run_document(study: Study) -> dict[str, Any]:
    """One scenario's results."""
    run = study.run
    by_name = {sheet.name: sheet for sheet in sheets([study])}
    pools = {name: day.isoformat() for name, day in run.dates.pool_cut_offs}
    return {
        "deal": {
            "name": run.deal_name,
            "currency": run.currency,
            "cut_off": run.dates.cut_off.isoformat(),
            **({"pool_cut_offs": pools} if pools else {}),
            "closing": run.dates.closing.isoformat(),
            "pool": _tape(run),
        },
        "scenario": {"name": run.scenario_name, "reason": run.scenario_reason},
        **settings_part(run.settings),
        "fingerprint": run.fingerprint,
        "notices": list(run.notices),
        "call": _call(run),
        "policies": {name: month if month >= 0 else None for name, month in run.policies.items()},
        **{part: _records(by_name[name]) for part, name in _PARTS.items() if name in by_name},
    }


_BALANCES = ("balance", "initial_balance", "dropped_balance", "non_performing")
_RATES = {"price": "price_pct", "rate": "rate_pct", "fee_rate": "fee_pct"}


def _tape(run: RunResult) -> dict[str, float | None]:
    """What the pool was made of: balances in currency units, rates in percent."""
    summary: dict[str, float | None] = {}
    for name, value in run.tape_summary.items():
        if name in _RATES:
            summary[_RATES[name]] = known(value, 100.0)
        else:
            summary[name] = units(int(value), run.currency) if name in _BALANCES else value
    return summary


def _call(run: RunResult) -> dict[str, Any] | None:
    call = exercised_call(run)
    if call is None:
        return None
    amounts = {"price": units(call.price, run.currency), "pool_balance": units(call.pool_balance, run.currency)}
    return {"date": call.date.isoformat(), "period": call.number, **amounts}


def runs_document(studies: Sequence[Study]) -> dict[str, Any]:
    """The document of a single scenario as it is; of several as `{"runs": [...]}`."""
    documents = [run_document(study) for study in studies]
    return documents[0] if len(documents) == 1 else {"runs": documents}


def _records(sheet: Sheet) -> list[dict[str, Any]]:
    names = ["note" if (sheet.name, column.name) == ("Term sheet", "class") else column.key for column in sheet.columns]
    return [
        {name: _plain(value) for name, value in zip(names, row, strict=True) if name != "scenario"}
        for row in sheet.rows
    ]


def _plain(value: Value) -> str | int | float | None:
    return value.isoformat() if isinstance(value, date) else value
