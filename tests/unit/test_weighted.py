"""The weighted average, where some values are not known."""

from __future__ import annotations

import numpy as np

from abssim.weighted import weighted_average


def test_weighted_average() -> None:
    assert weighted_average(np.asarray([1.0, np.nan, 3.0]), np.asarray([1, 5, 3])) == 2.5
    assert np.isnan(weighted_average(np.asarray([np.nan]), np.asarray([1])))
    assert np.isnan(weighted_average(np.asarray([1.0, 2.0]), np.asarray([0, 0])))
