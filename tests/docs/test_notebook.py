"""A notebook as a user writes it: deals and scenarios by name, frames, tables, charts, a measure of one's own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import abssim
from abssim import AbssimError, NoteField, NoteSummary, Notice, PoolField, RunResult, Simulation

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def deal() -> abssim.CompiledDeal:
    return abssim.compile_deal(ROOT / "deals" / "template")


@pytest.fixture(scope="module")
def base(deal: abssim.CompiledDeal) -> RunResult:
    return abssim.run(deal)


@pytest.fixture(scope="module")
def tail(deal: abssim.CompiledDeal) -> Simulation:
    with pytest.warns(Notice, match="simulated as a single obligor"):
        return abssim.simulate(deal, str(ROOT / "scenarios" / "factor.yaml"), paths=40, seed=7)


def test_by_name_by_path_and_as_documents(deal: abssim.CompiledDeal, base: RunResult) -> None:
    stress = abssim.load_scenario("stress", deal=abssim.base_scenario(deal.deal))
    assert "template" in abssim.deal_names() and "stress" in abssim.scenario_names()
    ways = [
        abssim.run("template", "stress"),
        abssim.run(Path("deals/template/deal.yaml"), "scenarios/stress.yaml"),
        abssim.run(abssim.load_deal("template"), stress),
        abssim.run(deal, Path("scenarios/stress.yaml")),
    ]
    assert len({way.fingerprint for way in ways}) == 1
    assert all(np.array_equal(way.trace, ways[0].trace) for way in ways)
    assert (base.scenario_name, ways[0].scenario_name) == ("base", "stress")
    assert abssim.run("template", "deal").fingerprint == base.fingerprint


@pytest.mark.parametrize(
    ("names", "code", "hint"),
    [
        (("templat",), "E001", 'did you mean "template"?'),
        (("template", "sress"), "E318", 'did you mean "stress"?'),
        (("deals/template/dael.yaml",), "E001", "known: "),
    ],
)
def test_names_that_are_not_there(names: tuple[str, ...], code: str, hint: str) -> None:
    """As on the command line."""
    with pytest.raises(AbssimError, match=code) as caught:
        abssim.run(*names)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda deal: abssim.run(deal, calls="nevr"), "E549"),
        (lambda deal: abssim.run(deal, calls=None), "E549"),
        (lambda deal: abssim.run(deal, default_multiple=float("nan")), "E549"),
        (lambda deal: abssim.run(deal, default_multiple=-1.0), "E549"),
        (lambda deal: abssim.run(deal, policies=5), "E337"),
        (lambda deal: abssim.simulate(deal, paths=2, seed=1.5), "E549"),
        (lambda deal: abssim.simulate(deal, paths=2, seed=-1), "E549"),
        (lambda deal: abssim.study_deal(deal, end="maturty"), "E549"),
        (lambda deal: abssim.decrement(deal, "cpr:10", end="calls"), "E549"),
        (lambda deal: abssim.price(deal, asked={"yeild": [0.05]}), "E549"),
        (lambda deal: abssim.price(deal, convention="semi"), "E549"),
        (lambda deal: abssim.price(deal, asked={"yield": [500.0]}), "E008"),
        (lambda deal: abssim.price(deal, asked={"price": [float("nan")]}), "E008"),
        (lambda deal: abssim.price(deal, notes=["Z"]), "E006"),
        (lambda deal: abssim.decrement(deal, "cpr:-1"), "E003"),
        (lambda deal: abssim.compile_deal("jd-baitiao-2015-1", loans=0), "E503"),
    ],
)
def test_what_cannot_be_asked(ask: Callable[[Any], Any], code: str, deal: abssim.CompiledDeal) -> None:
    """Words and figures that the command line would refuse."""
    with pytest.raises(AbssimError, match=code):
        ask(deal)


def test_what_has_no_effect_is_told_and_stands_in_the_result(deal: abssim.CompiledDeal) -> None:
    with pytest.warns(Notice, match="only `simulate` reads factor") as told:
        result = abssim.run(deal, "factor")
    assert told[0].filename == __file__
    assert "only `simulate` reads factor" in result._repr_html_()
    assert "1 notice>" in repr(result)


def test_frames(base: RunResult, tail: Simulation) -> None:
    notes = base.notes
    assert list(notes.index) == ["A", "B", "sub"]
    paid = base.cashflows.query("kind == 'note' and name == 'A' and field == 'principal_paid'")
    days = [360 * (d.year - 2026) + 30 * (d.month - 1) + d.day - 28 for d in base.dates.unadjusted]
    life = (np.array(days) / 360 * paid["amount"]).sum() / paid["amount"].sum()  # closing on 28 January
    assert notes.loc["A", "wal"] == pytest.approx(life, abs=1e-12)
    assert {"expected_loss", "loss_probability", "value_at_risk_99", "expected_shortfall_99"} <= set(tail.notes.columns)
    assert tail.notes.equals(abssim.note_frame(tail))


def test_a_measure_of_ones_own(base: RunResult, tail: Simulation) -> None:
    """Share of the pool's principal that class A gets, and its mean loss, from the arrays by the names of fields."""
    paid, pool = base.note_flow[:, 0, NoteField.PRINCIPAL_PAID], base.pool_flow[:, 0]
    collected = pool[:, PoolField.SCHEDULED_PRINCIPAL] + pool[:, PoolField.PREPAYMENT]
    frame = base.cashflows.pivot_table(index="period", columns=["kind", "name", "field"], values="amount")
    sources = frame["pool", "loans", "scheduled_principal"] + frame["pool", "loans", "prepayment"]
    assert paid / collected == pytest.approx((frame["note", "A", "principal_paid"] / sources).to_numpy())
    lost = tail.note[:, 0, NoteSummary.PRINCIPAL_LOSS]
    mean = lost.mean() / tail.opening_balances[0]
    assert tail.notes.loc["A", "expected_loss"] == pytest.approx(mean) or not lost.any()


