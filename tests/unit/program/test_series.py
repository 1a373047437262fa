"""A trust with series: allocations, charge-offs, accumulation and measures, against plain Python and by hand."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abssim.deal.load import load_deal, parse_deal
from abssim.errors import DealError
from abssim.kind.account import AccountField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.step import StepField
from abssim.measure.enhancement import enhancement
from abssim.measure.series import series_measures, transferor_amount
from abssim.program.compile import compile_deal
from abssim.program.notice import notices
from abssim.projection.single import run
from abssim.report.document import run_document
from abssim.result import RunResult
from abssim.scenario.load import parse_scenario
from abssim.scenario.scenario import Scenario
from abssim.study.study import Study
from tests.engine.naive_series import NaiveSeries, rounded

CASE = Path(__file__).resolve().parents[2] / "cases" / "two-series" / "deal.yaml"
DEAL = Path(__file__).resolve().parents[3] / "deals" / "card-trust"
QUIET = Scenario(name="quiet", reason="the servicer's figures")
PERIODS = 12
DOCUMENT = load_deal(DEAL).document
assert DOCUMENT is not None
SCENARIO = parse_scenario(DOCUMENT.part("scenario"))


def projected(text: str) -> RunResult:
    """A deal's text, run."""
    return run(compile_deal(parse_deal(text)), QUIET)


def step(result: RunResult, name: str) -> list[int]:
    """What a step paid, by date."""
    names = [each.name for each in result.steps_terms]
    return [int(amount) for amount in result.step_flow[:, names.index(name), StepField.PAID]]


def defined(result: RunResult, name: str) -> list[float]:
    """A definition by date."""
    return [float(value) for value in result.definitions[:, result.names["definition"].index(name)]]


def random_trust(seed: int) -> tuple[str, list[dict[str, int]], dict[str, NaiveSeries]]:
    """A document, its collections in minor units, and the twin of its series."""
    draw = random.Random(seed)
    rows, pool = [], 2_000_000
    for _ in range(PERIODS):
        row = {
            "interest": draw.choice([2_000, 40_000, 60_000]),
            "scheduled_principal": draw.randrange(200_000, 500_000),
        }
        row |= {
            "default": draw.choice([0, 9_000, 30_001, 120_000]),
            "new_receivables": draw.randrange(100_000, 500_000),
        }
        pool += row["new_receivables"] - row["scheduled_principal"] - row["default"]
        if pool < 500_000:
            row["new_receivables"] += 1_000_000
            pool += 1_000_000
        rows.append(row)
    series = {
        name: NaiveSeries(
            {"A": draw.randrange(300_000, 700_000), "B": draw.randrange(20_000, 150_000)},
            draw.choice([0.1, 0.2, 0.3]),
            draw.randrange(2, 6),
            draw.randrange(1, 4),
            draw.random() < 0.5,
        )
        for name in ("one", "two")
    }
    return document(rows, series), rows, series


def document(rows: list[dict[str, int]], series: dict[str, NaiveSeries]) -> str:
    """The case's waterfall with other figures."""
    head, _, tail = CASE.read_text().partition("pools:\n")
    waterfall = tail[tail.index("\ntransferor:") + 1 :].replace("[this.B, this.C]", "[this.B]")
    lines = [head, "pools:\n  cards:\n    opening_balance: 20_000\n    collections:\n"]
    lines += [f"      - {{{', '.join(f'{k}: {v / 100}' for k, v in row.items())}}}\n" for row in rows]
    lines.append("notes:\n")
    for name, each in series.items():
        lines += [
            f"  {k}_{name}: {{balance: {v / 100}, coupon_pct: {6 if k == 'A' else 9}}}\n"
            for k, v in each.balance.items()
        ]
    lines.append("series:\n")
    for name, each in series.items():
        senior = f"{{notes: [A_{name}], required_subordination_pct: {each.share * 100:g}}}"
        lines.append(f"  {name}:\n    classes: {{A: {senior}, B: [B_{name}]}}\n    subordinated_transferor: true\n")
        lines.append(f"    fixed_by: {'series' if each.whole else 'tranche'}\n")
        lines.append(f"    accumulation: {{A: {{first: {each.first}, periods: {each.periods}}}}}\n")
    return "".join([*lines, waterfall])


