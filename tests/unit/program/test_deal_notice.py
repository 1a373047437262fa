"""What a deal says for days that it does not reach, and cash that nothing is paid out of, is told."""

from __future__ import annotations

from pathlib import Path

from abssim.deal.load import parse_deal
from abssim.policy.policy import Policy
from abssim.program.compile import compile_deal
from abssim.program.notice import deal_notices, notices
from abssim.scenario.scenario import Scenario

TEXT = (Path(__file__).resolve().parents[2] / "cases" / "adjusted-floater" / "deal.yaml").read_text(encoding="utf-8")


def test_steps_and_fixings_beyond_the_last_payment_date() -> None:
    text = TEXT.replace("legal_final: 2030-01-15", "legal_final: 2025-05-15")
    assert list(deal_notices(compile_deal(parse_deal(text)))) == []
    text = text.replace("2025-03-17: 6}", "2025-03-17: 6, 2025-05-15: 7, 2025-06-15: 8}")
    text = text.replace("day_count: act/360}", "day_count: act/360, schedule: {1: 10, 5: 5, 6: 0}}", 1)
    text = text.replace("holders:", "schedules: {limit: {1: 0.5, 4: 0.4}, late: {1: 0.5, 7: 0.4}}\nholders:")
    assert list(deal_notices(compile_deal(parse_deal(text)))) == [
        "schedules.late: what it says from payment date 7 on has no effect, the last is number 4",
        "notes.A.schedule: what it says from payment date 5 on has no effect, the last is number 4",
        "indexes.sofr: the fixing of 2025-05-15 has no effect, the last payment date is 2025-05-15",
    ]


def test_an_account_that_nothing_is_paid_out_of() -> None:
    text = TEXT.replace("accounts: {", "accounts: {idle: {balance: 500}, ")
    told = "accounts.idle: no step draws on it, so cash that is there stays there"
    assert list(deal_notices(compile_deal(parse_deal(text)))) == [told]


def test_policies_after_the_last_month() -> None:
    compiled = compile_deal(parse_deal(TEXT.replace("legal_final: 2030-01-15", "legal_final: 2025-05-15")))
    cash = {"account": "cash", "amount": 1}
    policies = {f"at_{month}": Policy.model_validate({"month": month, "cash": cash}) for month in (3, 4)}
    scenario = Scenario(name="s", reason="test", policies=policies)
    told = [line for line in notices(compiled, scenario) if "nothing reads" not in line]
    assert told == ["scenario s: policy at_4 acts after the deal's last month, 4"]
