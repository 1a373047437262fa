"""What is given to a public function is of the kinds that it says: told by name, all at once, before it begins.

Kinds are the annotations of its parameters. A date may be given as text. Elements of lists are looked at where they
stand, those of what can be gone through only once are not.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, wraps
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from abssim.errors import AbssimError, Problem, did_you_mean

_NUMBERS = {int: Integral, float: Real}
_WORDS = {
    int: "a whole number", float: "a number", str: "a text", bool: "True or False", date: "a date", Path: "a path",
    NoneType: "None",
}  # fmt: skip


def checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which refuses arguments of other kinds than it says. Codes: E539, E549; TypeError for names and
    numbers of arguments that it does not take, as of any function."""
    signature = inspect.signature(function)

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        bound = signature.bind(*given, **named)
        kinds, problems = _kinds(function), list[Problem]()
        for name, value in bound.arguments.items():
            kind = kinds.get(name, Any)
            if signature.parameters[name].kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
                continue
            value = bound.arguments[name] = _converted(value, kind)
            if not _fits(value, kind):
                problems.append(_problem(f"{function.__name__}()", name, value, kind))
        if problems:
            raise AbssimError(problems)
        return function(*bound.args, **bound.kwargs)

    return call


def _problem(where: str, name: str, value: Any, kind: Any) -> Problem:
    """What is wrong with one argument; a word that is none of a few, and what is no number, as functions tell it."""
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    known = [word for each in kinds for word in _choices(each)]
    words = [word for word in (value if isinstance(value, Mapping) else [value]) if isinstance(word, str)]
    wrong = next((word for word in words if known and word not in known), None)
    if wrong is not None:
        return Problem("E549", name, "", f'no {name} "{wrong}"', did_you_mean(wrong, known))
    code = "E549" if known or set(kinds) <= {int, float, NoneType} else "E539"
    one = isinstance(value, list | tuple) and value and all(_fits(each, kind) for each in value)
    hint = "give one of them, and call it for each" if one else ""
    return Problem(code, where, name, f"{name} is {_named(kind)}, not {_shown(value)}", hint)


def _choices(kind: Any) -> tuple[str, ...]:
    """The words that a kind, or the keys of a mapping, must be of."""
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _choices(args[0])
    return args if origin is Literal else ()


@cache
def _kinds(function: Callable[..., Any]) -> dict[str, Any]:
    """Kinds of the parameters; that of the result may be known to type checkers alone."""
    own = {name: kind for name, kind in function.__annotations__.items() if name != "return"}
    return get_type_hints(SimpleNamespace(__annotations__=own), inspect.getmodule(function).__dict__)


def _converted(value: Any, kind: Any) -> Any:
    """A date that was given as text, or with a time."""
    if date not in (kind, *get_args(kind)):
        return value
    if isinstance(value, datetime):
        return value.date()
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _fits(value: Any, kind: Any) -> bool:
    """True if the value is of the kind, or the kind is one that nothing can be said of."""
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, UnionType):
        return any(_fits(value, each) for each in args)
    if origin is Literal:
        return isinstance(value, str) and value in args
    if origin is Callable:
        return callable(value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(_fits(k, args[0]) and _fits(v, args[1]) for k, v in value.items())
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _holds(value, origin, args[0] if args else Any)
    if kind in _NUMBERS:
        return isinstance(value, _NUMBERS[kind]) and not isinstance(value, bool)
    open_kind = not isinstance(kind, type) or getattr(kind, "_is_protocol", False)
    return open_kind or isinstance(value, kind)


def _holds(value: Any, kind: type, element: Any) -> bool:
    """True for a list of the elements, or another thing to go through; an array is a list."""
    if getattr(element, "_is_protocol", False):
        return True  # the function tells what such an object lacks
    again = isinstance(value, Sequence) or (hasattr(value, "__len__") and hasattr(value, "__array__"))
    if isinstance(value, str | bytes | Mapping) or not (again or isinstance(value, kind)):
        return False
    return not again or all(_fits(each, element) for each in value)


def _named(kind: Any) -> str:
    """A kind in words."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(_named(each) for each in args))
    if origin is Literal:
        return " or ".join(map(repr, args))
    if origin is Callable:
        return "a function"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a dict from {_named(args[0])} to {_named(args[1])}"
    if isinstance(origin, type):
        return f"a list, each {_named(args[0])}" if args else "a list"
    if kind is Any:
        return "anything"
    return _WORDS.get(kind) or f"a {getattr(kind, '__name__', kind)}"


def _shown(value: Any) -> str:
    """What was given, in few words."""
    text = repr(value)
    return text if len(text) <= 40 else f"a {type(value).__name__}"