@pytest.mark.parametrize("seed", range(12))
def test_random_trusts_are_as_plain_python(seed: int) -> None:
    text, rows, series = random_trust(seed)
    result = projected(text)
    pool = 2_000_000
    for t, row in enumerate(rows):
        compare_date(result, t, pool, row, series)
        pool += row["new_receivables"] - row["scheduled_principal"] - row["default"]


def compare_date(result: RunResult, t: int, pool: int, row: dict[str, int], series: dict[str, NaiveSeries]) -> None:
    """One date of the result and of the twins, which move on."""
    floating = {name: each.collateral() for name, each in series.items()}
    fixed = {name: each.principal_numerator(t + 1) for name, each in series.items()}
    left = {"charges": row["interest"], "principal": row["scheduled_principal"]}
    for name, each in series.items():
        share = floating[name] / max(pool, sum(floating.values()))
        part = fixed[name] / max(pool, sum(fixed.values()))
        assert defined(result, f"series.{name}.floating_allocation")[t] == pytest.approx(share, rel=1e-12)
        assert defined(result, f"series.{name}.principal_allocation")[t] == pytest.approx(part, rel=1e-12)
        charges = min(left["charges"], rounded(share * row["interest"]))
        principal = min(left["principal"], rounded(part * row["scheduled_principal"]))
        left["charges"] -= charges
        left["principal"] -= principal
        notes = {k: result.names["note"].index(f"{k}_{name}") for k in ("A", "B")}
        due = {k: int(result.note_flow[t, n, NoteField.INTEREST_DUE]) for k, n in notes.items()}
        paid = each.pay(t + 1, charges, principal, rounded(share * row["default"]), due)
        assert step(result, f"{name} A interest")[t] == paid["A interest"]
        assert step(result, f"{name} reallocated principal")[t] == paid["reallocated"]
        assert step(result, f"{name} charge-offs")[t] == paid["covered"]
        assert step(result, f"{name} accumulation")[t] == paid["deposit"]
        assert result.note_flow[t, notes["A"], NoteField.BALANCE] == each.balance["A"]
        ledger = result.names["ledger"].index(f"series.{name}.charge_offs")
        assert result.ledger_flow[t, ledger, LedgerField.BALANCE] == pytest.approx(each.outstanding(), abs=1)
        measure = next(found for found in series_measures(result) if found.terms.name == name)
        assert measure.nominal_liquidation_amount[t + 1] == pytest.approx([each.worth("A"), each.worth("B")], abs=t + 1)
        assert measure.subordinated_transferor[t + 1] == pytest.approx(each.worth("held"), abs=t + 1)


def test_measures_are_what_expressions_read() -> None:
    """What the tables show of a date's end is what the observables are at the start of the next one."""
    names = {
        "collateral": "series.two.collateral_amount",
        "nominal": "series.two.A.nominal_liquidation_amount",
        "below": "series.two.A.subordination",
        "enhancement": "series.two.A.credit_enhancement",
        "required": "series.two.A.required_subordination",
        "held": "series.two.subordinated_transferor_amount",
        "seller": "transferor.amount",
    }
    lines = "".join(f'  {key}: "opening.{name}"\n' for key, name in names.items())
    result = projected(CASE.read_text().replace("waterfalls:\n", f"definitions:\n{lines}waterfalls:\n"))
    two = series_measures(result)[1]
    measured: dict[str, Any] = {
        "collateral": two.collateral_amount,
        "nominal": two.nominal_liquidation_amount[:, 0],
        "below": two.subordination[:, 0],
        "enhancement": two.credit_enhancement[:, 0],
        "required": two.required_subordination[:, 0],
        "held": two.subordinated_transferor,
        "seller": transferor_amount(result),
    }
    for key, values in measured.items():
        assert defined(result, key) == pytest.approx(list(values[:-1]), rel=1e-12), key
    assert two.credit_enhancement[0, 0] == pytest.approx(170 / 850)
    assert measured["seller"][0] == 65_000


