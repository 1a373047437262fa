"""The Chinese trustee report: its tables tie to each other, its ratios name what they are of."""

from __future__ import annotations

import csv
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from abssim import compile_deal
from abssim.disclosure.disclose import disclose
from abssim.disclosure.figures import Figures
from abssim.disclosure.trustee import Trustee
from abssim.errors import DisclosureError
from abssim.kind.pool import POOL
from abssim.kind.pool import PoolField as P
from abssim.result import RunResult
from abssim.study.project import run

Table = list[dict[str, str]]
DEALS = ["jd-baitiao-2015-1", "jd-baitiao-abn-2018-1", "template", "sdart-2024-1"]


@cache
def ran(name: str) -> tuple[Any, RunResult]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = compile_deal(name)
        return compiled.deal, run(compiled)


def tables(name: str, t: int) -> dict[str, Table]:
    return {section: [dict(row.values) for row in rows] for section, rows in Trustee(*ran(name), t).tables().items()}


def cents(text: str) -> int:
    return round(float(text) * 100)


@pytest.mark.parametrize("name", DEALS)
def test_tables_tie(name: str) -> None:
    """Status adds up to the pool, classes and accounts roll, fees are due, paid and unpaid, collections their total."""
    _, result = ran(name)
    for t in range(0, result.periods, 5):
        found, figures = tables(name, t), Figures(result, t)
        *bands, total = [cents(row["status.balance"]) for row in found["贷款状态"]]
        assert sum(bands) == total == figures.closing
        for row in found["证券兑付"]:
            names = ("opening", "principal", "loss", "closing")
            before, paid, lost, after = (cents(row[f"class.{each}"]) for each in names)
            assert before - paid - lost == after or row["class.coupon_pct"] != "0"
        for row in found["账户变动"]:
            names = ("opening", "paid_in", "paid_out", "closing")
            before, came, went, after = (cents(row[f"account.{each}"]) for each in names)
            assert before + came - went == after
        for row in found["税费支付"]:
            assert cents(row["fee.due"]) == cents(row["fee.paid"]) + cents(row["fee.unpaid"])
        *kinds, every = found["收款信息"]
        for column in ("principal", "income"):
            assert sum(cents(row[f"collection.{column}"]) for row in kinds) == cents(every[f"collection.{column}"])
        brought = [f for f in POOL.brings if f not in (P.ADVANCED_PRINCIPAL, P.ADVANCED_INTEREST)]
        got = cents(every["collection.principal"]) + cents(every["collection.income"])
        assert got == sum(figures.pool[field] for field in brought)


def test_the_period_before_stands_beside() -> None:
    name = "jd-baitiao-2015-1"
    before, now = tables(name, 3), tables(name, 4)
    for old, new in zip(before["收款信息"], now["收款信息"], strict=True):
        assert new["collection.principal_before"] == old["collection.principal"]
    for old, new in zip(before["违约及拖欠"], now["违约及拖欠"], strict=True):
        assert new["measure.before"] == old["measure.now"]
    assert {row["measure.before"] for row in tables(name, 0)["违约及拖欠"]} == {""}


def test_three_ratios_of_bad_debt() -> None:
    """Of what was ever in the pool, of what was issued, of what is left: the pool has turned over more than once."""
    _, result = ran("jd-baitiao-2015-1")
    t = 11
    found = {row["measure.basis"]: row["measure.now"] for row in tables("jd-baitiao-2015-1", t)["违约及拖欠"]}
    pool, sums = result.pool_flow[t, 0], result.pool_cumulative[t, 0]
    initial = result.pool_flow[0, 0, P.OPENING_BALANCE]
    ever = float(found["累计违约 / (初始资产池 + 循环购买)"])
    assert ever == pytest.approx(100 * sums[P.DEFAULT] / (initial + sums[P.PURCHASE]))
    issued = float(found["未结清不良 / 发行规模"])
    assert issued == pytest.approx(100 * pool[P.NON_PERFORMING_BALANCE] / 80_000_000_000)
    assert float(found["未结清不良 / 期末资产池"]) == pytest.approx(
        100 * pool[P.NON_PERFORMING_BALANCE] / (pool[P.CLOSING_BALANCE] + pool[P.NON_PERFORMING_BALANCE])
    )
    assert issued > ever


def test_losses_above_a_tenth_of_the_notes_are_an_event() -> None:
    _, result = ran("template")
    alerts = [tables("template", t)["触发事件"][-1] for t in range(result.periods)]
    for t, alert in enumerate(alerts):
        notes, lost = Figures(result, t).notes, result.pool_cumulative[t, 0, P.LOSS]
        assert alert["trigger.active"] == str(bool(notes and lost > 0.1 * notes)).lower()
    assert {alert["trigger.active"] for alert in alerts} == {"true", "false"}


def test_files(tmp_path: Path) -> None:
    """Chinese headings in CSV and Excel, English below them; parties of the deal; no message of XML."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = disclose("jd-baitiao-2015-1", "cn-trustee", tmp_path / "report", period=3)
    assert "cn-trustee-证券兑付.csv" in done.files and "cn-trustee.xlsx" in done.files
    with (tmp_path / "report" / "cn-trustee-证券兑付.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["证券"] for row in rows] == ["A", "B", "sub"]
    assert rows[0]["初始本金"] == "600000000.00" and rows[0]["票面利率"] == "5.1"
    assert rows[0]["每百元剩余面值"] == "100.00" or rows[0]["每百元剩余面值"] == "100"
    sheet = openpyxl.load_workbook(tmp_path / "report" / "cn-trustee.xlsx")["触发事件"]
    assert [cell.value for cell in sheet[1]][:2] == ["事件", "条件"] and sheet[2][0].value == "event"
    assert {row[4].value for row in sheet.iter_rows(min_row=3)} <= {"是", "否"}
    with (tmp_path / "report" / "cn-trustee-基本信息.csv").open(encoding="utf-8-sig", newline="") as stream:
        facts = {row["code"]: row["value"] for row in csv.DictReader(stream)}
    assert (facts["支付日"], facts["权益登记日"]) == ("2016-01-28", "2016-01-27")
    assert (facts["收款期间起始日"], facts["收款期间截止日"]) == ("2015-12-01", "2015-12-31")


def test_no_message(tmp_path: Path) -> None:
    with pytest.raises(DisclosureError) as caught:
        disclose("jd-baitiao-2015-1", "cn-trustee", tmp_path / "report", period=3, forms=["xml"])
    assert caught.value.code == "E815"
