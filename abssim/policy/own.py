"""Policies of one's own, objects written in Python: what they must have before anything is run with them."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from abssim.errors import Problem, ScenarioError
from abssim.policy.hooks import HOOKS, PolicyHooks, conditions

_HINT = "inherit from abssim.PolicyHooks, whose hooks do nothing"


def policies_of_ones_own(policies: Any, scenario: str) -> tuple[Any, ...]:
    """What was given as policies, each of them once: a list, or anything that can be gone through."""
    if isinstance(policies, str) or not isinstance(policies, Iterable):
        text = f"policies are a list of objects, not {type(policies).__name__}"
        raise ScenarioError(Problem("E337", scenario, "policies", text, "write policies=[...]"))
    return tuple(policies)


def require_policies_of_ones_own(policies: Sequence[Any], taken: Sequence[str], scenario: str) -> None:
    """Raise ScenarioError with all that policies lack; `taken` are the names of others."""
    names = list(taken)
    problems: list[Problem] = []
    for policy in policies:
        problems += _problems(policy, names, scenario)
        names.append(getattr(policy, "name", ""))
    if problems:
        raise ScenarioError(problems)


def _problems(policy: Any, taken: Sequence[str], scenario: str) -> Iterator[Problem]:
    """What one policy lacks."""
    if isinstance(policy, type):
        hint = f"give an object of it: {policy.__name__}()"
        yield Problem("E337", scenario, f"policy {policy.__name__}", "is a class", hint)
        return
    name = getattr(policy, "name", None)
    place = f"policy {name if isinstance(name, str) and name else type(policy).__name__}"
    for attribute in ("name", "version"):
        text = getattr(policy, attribute, None)
        if not isinstance(text, str) or not text:
            yield Problem("E337", scenario, place, f"has no {attribute}, which must be a text", _HINT)
    for hook in HOOKS:
        if not callable(getattr(policy, hook, None)):
            yield Problem("E337", scenario, place, f"has no hook {hook}", _HINT)
    if name and name in taken:
        yield Problem("E337", scenario, place, "has the name of another policy", "give each its own name")
    try:
        conditions(policy)
    except (ValidationError, ValueError):
        yield Problem("E337", scenario, place, "says in where what is no condition", 'such as {"grade": ["2", "3"]}')
    yield from _unpicklable(policy, place, scenario)


def _unpicklable(policy: PolicyHooks, place: str, scenario: str) -> Iterator[Problem]:
    try:
        pickle.loads(pickle.dumps(policy))
    except Exception as error:  # whatever the object's own methods raise
        text = f"cannot be pickled, which workers need: {str(error) or type(error).__name__}"
        yield Problem("E338", scenario, place, text, "define its class at the top of a module, and keep no open files")
