"""A deal with a tape of its own: columns by their names in the file, values for the columns it does not have."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from abssim.collateral.expected import Collateral
from abssim.collateral.source import load_assets
from abssim.deal.deal import Deal
from abssim.deal.load import load_deal
from abssim.engine.layout import Amortization
from abssim.errors import CompileError, DealError
from abssim.kind.pool import PoolField
from abssim.measure.pool import pool_measure
from abssim.program.compile import compile_deal
from abssim.projection.single import run
from abssim.scenario.scenario import Scenario
from abssim.study.compiled import compile_deal as compile_by_name

TAPE = "CONTRACT,CUR_BAL,RATE,MONTHS\na,1000.00,0.06,12\nb,2500.50,0.07,24\n"


@pytest.fixture
def deal(tmp_path: Path, root: Path) -> Path:
    """The template with a tape instead of its replines."""
    lines = (root / "deals" / "template" / "deal.yaml").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    replines:"))
    columns = "{loan_id: CONTRACT, balance: CUR_BAL, rate: RATE, remaining_term: MONTHS}"
    tape = f"    tape: {{file: loans.csv, columns: {columns}, defaults: {{amortization: equal_principal, grade: X}}}}"
    lines[first : first + 3] = [tape]
    (tmp_path / "deal.yaml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "loans.csv").write_text(TAPE, encoding="utf-8")
    return tmp_path


def test_columns_and_defaults(deal: Path) -> None:
    (tape,) = load_assets(load_deal(deal), None, "fail").tapes
    assert tape.balance.tolist() == [1000_00, 2500_50]
    assert tape.remaining_term.tolist() == [12, 24]
    assert set(tape.amortization) == {Amortization.EQUAL_PRINCIPAL}
    assert tape.column("grade").tolist() == ["X", "X"]


def test_the_tape_on_the_command_line_takes_its_place(deal: Path) -> None:
    other = deal / "other.csv"
    other.write_text(TAPE.replace("1000.00", "4000.00"), encoding="utf-8")
    (tape,) = load_assets(load_deal(deal), other, "fail").tapes
    assert tape.balance.tolist() == [4000_00, 2500_50]


def test_a_tape_for_one_of_several_pools_names_it(deal: Path) -> None:
    """Two pools of replines: a tape without a name could be either's, and takes the place of none."""
    text = (deal / "deal.yaml").read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if line.startswith("    tape:"))
    lines = "{balance: 500, rate: 0.06, remaining_term: 6}"
    two = f"    replines: [{lines}]\n  vans:\n    replines: [{lines}]"
    (deal / "deal.yaml").write_text(text.replace(first, two), encoding="utf-8")
    both = load_deal(deal)
    own = next(name for name in both.pools if name != "vans")
    (deal / "plain.csv").write_text("balance,rate,remaining_term\n1000.00,0.06,12\n", encoding="utf-8")
    tape = deal / "plain.csv"
    for given, code in ((tape, "E537"), ({"": tape}, "E537"), ({"van": tape}, "E538")):
        with pytest.raises(CompileError) as caught:
            load_assets(both, given, "fail")
        assert caught.value.code == code
    assert 'no pool "van"; did you mean "vans"?' in str(caught.value)
    assets = load_assets(both, {"vans": tape}, "fail")
    assert {name: pool.opening_balance for name, pool in assets.pools.items()} == {own: 500_00, "vans": 1000_00}
    assets = load_assets(both, {"vans": tape, own: tape}, "fail")
    assert [pool.opening_balance for pool in assets.pools.values()] == [1000_00, 1000_00]


def test_assets_in_default_at_the_cut_off_count_as_defaulted(deal: Path) -> None:
    """c, 900.00, is 120 days past due: 40 % of it comes back, so the net loss starts at 900.00 and ends at 540.00."""
    loans = TAPE.replace("MONTHS", "MONTHS,DPD").replace(",12", ",12,0").replace(",24", ",24,0")
    (deal / "loans.csv").write_text(loans + "c,900.00,0.06,12,120\n", encoding="utf-8")
    text = (deal / "deal.yaml").read_text(encoding="utf-8")
    (deal / "deal.yaml").write_text(text.replace("MONTHS}", "MONTHS, days_past_due: DPD}"), encoding="utf-8")
    rule = {"recovery": {"rate_pct": 40, "lag_months": 3}}
    scenario = Scenario.model_validate({"name": "x", "reason": "x", "assumptions": [rule]})
    result = run(compile_deal(load_deal(deal)), scenario)
    ratio = pool_measure(result).cumulative_net_loss_ratio
    assert ratio[[0, -1]] == pytest.approx([900.0 / 3500.5, 540.0 / 3500.5])
    assert ratio.min() >= 0.0


