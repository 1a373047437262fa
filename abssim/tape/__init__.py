"""Loan tapes: who owes what."""

from __future__ import annotations

from abssim.tape.check import CheckRow, check_tape
from abssim.tape.read import TapeReading, read_tape
from abssim.tape.repline import replines_tape
from abssim.tape.schema import LoanTape, concat, make_tape
from abssim.tape.stratify import Strata, Stratum, stratify
from abssim.tape.synthesize import synthesize
from abssim.tape.write import write_tape

__all__ = [
    "CheckRow",
    "LoanTape",
    "Strata",
    "Stratum",
    "TapeReading",
    "check_tape",
    "concat",
    "make_tape",
    "read_tape",
    "replines_tape",
    "stratify",
    "synthesize",
    "write_tape",
]