def test_everything_has_a_short_repr_and_tables(deal: abssim.CompiledDeal, base: RunResult, tail: Simulation) -> None:
    shown = [
        (abssim.load_deal("template"), "Priority of payments: amortization"),
        (deal, "Fingerprint"),
        (abssim.load_scenario("stress"), "default_multiple"),
        (abssim.synthesize("baitiao", loans=50, seed=1), "largest obligor"),
        (base, "Term sheet"),
        (tail, "value at risk"),
        (abssim.study_deal(deal), "Break-even"),
        (abssim.decrement(deal, "cpr:0,10"), "WAL to call, years"),
        (abssim.price(deal, asked={"price": [99.0]}), "yield, % by price"),
    ]
    for each, words in shown:
        assert words in each._repr_html_()
        assert len(repr(each)) < 160
        assert repr(each).startswith(f"<{type(each).__name__} ")


def test_words_of_the_user_are_escaped() -> None:
    document = abssim.load_deal("template").model_copy(update={"name": "<script>alert(1)</script>", "description": "&"})
    html = document._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html and "&amp;" in html


def test_a_called_run_says_nothing_of_maturity_by_itself() -> None:
    """What was not run is not shown: no life to maturity of a run that was called, none to call of one held."""
    called, held = (abssim.run("tests/cli/demo", calls=calls) for calls in ("exercised", "never"))
    study = abssim.study_deal("tests/cli/demo")
    assert study.to_maturity is not None and study.to_maturity.fingerprint == held.fingerprint
    rows = abssim.term_sheet(called, None)
    assert np.isnan(rows[0].wal_to_maturity)
    assert held.held_to_maturity and not called.held_to_maturity
    assert np.array_equal(study.run.trace, called.trace)
    sheets = [
        re.sub(r"<[^>]*>", "", each._repr_html_()).split("Credit enhancement")[0] for each in (called, held, study)
    ]
    lives = [line.split()[6:8] for sheet in sheets for line in sheet.splitlines() if line.startswith("A ")]
    assert lives[:2] == [[lives[2][0], "–"], ["–", lives[2][1]]]


def test_charts(base: RunResult, tail: Simulation) -> None:
    pytest.importorskip("matplotlib")
    assert base.plot()._repr_png_().startswith(b"\x89PNG")
    assert len(tail.plot().axes) > 4
    assert len(abssim.plot(base, base).axes) == 2 * len(base.plot().axes)
    with pytest.raises(TypeError, match="not both"):
        abssim.plot(base, tail)


def test_without_matplotlib_the_way_to_install_it_is_told(environment: dict[str, str]) -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import abssim\n"
        "try: abssim.run('honda-2009-1').plot()\n"
        "except abssim.AbssimError as error: print(error)"
    )
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (
        f"E020  needs matplotlib, which is not installed; install it: {sys.executable} -m pip install" in answer.stdout
    )


def test_importing_the_package_loads_no_numerics(environment: dict[str, str]) -> None:
    heavy = {"numpy", "numba", "pandas", "pydantic", "rich"}
    code = f"import sys, abssim; dir(abssim); sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment).returncode == 0


def test_every_public_name_is_there_and_typed() -> None:
    """The lazy table and the imports that type checkers read name the same things."""
    lines = (ROOT / "abssim" / "__init__.py").read_text(encoding="utf-8")
    for name, home in abssim.HOMES.items():
        assert getattr(abssim, name) is not None
        assert name in abssim.__all__ and f"    from {home} import " in lines
    assert len(abssim.__all__) == len(abssim.HOMES)
