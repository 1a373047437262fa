"""The floor's arithmetic, compiled: rounding rules, the annuity; and shares in whole units."""

from abssim import annuity as level
from abssim import money
from abssim.engine._jit import kernel

round_half_up = kernel(money.round_half_up)
round_by = kernel(money.round_by)
annuity = kernel(level.annuity)


@kernel
def portion(amount, weight, total):
    """`amount * weight / total` in whole units rounded down, and the remainder in units of `1 / total`: exact.

    The quotient is estimated in floating point and corrected by its remainder. The products may wrap around modulo
    2^64, but their difference is a few times `total`, so it is right all the same.
    """
    amount, weight, total = int(amount), int(weight), int(total)
    whole = int(float(amount) * (float(weight) / float(total)))
    remainder = amount * weight - whole * total
    while remainder < 0:
        whole -= 1
        remainder += total
    while remainder >= total:
        whole += 1
        remainder -= total
    return whole, remainder
