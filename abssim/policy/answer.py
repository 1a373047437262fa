"""What hooks answer, found to be of the right shape and within its bounds before anybody computes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abssim.engine.credit.expected import PERFORMING, STATES, LoanState
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.kind.move import Move
from abssim.policy.hooks import Float64, Moves, PolicyHooks, Seen

MOST = 1e6
"""Largest multiple."""
MOST_CASH = 1e12
"""Largest amount, currency units."""


def offer(policy: PolicyHooks, seen: Seen) -> Float64:
    """(B,) share of the loans that is offered."""
    return _figures(policy, "offer", seen, _asked(policy, "offer", seen), (seen.paths,), (0.0, 1.0))


def moves(policy: PolicyHooks, seen: Seen) -> Moves:
    """Multiples and added probabilities."""
    found = _asked(policy, "moves", seen)
    if not isinstance(found, Moves):
        raise _wrong(policy, "moves", seen, f"is a {type(found).__name__}, not Moves", "fill seen.moves()")
    multiple = _figures(policy, "moves", seen, found.multiple, (seen.paths, PERFORMING, len(Move)), (0.0, MOST))
    if found.added is None:
        return Moves(multiple)
    added = _figures(policy, "moves", seen, found.added, (seen.paths, PERFORMING, STATES), (-1.0, 1.0))
    for i in range(PERFORMING):
        for state in _unreachable(i):
            if added[:, i, state].any():
                text = f"adds to a move from {i} missed instalments to {LoanState(state).name}, which there is not"
                raise _wrong(
                    policy, "moves", seen, text, "add to fewer or one more missed instalment, default, prepaid"
                )
    return Moves(multiple, added)


def cash(policy: PolicyHooks, seen: Seen, accounts: Sequence[str]) -> dict[str, Float64]:
    """(B,) currency units by account."""
    found = _asked(policy, "cash", seen)
    if not isinstance(found, Mapping):
        raise _wrong(
            policy, "cash", seen, f"is a {type(found).__name__}, not a mapping of accounts", "{account: amounts}"
        )
    for account in found:
        if account not in accounts:
            text, hint = f'no account "{account}"', did_you_mean(str(account), accounts)
            raise ScenarioError(Problem("E335", f"policy {policy.name}", "cash", text, hint))
    bounds = (-MOST_CASH, MOST_CASH)
    return {name: _figures(policy, "cash", seen, amount, (seen.paths,), bounds) for name, amount in found.items()}


def _unreachable(i: int) -> list[int]:
    """States that no obligor with `i` missed instalments can be moved to in a month."""
    skipped = range(i + 2, PERFORMING)
    return [*skipped, LoanState.REPURCHASED, LoanState.DILUTED, LoanState.RESTRUCTURED]


def _asked(policy: PolicyHooks, hook: str, seen: Seen) -> Any:
    """What a hook answers; whatever it raises is told with its name."""
    try:
        return getattr(policy, hook)(seen)
    except Exception as error:
        text = f"raises {type(error).__name__}: {error}"
        raise _wrong(policy, hook, seen, text, "see the error above; before the first date nothing is seen") from error


def _figures(
    policy: PolicyHooks, hook: str, seen: Seen, value: Any, shape: tuple[int, ...], bounds: tuple[float, float]
) -> Float64:
    """An answer as an array of this shape within bounds."""
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise _wrong(policy, hook, seen, "is no array of numbers", f"its shape is {shape}") from None
    if found.shape != shape:
        raise _wrong(policy, hook, seen, f"has the shape {found.shape}", f"{shape} is needed: one entry a path first")
    if not np.isfinite(found).all():
        raise _wrong(policy, hook, seen, "holds what is no number", "NaN and infinity are no answer")
    low, high = bounds
    if found.size and (found.min() < low or found.max() > high):
        far = found.min() if found.min() < low else found.max()
        raise _wrong(policy, hook, seen, f"holds {far:g}", f"it goes from {low:g} to {high:g}")
    return found


def _wrong(policy: PolicyHooks, hook: str, seen: Seen, text: str, hint: str) -> ScenarioError:
    return ScenarioError(Problem("E339", f"policy {policy.name}", f"{hook}, month {seen.month + 1}", text, hint))
