"""The deal layer over many paths: waterfall, triggers, accounts, checks and summaries, in random numbers.

The yardstick y is one block of Philox4x32-10, inlined, on one thread: what a random number costs on the machine at
hand. `pytest tests/benchmark/bench_paths.py --benchmark-enable` measures; without it each runs once as a test.
"""

from __future__ import annotations
