"""Solutions as JSON documents.

A dial: path, condition, between, roots[] (value, figure, and the closest value on the other side), scan[].
Break-even: notes[] with the limits of principal and interest, under the scenario and in the worst corner, and
corners[] with those of all.
"""

from __future__ import annotations

from typing import Any

from abssim.report.number import known
from abssim.report.setting import settings_part
from abssim.study.breakeven import BreakEven, Limit
from abssim.study.corner import Withstood
from abssim.study.solve import Solution


def solution_document(found: Solution) -> dict[str, Any]:
    """All roots, and what was looked at."""
    return {
        "deal": found.deal_name,
        "scenario": found.scenario_name,
        "to": found.end,
        **settings_part(found.settings),
        "path": found.path,
        "condition": str(found.condition),
        "between": [found.low, found.high],
        "roots": [
            {
                "value": root.value,
                "figure": known(root.figure),
                "other_value": root.other,
                "other_figure": known(root.other_figure),
                "reached": root.reached,
            }
            for root in found.roots
        ],
        "scan": [[x, known(value)] for x, value in found.scan],
    }


def withstood_document(found: Withstood) -> dict[str, Any]:
    """All limits; a multiple that was not found is null, and so is interest that is not due."""
    return {
        "deal": found.deal_name,
        "scenario": found.scenario_name,
        **settings_part(found.settings),
        "notes": [{**_answer(answer), "worst": _worst(found, answer.note)} for answer in found.answers],
        "corners": [{**corner._asdict(), "notes": [*map(_answer, own)]} for corner, own in found.corners.items()],
    }


def _answer(answer: BreakEven) -> dict[str, Any]:
    return {"note": answer.note, "principal": _limit(answer.principal), "interest": _limit(answer.interest)}


def _worst(found: Withstood, note: str) -> dict[str, Any]:
    worst = {kind: found.worst(note, kind) for kind in ("principal", "interest")}
    told = {kind: {**pair[0]._asdict(), **(_limit(pair[1]) or {})} for kind, pair in worst.items() if pair is not None}
    return dict.fromkeys(worst) | told


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    return {
        "multiple": limit.multiple,
        "pool_loss_pct": known(limit.cumulative_net_loss_ratio, 100.0),
        "cdr_pct": known(limit.default_rate, 100.0),
        "coverage": known(limit.coverage),
        "monotone": limit.monotone,
        "highest": limit.highest,
    }
