"""What results have to say beside their figures, told as warnings (`Notice`)."""

from __future__ import annotations

from collections.abc import Iterable

from abssim.amount import exact
from abssim.errors import notify
from abssim.measure.call import exercised_call
from abssim.result import Origin, RunResult


def notify_of(results: Iterable[Origin]) -> None:
    """What of deal and scenarios had no effect, each thing once; calls that pay more than the pool is worth."""
    shown = list(results)
    for notice in dict.fromkeys(notice for result in shown for notice in result.notices):
        notify(notice)
    for result in shown:
        if isinstance(result, RunResult):
            _notify_call(result)


def _notify_call(result: RunResult) -> None:
    call, money = exercised_call(result), exact(result.currency)
    if call is not None and call.excess:
        notify(
            f"scenario {result.scenario_name}: the call on {call.date} pays {money.text(call.price)} for a pool of "
            f"{money.text(call.pool_balance)}, so to call the notes have {money.text(call.excess)} more than their pool"
        )