def revolving(root: Path, folder: Path, eligibility: str, concentration: str) -> Deal:
    """The case of a concentration limit with other tests and limits, and five loans to buy from."""
    text = (root / "tests" / "cases" / "invalid" / "E404-together.yaml").read_text(encoding="utf-8")
    start, end = text.index("      - {balance: 60"), text.index("notes:")
    rows = [(60, "N", "A", 700), (40, "S", "A", 650.5), (30, "S", "B", 700), (20, "E", "C", 600), (10, "W", "B", 600)]
    loans = "".join(
        f"      - {{balance: {balance}, rate_pct: 8.0, remaining_term: 12, region: {region}, grade: {grade},"
        f" score: {score}}}\n"
        for balance, region, grade, score in rows
    )
    terms = f"  eligibility: {eligibility}\n  concentration: {concentration}\n"
    (folder / "deal.yaml").write_text(text[:start] + loans + terms + text[end:], encoding="utf-8")
    return load_deal(folder)


def bought(deal: Deal) -> tuple[list[str], np.ndarray]:
    """Names and balances of what is bought, in percent."""
    replenishment = load_assets(deal, None, "fail").replenishment
    assert replenishment is not None
    pool = replenishment.collateral
    weights = np.ones(len(pool.tape)) if pool.weights is None else pool.weights
    balance = weights * pool.tape.balance
    return pool.tape.column("region").tolist(), 100.0 * balance / balance.sum()


@pytest.mark.parametrize(
    ("eligibility", "regions"),
    [
        ("[{column: score, in: [700]}]", ["N", "S"]),
        ("[{column: remaining_term, in: [12.0]}]", ["N", "S", "S", "E", "W"]),
        ("[{column: score, min: 650, max: 699}]", ["S"]),
        ("[{column: region, in: [n, E]}]", ["N", "E"]),
        ("[{column: loan_id, in: [2]}]", ["S"]),
    ],
)
def test_eligible_loans(root: Path, tmp_path: Path, eligibility: str, regions: list[str]) -> None:
    assert bought(revolving(root, tmp_path, eligibility, "[]"))[0] == regions


def test_one_limit_is_met_exactly(root: Path, tmp_path: Path) -> None:
    """N 37.5, S 43.75, E 12.5, W 6.25: both are cut to 32, and 18.75 become 36: E 24, W 12."""
    _, share = bought(revolving(root, tmp_path, "[]", "[{by: region, max_pct: 32}]"))
    assert share == pytest.approx([32.0, 32.0 * 4 / 7, 32.0 * 3 / 7, 24.0, 12.0], abs=1e-12)
    _, share = bought(revolving(root, tmp_path, "[]", "[{by: region, max_pct: 25}]"))
    assert share == pytest.approx([25.0, 25.0 * 4 / 7, 25.0 * 3 / 7, 25.0, 25.0], abs=1e-12)


def test_limits_of_two_columns_hold_together(root: Path, tmp_path: Path) -> None:
    _, share = bought(revolving(root, tmp_path, "[]", "[{by: region, max_pct: 32}, {by: grade, max_pct: 40}]"))
    region = [share[0], share[1] + share[2], share[3], share[4]]
    grade = [share[0] + share[1], share[2] + share[4], share[3]]
    assert max(region) <= 32.0 + 1e-4 and max(grade) <= 40.0 + 1e-4
    assert share.sum() == pytest.approx(100.0) and share.min() > 0.0


HEADLESS = "Silver Birch 2026-1;;;;\n"
ROWS = "Vertrag;Saldo;Zins;Monate;Datum;Score;Art\na;1.000,00;6,5;12;05-01-2025;9999;annuity\n"
READING = (
    "    tape: {file: loans.csv, encoding: latin-1, delimiter: ';', decimal: ',', skip: 1, skip_end: 1,\n"
    "           columns: {loan_id: Vertrag, balance: Saldo, rate_pct: Zins, remaining_term: Monate,\n"
    "                     origination_month: Datum, score: Score, amortization: Art},\n"
    "           defaults: {grade: X, maturity_date: 2026-12-31},\n"
    "           words: {amortization: {annuity: level_pay}},\n"
    "           unknown: {score: [9999, 9999-12-31]}, dates: day_first}"
)


