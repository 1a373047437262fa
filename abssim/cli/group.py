"""Options that go together: a command takes a group of them as one parameter, and users see each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command with a parameter for each field of its groups: parameters whose type is a NamedTuple of options."""
    signature = inspect.signature(command, eval_str=True)
    groups = {name: each.annotation for name, each in signature.parameters.items() if _is_group(each.annotation)}

    @wraps(command)
    def flat(**options: Any) -> None:
        for name, group in groups.items():
            options[name] = group(**{field: options.pop(field) for field in group._fields})
        command(**options)

    parameters: list[inspect.Parameter] = []
    for name, each in signature.parameters.items():
        parameters += _options(groups[name]) if name in groups else [each]
    flat.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    flat.__annotations__ = {each.name: each.annotation for each in parameters}
    return flat


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, tuple) and hasattr(annotation, "_fields")


def _options(group: Any) -> list[inspect.Parameter]:
    types, kind = get_type_hints(group, include_extras=True), inspect.Parameter.KEYWORD_ONLY
    defaults = group._field_defaults
    return [inspect.Parameter(name, kind, default=defaults[name], annotation=types[name]) for name in group._fields]
