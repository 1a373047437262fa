"""The most of what commands and functions alike can be asked for."""

MOST_LOANS = 20_000_000
"""Loans of a synthetic pool, or of the sample of a month's purchases."""
MOST_COUNT = 1_000_000_000
"""Of anything else that a simulation counts, such as paths."""
MOST_SEED = 2**63 - 1
"""Largest seed."""
MOST_THREADS = 1024
"""Threads of this process."""