def test_notes_of_a_class_share_what_it_is_worth() -> None:
    names = [f"series.two.{note}.nominal_liquidation_amount" for note in ("A2", "A3")]
    lines = "".join(f'  part_{i}: "opening.{name}"\n' for i, name in enumerate(names))
    text = (
        CASE.read_text()
        .replace("default: 100", "default: 900")
        .replace("new_receivables: 400", "new_receivables: 1200")
    )
    result = projected(text.replace("waterfalls:\n", f"definitions:\n{lines}waterfalls:\n"))
    worth = series_measures(result)[1].nominal_liquidation_amount[3, 0]
    assert 0 < worth < 68_000
    assert defined(result, "part_0")[3] == pytest.approx(worth * 500 / 680)
    assert defined(result, "part_1")[3] == pytest.approx(worth * 180 / 680)


def test_series_amortizes_alone() -> None:
    """Its trigger fires on date 2: its numerator is fixed and its principal repays its notes."""
    held = "    subordinated_transferor: true\n    subordination_unit: 1\n"
    text = CASE.read_text().replace(held, "    early_amortization: [slow]\n")
    text = text.replace("waterfalls:\n", 'triggers: {slow: {when: "period >= 2"}}\nwaterfalls:\n')
    result = projected(text)
    paid = step(result, "two early amortization")
    assert paid[0] == 0
    assert paid[1] == rounded(30_000 * 79_000 / 200_000) + step(result, "two charge-offs")[1]
    assert defined(result, "series.two.principal_numerator") == [79_000.0] * 4
    assert defined(result, "series.two.floating_numerator")[2] == 79_000 - paid[1]
    assert step(result, "one accumulation")[1] == 7_750


def test_excess_funding_counts_as_receivables() -> None:
    text = CASE.read_text().replace(
        "transferor: {required_pct: 5}", "transferor: {required_pct: 5, excess_funding: funding}"
    )
    text = text.replace("  receipts: {coll", "  funding: {balance: 500}\n  receipts: {coll")
    result = projected(text)
    assert defined(result, "series.one.floating_allocation")[0] == pytest.approx(500 / 2500)
    assert transferor_amount(result)[0] == 115_000


def test_start_in_mid_life() -> None:
    """Fixed amount, accumulated cash and charge-offs as told: B bears 22.28, 490 was fixed."""
    text = CASE.read_text().replace(
        "revolving_periods: 12}", "revolving_periods: 12, started_periods: 2, first_payment: 2025-12-15}"
    )
    text = text.replace("closing: 2026-01-20", "closing: 2025-11-20").replace(
        "{first: 2, periods: 2}", "{first: 2, periods: 2, balance: 77.50}"
    )
    text = text.replace(
        "{first: 4, periods: 1}}\n", "{first: 4, periods: 1}}\n    fixed_amount: {all: 490}\n    charge_offs: 22.28\n"
    )
    result = projected(text)
    assert defined(result, "series.one.floating_numerator")[0] == pytest.approx(50_000 - 7_750 - 2_228)
    assert defined(result, "series.one.principal_numerator")[0] == 49_000
    account = result.names["account"].index("series.one.accumulation.A")
    assert result.account_flow[0, account, AccountField.OPENING_BALANCE] == 7_750


def test_classes_of_several_notes_are_paid_pro_rata() -> None:
    steps = {each.name: each for each in load_deal(CASE).waterfalls["revolving"]}
    assert steps["two A interest"].payees == (("A2", "A3"),)
    assert steps["two early amortization"].payees == (("A2", "A3"), "C2")
    assert "one early amortization" in steps


def test_a_problem_of_a_written_out_step_stands_where_it_is_written() -> None:
    text = CASE.read_text().replace("payees: [this.accumulation]}", "payees: [this.acumulation]}")
    with pytest.raises(DealError) as caught:
        parse_deal(text, CASE)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "acumulation]" in line)
    assert {problem.where for problem in caught.value.problems} == {f"{CASE}:{line}"}
    assert np.all([problem.path.startswith("waterfalls.revolving[5]") for problem in caught.value.problems])


