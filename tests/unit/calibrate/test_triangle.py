"""Static pools: chain ladder by hand and against a published triangle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from abssim.calibrate.calibrate import calibrate
from abssim.calibrate.diagonal import diagonal_errors, starts_of
from abssim.calibrate.triangle import chain_ladder, timing_of
from abssim.calibrate.write import write_scenario
from abssim.scenario.load import load_scenario
from tests.unit.calibrate.simulated import NO_DEAL

NAN = float("nan")
TAYLOR_ASHE = """\
357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463
352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085
290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315
310608 1418858 2195047 3757447 4029929 4381982 4588268
443160 1136350 2128333 2897821 3402672 3873311
396132 1333217 2180715 2985752 3691712
440832 1288463 2419861 3483130
359480 1421128 2864498
376686 1363294
344014
"""
"""Cumulative claims of Taylor and Ashe (1983), as in Mack (1993)."""
RESERVES = [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811]
ERRORS = [0, 75535, 121699, 133549, 261406, 411010, 558317, 875328, 971258, 1363155]
"""Mack (1993), table of reserves and standard errors, without rounding to thousands."""


def test_chain_ladder_by_hand() -> None:
    """Factors (30 + 40) / (10 + 20) and 45 / 30; the youngest vintage ends at 8 x 7/3 x 1.5."""
    table = np.asarray([[10.0, 30.0, 45.0], [20.0, 40.0, NAN], [8.0, NAN, NAN]])
    factors, ultimate, error = chain_ladder(table)
    assert factors == pytest.approx([70 / 30, 1.5])
    assert ultimate == pytest.approx([45.0, 60.0, 28.0])
    assert error[0] == 0.0


def test_published_triangle() -> None:
    rows = [[float(each) for each in line.split()] for line in TAYLOR_ASHE.splitlines()]
    table = np.asarray([row + [NAN] * (10 - len(row)) for row in rows])
    _, ultimate, error = chain_ladder(table)
    last = np.asarray([row[-1] for row in rows])
    assert ultimate - last == pytest.approx(RESERVES, abs=0.6)
    assert error == pytest.approx(ERRORS, abs=0.6)


def test_timing_by_hand() -> None:
    """10 % by month 6, 40 % by 12, 90 % by 18, all by 24; nothing after."""
    life, timing = timing_of(np.asarray([6, 12, 18, 24, 30]), np.asarray([4.0, 2.25, 1 / 0.9, 1.0]))
    assert life == 24
    assert timing == (10.0, 30.0, 50.0, 10.0)


CURVES = ["vintage,mob,loans,cumulative_default_pct,cumulative_prepaid_pct"]
for _v, _level in enumerate((4.0, 6.0, 5.0, 4.4, 5.6)):
    for _k, _share in enumerate((0.1, 0.4, 0.9, 1.0)):
        if _v + _k < 6:
            CURVES.append(f"2015-Q{_v + 1},{6 * _k + 6},1000,{_level * _share:.3f},{5 * _k + 5}")


def test_static_pools(tmp_path: Path) -> None:
    file = tmp_path / "pools.csv"
    file.write_text("\n".join(CURVES), encoding="utf-8")
    found = calibrate(file)
    assert found.curves is not None and found.lifetime is not None and found.factor is not None
    (triangle,) = found.curves.triangles
    assert [vintage.age for vintage in triangle.vintages] == [24, 24, 24, 18, 12]
    assert [vintage.ultimate for vintage in triangle.vintages] == pytest.approx([0.04, 0.06, 0.05, 0.044, 0.056])
    assert triangle.lifetime == pytest.approx(0.05)
    assert triangle.timing == pytest.approx((10.0, 30.0, 50.0, 10.0))
    assert triangle.smm is not None
    first = 1.0 - (1.0 - 0.05 / (1.0 - 0.005)) ** (1 / 6)
    assert triangle.smm[0] == pytest.approx(first)
    assert 0.0 < found.lifetime.correlation < 0.03
    assert found.factor.source == "vintages" and found.factor.persistence == 0.9
    write_scenario(found, "pools", tmp_path / "pools.yaml")
    rule = load_scenario(tmp_path / "pools.yaml", deal=NO_DEAL).assumptions[0]
    assert rule.default is not None and rule.default.cumulative_pct == pytest.approx(5.0)
    assert rule.default.timing == (10.0, 30.0, 50.0, 10.0) and rule.default.life_months == 24
    assert rule.prepayment is not None


def test_net_loss_curves_without_loans(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    text = "\n".join(CURVES).replace("cumulative_default_pct", "cumulative_loss_pct")
    file.write_text("\n".join(",".join(line.split(",")[:2] + line.split(",")[3:4]) for line in text.splitlines()))
    found = calibrate(file)
    assert found.curves is not None and found.curves.is_loss
    assert found.lifetime is not None and found.lifetime.vintages == 5
    write_scenario(found, "losses", tmp_path / "losses.yaml")
    rule = load_scenario(tmp_path / "losses.yaml", deal=NO_DEAL).assumptions[0]
    assert rule.default is not None and rule.default.cumulative_loss_pct == pytest.approx(5.0)


def test_one_vintage_says_nothing_about_correlation(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("mob,cumulative_default\n6,0.01\n12,0.02\n")
    found = calibrate(file)
    assert found.lifetime is None and found.factor is None
    assert "correlation cannot be estimated: it needs 3 vintages, not one" in found.notes


def test_error_of_months_in_common_by_hand() -> None:
    """Vintages a year apart of 10, then 21 and 19: the factor of months 12 to 48 is seen in (-1, 2, -1, 0) / 4 of both
    vintages, signs apart, and the third is off by (1, 0, -3, 2) / 4 of it. One sight: Student's t of three at least."""
    table = np.asarray([[10.0, 21.0], [10.0, 19.0], [10.0, NAN]])
    ages, start = np.asarray([12, 24]), np.asarray([0, 12, 24])
    found = diagonal_errors(table, ages, np.asarray([2.0]), start, False, 0.0)
    assert found == pytest.approx([0.0, 0.0, 3.1824463 / 1.959964 * np.sqrt(0.005 * 14 / 12)])
    counted = diagonal_errors(table, ages, np.asarray([2.0]), start, True, 0.0)
    assert (counted == 0.0).all()  # 0.25 / 10 of each: as much as independent loans differ


def test_vintages_begin_where_their_names_say() -> None:
    assert np.diff(starts_of(["2015-Q1", "2015Q3", "2016 Q1"], np.asarray([24, 24, 18]))).tolist() == [6, 6]
    assert np.diff(starts_of(["2015", "2016-07"], np.asarray([24, 24]))).tolist() == [18]
    assert starts_of(["first", "second"], np.asarray([24, 18])).tolist() == [0, 6]
