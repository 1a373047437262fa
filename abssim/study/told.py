"""What results have to say beside their figures, told as warnings (`Notice`) and kept in their `notices`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from abssim.amount import exact
from abssim.errors import notify
from abssim.measure.call import exercised_call
from abssim.program.compile import CompiledDeal
from abssim.result import Origin, RunResult
from abssim.word import counted

Result = TypeVar("Result", bound=Origin)


def told(compiled: CompiledDeal, results: Sequence[Result], more: Sequence[str] = ()) -> list[Result]:
    """The results with all notices: what was noticed when the deal was compiled, `more`, what of deal and scenarios had
    no effect, calls that pay more than the pool is worth. All are told but the first, which were told then."""
    own = [(*more, *result.notices, *_call_notices(result)) for result in results]
    _tell((result.scenario_name, notice) for result, notices in zip(results, own, strict=True) for notice in notices)
    pairs = zip(results, own, strict=True)
    return [replace(result, notices=(*compiled.told, *notices)) for result, notices in pairs]


def _tell(notices: Iterable[tuple[str, str]]) -> None:
    """Each thing once, though several scenarios say it."""
    found: dict[str, dict[str, None]] = {}
    for scenario, notice in notices:
        alike = notice.replace(f"scenario {scenario}", "scenario")
        found.setdefault(alike, {}).setdefault(notice)
    for same in found.values():
        first, *others = same
        notify(f"{first}; the same of {counted(len(others), 'other scenario')}" if others else first)


def _call_notices(result: Origin) -> Iterator[str]:
    if not isinstance(result, RunResult):
        return
    call, money = exercised_call(result), exact(result.currency)
    if call is not None and call.excess:
        yield (
            f"scenario {result.scenario_name}: the call on {call.date} pays {money.text(call.price)} for a pool of "
            f"{money.text(call.pool_balance)}, so to call the notes have {money.text(call.excess)} more than their pool"
        )
