"""Which columns of a tape act on which type of amortization: the one place that says so.

Schedules see a column as neutral where it does not act (`abssim.collateral.contract`), and reading a tape says where
one is given all the same (`abssim.tape.agree`).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Amortization
from abssim.tape.particular import PARTICULARS
from abssim.tape.schema import Array, LoanTape

_A = Amortization
LEVEL = (_A.LEVEL_PAY, _A.BALLOON, _A.INTEREST_ONLY)
"""Interest and principal share an instalment."""
FLAT = (_A.FLAT_FEE, _A.FREE_INSTALMENT)
"""Equal parts without interest."""
PARTS = (_A.EQUAL_PRINCIPAL, *FLAT)
"""Equal parts of principal."""
_BEARS_INTEREST = tuple(kind for kind in _A if kind not in FLAT)

ACTS_ON: dict[str, tuple[Amortization, ...]] = {
    "rate": _BEARS_INTEREST,
    "fee_rate": tuple(kind for kind in _A if kind != _A.FREE_INSTALMENT),
    "payment": (*LEVEL, _A.MINIMUM_PAYMENT),
    "balloon": (*LEVEL, *PARTS),
    "interest_only_term": (*LEVEL, *PARTS, _A.MINIMUM_PAYMENT),
    "minimum_payment_rate": (_A.MINIMUM_PAYMENT,),
    "schedule": (_A.CUSTOM,),
    "amortization_term": (*LEVEL, *PARTS),
    "pays_every": (*LEVEL, *PARTS, _A.MINIMUM_PAYMENT),
    "capitalized_term": (*LEVEL, _A.EQUAL_PRINCIPAL, _A.MINIMUM_PAYMENT),
    "first_period_days": _BEARS_INTEREST,
    "day_count": _BEARS_INTEREST,
    "payment_rounding": (*LEVEL, *PARTS),
    "negative_amortization": LEVEL,
    **dict.fromkeys(("rate_schedule", "rate_index"), _BEARS_INTEREST),
    **dict.fromkeys(("rate_margin", "rate_cap", "rate_floor", "reset_every", "months_to_reset"), _BEARS_INTEREST),
    "at_reset": LEVEL,
}
"""Columns that make no difference to the schedules of any other type."""


_BY_KIND = {name: np.isin(np.arange(len(_A)), kinds) for name, kinds in ACTS_ON.items()}


def acts(name: str, kinds: npt.NDArray[np.int8]) -> npt.NDArray[np.bool_]:
    """(L,) contracts on which a column acts."""
    return _BY_KIND[name][kinds]


def is_given(name: str, values: Array) -> npt.NDArray[np.bool_]:
    """(L,) loans that have another value than the neutral one."""
    if name == "schedule":
        return values >= 0
    given: npt.NDArray[np.bool_] = (
        ~np.isnan(values) if name in PARTICULARS and values.dtype.kind == "f" else values != 0
    )
    return given


def acting(tape: LoanTape, name: str) -> Array:
    """The column with its neutral value where it does not act."""
    values = tape.codes(name)
    given = is_given(name, values)
    idle = given & ~acts(name, tape.amortization) if given.any() else given
    if not idle.any():
        return values
    neutral = PARTICULARS[name].neutral if name in PARTICULARS else (-1 if name == "schedule" else 0)
    return np.where(idle, np.asarray(neutral, dtype=values.dtype), values)
