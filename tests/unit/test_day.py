"""Days of documents: quoted or not, between the years calendars know, in values and in keys."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from abssim.condition import Band
from abssim.deal.load import parse_deal
from abssim.errors import DealError, ScenarioError
from abssim.scenario.load import load_scenario

TEXT = (Path(__file__).resolve().parents[1] / "cases" / "adjusted-floater" / "deal.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new)


def test_a_quoted_date_is_a_date() -> None:
    plain = parse_deal(TEXT)
    quoted = parse_deal(changed(f"closing: {plain.dates.closing}", f'closing: "{plain.dates.closing}"'))
    assert quoted.dates == plain.dates
    assert quoted.canonical() == plain.canonical()


def test_a_quoted_date_is_a_date_in_keys_too() -> None:
    plain = parse_deal(TEXT)
    (name, index), *_ = plain.indexes.items()
    day = min(index.fixings_pct)
    quoted = parse_deal(changed(f"{day}:", f'"{day}":'))
    assert quoted.indexes[name].fixings_pct == index.fixings_pct


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ('"2013/1/31"', "write 2013-01-31"),
        ('"20130131"', "write 2013-01-31"),
        ("2013年1月31日", "write 2013-01-31"),
        ('"01/31/2013"', "write year-month-day"),
        ('"31.01.2013"', "write year-month-day"),
        ('"2013-02-30"', "no month has this day"),
        ("2013-01-31T12:00:00", "write 2013-01-31"),
        ("1900-12-31", "correct the year"),
        ("2200-01-01", "correct the year"),
        ('"0001-01-01"', "correct the year"),
        ("20130131", ""),
        ("true", ""),
    ],
)
def test_other_spellings_are_refused_with_a_hint(written: str, hint: str) -> None:
    closing = parse_deal(TEXT).dates.closing
    with pytest.raises(DealError) as caught:
        parse_deal(changed(f"closing: {closing}", f"closing: {written}"))
    (problem,) = caught.value.problems
    assert problem.code == "E109"
    assert problem.path == "dates.closing"
    assert problem.hint == hint


def test_a_condition_may_quote_its_dates() -> None:
    assert Band.model_validate({"min": "2026-01-01"}).min == date(2026, 1, 1)
    with pytest.raises(ValueError, match="write 2026-01-01"):
        Band.model_validate({"min": "2026/1/1"})


def test_one_day_is_not_given_twice() -> None:
    day = min(next(iter(parse_deal(TEXT).indexes.values())).fixings_pct)
    with pytest.raises(DealError, match=r"E109.*given twice"):
        parse_deal(changed(f"{day}:", f'"{day}": 1.0, {day}:'))


def test_dates_of_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "rates.yaml"
    head = "name: rates\nreason: test\nrates: {sofr: {forward_pct: "
    file.write_text(head + '{"2026-01-01": 3, 2027-01-01: 4}}}\n')
    assert load_scenario(file).rates["sofr"].forward_pct == {date(2026, 1, 1): 3.0, date(2027, 1, 1): 4.0}
    file.write_text(head + '{"2026/01/01": 3}}}\n')
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert (caught.value.problems[0].code, caught.value.problems[0].hint) == ("E309", "write 2026-01-01")
    file.write_text(head + "{20260101: 3}}}\n")
    with pytest.raises(ScenarioError, match="E309"):
        load_scenario(file)
