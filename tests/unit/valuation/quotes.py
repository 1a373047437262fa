"""The dollar curve of the ISDA standard model on 21 May 2009, as published with Markit's grid of upfronts."""

from __future__ import annotations

from datetime import date

from abssim.valuation import RateQuotes

TRADE = date(2009, 5, 21)
DEPOSITS = {1: 0.003081, 2: 0.005525, 3: 0.007163, 6: 0.012413, 9: 0.014, 12: 0.015488}
SWAPS_PCT = {
    2: 1.1907, 3: 1.699, 4: 2.1198, 5: 2.444, 6: 2.6937, 7: 2.8967, 8: 3.0504, 9: 3.1719, 10: 3.279, 12: 3.4535,
    15: 3.6217, 20: 3.6981, 25: 3.7246, 30: 3.7605,
}  # fmt: skip
ISDA_2009 = RateQuotes(TRADE, DEPOSITS, {12 * years: pct / 100.0 for years, pct in SWAPS_PCT.items()})
