"""The deal that a command is given, with the tapes and the way of reading them that the user names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from abssim.cli.option import BadRow, Map, OnBadRow, Read, Set, Tape
from abssim.cli.output import tape_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from abssim.program.compile import CompiledDeal
    from abssim.study.dials import Dials


class TapeOptions(NamedTuple):
    """What the user says of the deal's tapes: other files, what a bad row does, how to read them."""

    tape: Tape = None
    on_bad_row: BadRow = OnBadRow.fail
    read: Read = None
    mapping: Map = None

    @property
    def files(self) -> dict[str, Path]:
        """Files by pool; one that names none stands under the empty name."""
        return tape_files(self.tape)

    @property
    def reading(self) -> dict[str, Any]:
        """How tapes are read, as documents say it."""
        from abssim.tape.option import reading_settings

        return reading_settings(self.read or (), self.mapping or ())


class SetOptions(NamedTuple):
    """Values set by path."""

    settings: Set = None

    @property
    def dials(self) -> Dials:
        """Values of the deal and of the scenarios."""
        from abssim.study.dials import Dials

        return Dials.parse(self.settings)


def open_compiled(
    deal: str, options: TapeOptions, loans: int | None = None, settings: Mapping[str, Any] | None = None
) -> CompiledDeal:
    """The deal by its name, values of it set by path, with the user's tapes, or its synthetic pools with so many
    loans."""
    from abssim.cli.terminal import tell_of_compiling
    from abssim.study.compiled import compile_deal

    tell_of_compiling()
    bad_row = options.on_bad_row.value
    return compile_deal(deal, options.files or None, bad_row, loans=loans, reading=options.reading, settings=settings)
