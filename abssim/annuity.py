"""Level instalments: the annuity, and what some of them leave.

Plain arithmetic on numbers or arrays alike; kernels call the same functions compiled (`abssim.engine.rounding`).
`expm1` and `log1p` keep every digit near a rate of zero, where `1 - (1 + r)^-n` would lose them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_NOTHING = 1e-18
"""Below this rate an instalment the interest of 1,200 instalments is less than the last digit of a float."""


def annuity(balance: Any, rate: Any, term: Any, balloon: Any) -> Any:
    """Level instalment `(P - B v^n) r / (1 - v^n)`, `v = 1 / (1 + r)`, not rounded; `(P - B) / n` at rate 0.

    `rate` an instalment (above -1), `term` in instalments; the balloon falls due with the last one, on top of it.
    """
    flat = 1.0 * (abs(rate) < _NOTHING)
    rate = rate + flat
    gap = -np.expm1(-term * np.log1p(rate))
    return flat * (balance - balloon) / term + (1.0 - flat) * (balance - balloon * (1.0 - gap)) * rate / gap


def outstanding(balance: Any, rate: Any, payment: Any, count: Any) -> Any:
    """What `count` instalments of `payment` leave: `P (1 + r)^n - A ((1 + r)^n - 1) / r`, not rounded."""
    growth = np.expm1(count * np.log1p(rate))
    flat = 1.0 * (abs(rate) < _NOTHING)
    return balance * (1.0 + growth) - payment * (flat * count + (1.0 - flat) * growth / (rate + flat))