def reading_deal(folder: Path, tape: str) -> Deal:
    text = (folder / "deal.yaml").read_text(encoding="utf-8")
    lines = [tape if line.startswith("    tape:") else line for line in text.splitlines()]
    (folder / "deal.yaml").write_text("\n".join(lines), encoding="utf-8")
    return load_deal(folder)


def test_how_a_file_is_read_stands_in_the_deal(deal: Path) -> None:
    (deal / "loans.csv").write_bytes((HEADLESS + ROWS + "Geprüft;;;;\n").encode("latin-1"))
    (tape,) = load_assets(reading_deal(deal, READING), None, "fail").tapes
    assert (tape.balance.tolist(), tape.rate.tolist(), tape.age.tolist()) == ([1000_00], [0.065], [12])
    assert np.isnan(tape.score).all() and tape.column("amortization").tolist() == ["level_pay"]


def test_a_workbook_in_a_deal(deal: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.create_sheet("Loans")
    for row in (["balance", "rate_pct", "maturity_date"], [1000, 6.5, "2028年01月05日"]):
        book["Loans"].append(row)
    book.save(deal / "loans.xlsx")
    (tape,) = load_assets(reading_deal(deal, "    tape: {file: loans.xlsx, sheet: Loans}"), None, "fail").tapes
    assert (tape.balance.tolist(), tape.remaining_term.tolist()) == ([1000_00], [24])


def test_a_setting_that_is_none_is_told_with_its_line(deal: Path) -> None:
    with pytest.raises(DealError) as caught:
        reading_deal(deal, "    tape: {file: loans.csv, encoding: klingon, dates: dayfirst, unknown: {score: {}}}")
    assert sorted(problem.path.split(".", 2)[2] for problem in caught.value.problems) == [
        "tape.dates", "tape.encoding", "tape.unknown.score"
    ]  # fmt: skip


@pytest.mark.parametrize(("order", "prepaid"), [("day_first", 218_98), ("month_first", 151_03)])
def test_the_order_of_day_and_month_is_worth_money(deal: Path, order: str, prepaid: int) -> None:
    """100,000 at 6 %, 300 months to go at 100 PSA: age 12 is 0.2 x 13 = 2.6 % a year in the first month, age 8 1.8 %.

    SMM 1 - 0.974^(1/12) = 0.219292 % (0.151252 %) of the balance less the first scheduled principal of 144.30.
    """
    (deal / "loans.csv").write_text(
        "loan_id,balance,rate_pct,remaining_term,origination_month\n1,100000,6,300,05-01-2025\n", encoding="utf-8"
    )
    compiled = compile_deal(reading_deal(deal, f"    tape: {{file: loans.csv, dates: {order}}}"))
    rule = {"prepayment": {"psa_pct": 100}}
    scenario = Scenario.model_validate({"name": "x", "reason": "x", "assumptions": [rule]})
    (pool,) = compiled.assets.pools.values()
    assert isinstance(pool, Collateral)
    assert pool.project(scenario)[0, PoolField.PREPAYMENT] == pytest.approx(prepaid, abs=0.5)


@pytest.mark.parametrize(("recipe", "terms"), [("auto", {24, 36, 48, 60, 72, 84}), ("consumer", {36, 60})])
def test_a_synthetic_pool_is_of_its_recipe(deal: Path, recipe: str, terms: set[int]) -> None:
    synthetic = f"    synthetic: {{recipe: {recipe}, loans: 400, seed: 1, balance: 1_000_000}}"
    (tape,) = load_assets(reading_deal(deal, synthetic), None, "fail").tapes
    assert len(tape) == 400 and tape.balance.sum() == 1_000_000_00
    assert set(tape.original_term) == terms


def test_one_tape_for_two_pools_is_told(deal: Path) -> None:
    """On the command line, in the document, or as a copy under another name; other balances are other loans."""
    text = (deal / "deal.yaml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("    tape:"))
    two = text.replace(line, f"{line}\n  vans:\n{line.replace('loans.csv', 'copy.csv')}")
    (deal / "deal.yaml").write_text(two, encoding="utf-8")
    (deal / "copy.csv").write_text(TAPE, encoding="utf-8")
    (deal / "other.csv").write_text(TAPE.replace("1000.00", "1001.00"), encoding="utf-8")
    own = next(name for name in load_deal(deal).pools if name != "vans")
    for given, told in ((None, 1), ({own: deal / "copy.csv"}, 1), ({"vans": deal / "other.csv"}, 0)):
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            compile_by_name(deal, given)
        said = [str(each.message) for each in warned if "hold the same loans" in str(each.message)]
        assert len(said) == told
        assert all(f"pools {own} and vans hold the same loans, which count twice" in text for text in said)
