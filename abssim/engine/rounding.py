"""The rounding rules of `abssim.money`, compiled."""

from abssim import money
from abssim.engine._jit import kernel

round_half_up = kernel(money.round_half_up)