def test_accumulated_cash_earns_for_its_series() -> None:
    text = CASE.read_text().replace("A: {first: 2, periods: 2}", "A: {first: 2, periods: 2, reinvestment_pct: 12}")
    result = projected(text)
    assert step(result, "one earnings") == [0, 0, 78, 0]  # 1 % of 77.50 for a month
    assert step(result, "one A interest")[2] == 85 + 78
    gained = (84.5 + 78 - 2112.5) * 12 / 50_000
    assert defined(result, "series.one.portfolio_yield")[2] == pytest.approx(gained)


def test_shipped_trust() -> None:
    """Every class is repaid on its day, has its series behind it, and the seller's interest stays what it is."""
    result = run(compile_deal(load_deal(DEAL)), SCENARIO)
    repaid = {
        name: int(np.argmax(result.note_flow[:, n, NoteField.BALANCE] == 0)) + 1
        for n, name in enumerate(result.names["note"])
    }
    assert repaid == {"A1": 36, "B1": 37, "C1": 38, "A2": 52, "B2": 53, "C2": 55}
    assert [round(each.total, 6) for each in enhancement(result)] == [0.205, 0.13, 0.0, 0.2, 0.12, 0.0]
    assert transferor_amount(result)[:24] == pytest.approx(1.5e11, abs=100)
    charged = [each.charge_offs for each in series_measures(result)]
    assert not np.any(charged)
    assert [terms.effect for terms in result.triggers_terms][:2] == [
        f"early amortization of {n}" for n in ("one", "two")
    ]


def test_excess_of_one_series_helps_the_other() -> None:
    """Series one pays 30 % on A1 and is short; two has excess, gives what one lacks, and the seller gets the rest."""
    text = (DEAL / "deal.yaml").read_text().replace("coupon_pct: 4.6}", "coupon_pct: 30}")
    document = parse_deal(text, DEAL / "deal.yaml")
    result = run(compile_deal(document), SCENARIO)
    assert step(result, "one A interest")[1] < result.note_flow[1, 0, NoteField.INTEREST_DUE]
    helped = step(result, "one shared finance charges")
    assert helped[1] > 0
    assert step(result, "two shared finance charges")[1] == 0
    assert result.note_flow[1, :, NoteField.INTEREST_SHORTFALL].sum() == 0
    assert step(result, "two excess finance charges")[1] == helped[1] + step(result, "seller's excess")[1]


def test_terms_in_words() -> None:
    result = projected(CASE.read_text())
    words = " ".join(result.series_terms[1].description)
    assert "A (A2, A3), at least 20 % of the series below it; C (C2)" in words
    assert "The transferor subordinates what the classes require" in words
    assert "A1: 2 equal deposits from payment date 2, repaid on payment date 3." in result.series_terms[0].description


def test_a_step_that_no_series_can_take_is_refused() -> None:
    text = CASE.read_text().replace("    accumulation: {A: {first: 2, periods: 2}, B: {first: 4, periods: 1}}\n", "")
    with pytest.raises(DealError, match="none of these series has what the step pays"):
        parse_deal(text)


def test_names_with_a_hyphen() -> None:
    """A series, a class and notes whose names expressions write in brackets: the same figures."""
    text = CASE.read_text().replace("  two:\n", "  2024-1:\n").replace("A3", "A-3")
    text = text.replace("C: {notes: [C2]}", "C-2: {notes: [C2]}").replace("this.C]", "this.C-2]")
    renamed, plain = projected(text), projected(CASE.read_text())
    assert (renamed.step_flow == plain.step_flow).all()
    assert (renamed.definitions == plain.definitions).all()
    assert "series.2024-1.charge_offs" in renamed.names["ledger"]


def test_document_of_a_run() -> None:
    """Series and their classes by date, and the column of a class is called so."""
    result = projected(CASE.read_text())
    document = run_document(Study(result, result, ()))
    first = document["series"][0]
    assert (first["series"], first["floating_allocation_pct"], first["collateral_amount"]) == ("one", 25.0, 500.0)
    last = document["series_classes"][-1]
    assert (last["series"], last["class"], last["balance"]) == ("two", "C", 110.0)
    assert result.required_transferor == 0.05


def test_nothing_of_a_series_is_told_as_unread() -> None:
    compiled = compile_deal(load_deal(DEAL))
    run(compiled, SCENARIO)
    assert not [line for line in notices(compiled, SCENARIO) if "series" in line]
