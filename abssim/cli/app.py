"""Commands that refuse an option given twice: without that the last one would hold, and nobody would know."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import typer
from typer.core import TyperCommand

from abssim.errors import AbssimError, Problem


class OnceCommand(TyperCommand):
    """A command whose options may be repeated only where they gather a list; a flag says the same twice."""

    def make_parser(self, ctx: Any) -> Any:
        """The parser of the command line, which looks at each option it meets."""
        parser = super().make_parser(ctx)
        parse = parser.parse_args

        def once(args: list[str]) -> Any:
            parsed = parse(args)
            _refuse_repeated(parsed[2])
            _refuse_endless(parsed[0], parsed[2], ctx)
            return parsed

        parser.parse_args = once  # type: ignore[method-assign]
        return parser

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Reads the command line; what a value must be is told in plain words."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ").replace("Input should", "must")
            raise


def _refuse_endless(values: Mapping[str, Any], met: Iterable[Any], ctx: Any) -> None:
    """No option takes what is no number, or an infinite one."""
    for option in met:
        text = values.get(option.name)
        if isinstance(text, str) and option.param_type_name == "option" and "float" in option.bare_type():
            with suppress(ValueError):
                if not math.isfinite(float(text)):
                    raise typer.BadParameter("must be a finite number", ctx=ctx, param=option)


def _refuse_repeated(met: Iterable[Any]) -> None:
    """Codes: E007."""
    options = (each for each in met if each.param_type_name == "option")
    counts = Counter(each for each in options if not (each.multiple or each.is_flag or each.count))
    problems = [
        Problem("E007", max(option.opts, key=len), "", f"given {count} times, and takes one value", "keep one of them")
        for option, count in counts.items()
        if count > 1
    ]
    if problems:
        raise AbssimError(problems)


class App(typer.Typer):
    """A set of such commands."""

    def command(self, *args: Any, **options: Any) -> Callable[[Any], Any]:
        """Registers a function as a command."""
        return super().command(*args, **{"cls": OnceCommand, **options})
