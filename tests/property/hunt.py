"""Run random deals until a conservation check or the naive twin notices that the kernels are wrong; say which."""

from __future__ import annotations

import sys
from random import Random

from abssim.errors import CheckError
from abssim.program.compile import compile_deal
from tests.engine.naive_compare import compare_or_stop
from tests.property.random_deal import random_deal
from tests.property.random_scenario import random_scenario


def hunt(first: int, last: int) -> str:
    """`check`, `twin`, or `nothing` after so many deals."""
    for seed in range(first, last):
        r = Random(seed)
        compiled, scenario = compile_deal(random_deal(r)), random_scenario(r)
        try:
            compare_or_stop(compiled, scenario)
        except CheckError:
            return "check"
        except AssertionError:
            return "twin"
    return "nothing"


if __name__ == "__main__":
    print(hunt(int(sys.argv[1]), int(sys.argv[2])))
