"""What has no effect is said on standard error, and the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from abssim.deal.load import load_deal
from abssim.errors import AbssimError
from abssim.program.compile import compile_deal
from abssim.program.notice import ACTS_ON_FIGURES, notices
from abssim.program.notice_dials import idle_dials, idle_dials_of_policies
from abssim.projection.single import run
from abssim.scenario.assumption import Rule
from abssim.scenario.dependence import Contagion, Frailty, Fraud
from abssim.scenario.factor import Factor
from abssim.scenario.scenario import Scenario, Stress
from abssim.study.loans import require_loans
from abssim.study.scenarios import choose_scenario


def test_rules_and_rates_without_effect_are_said(
    abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.yaml"
    odd.write_text(
        "name: odd\nreason: a slip\nbase: deal\n"
        "assumptions:\n  - {where: {grade: ZZZ}, default: {cdr_pct: 90}}\nrates: {sofrr: {shock_bps: 3}}\n"
    )
    answer = abssim("run", str(root / "deals" / "template"), "-s", str(odd))
    assert answer.returncode == 0
    assert "no loan meets these, so they have no effect: rule grade ZZZ" in answer.stderr
    assert "no index sofrr" in answer.stderr
    stressed = abssim("run", str(root / "deals" / "honda-2009-1"), "-s", "stress")
    assert "the deal's base scenario has none" in stressed.stderr


def test_what_does_nothing_to_a_servicers_figures_is_said(root: Path) -> None:
    compiled = compile_deal(load_deal(root / "deals" / "carmax-2025-2"))

    def told(name: str) -> str:
        return " / ".join(run(compiled, choose_scenario(compiled, name)).notices)

    assert "pool receivables is a servicer's figures, on which default_multiple, " in told("stress")
    assert "nothing reads rates (" in told("rates-up-200")  # the notes float, but every date has its fixing
    assert told("deal") == ""
    for option in ("--speed", "--loans"):
        with pytest.raises(AbssimError, match="servicer's figures") as caught:
            require_loans(compiled, option)
        assert caught.value.code == "E015"


def test_every_field_of_a_scenario_acts_on_figures_or_is_said(root: Path) -> None:
    """A new field is told of a deal without loans unless it is entered among those that act."""
    compiled = compile_deal(load_deal(root / "deals" / "carmax-2025-2"))
    rule = Rule.model_validate({"default": {"roll_rates": "prime"}})
    every = Scenario(
        name="every",
        reason="all there is",
        default_multiple=2,
        prepay_multiple=2,
        cure_multiple=2,
        competing_risks="simultaneous",
        assumptions=(rule,),
        stress=Stress.model_validate({"cure": 2}),
        factor=Factor(correlation_pct=3),
        frailty=Frailty.model_validate({"by": "region", "variance": 0.2}),
        fraud=Fraud.model_validate({"by": "region", "probability_pct": 1}),
        contagion=Contagion.model_validate({"by": "region", "strength": 2, "months": 3, "cap": 5}),
    )
    (told,) = [line for line in notices(compiled, every) if "figures" in line]
    given = every.model_fields_set - ACTS_ON_FIGURES
    assert all(name in told for name in given)
    assert given | ACTS_ON_FIGURES | {"factors"} == set(Scenario.model_fields)


def test_dials_of_what_nobody_assumes_are_said() -> None:
    idle = Scenario(name="idle", reason="nothing to turn", prepay_multiple=2, cure_multiple=3)
    told = " / ".join(idle_dials(idle))
    assert "multiplies prepayments" in told and "multiplies cures" in told
    acting = idle.model_copy(update={"assumptions": (Rule.model_validate({"default": {"roll_rates": "prime"}}),)})
    assert not list(idle_dials(acting))


@pytest.mark.parametrize(
    ("rules", "idle"),
    [
        ([], ["defaults", "prepayments", "cures"]),
        ([{"default": {"roll_rates": "prime"}}], []),
        ([{"default": {"mdr_pct": 1}, "prepayment": {"smm_pct": 1}}], ["cures"]),
        ([{"default": {"mdr_pct": 0}, "prepayment": {"smm_pct": 0}}], ["defaults", "prepayments", "cures"]),
        ([{"default": {"cumulative_pct": 2}}, {"prepayment": {"smm_pct": 0}}], ["prepayments", "cures"]),
        ([{"prepayment": {"smm_pct": 1}}, {"prepayment": {"smm_pct": 0}}], ["defaults", "prepayments", "cures"]),
        ([{"default": {"roll_rates": {"current": {"dpd_1_30": 2}}}}], ["prepayments", "cures"]),
        ([{"default": {"roll_rates": {"dpd_1_30": {"current": 2, "prepaid": 1}}}}], ["defaults"]),
    ],
)
def test_dials_of_policies_that_act_on_nothing_are_said(rules: list[dict[str, object]], idle: list[str]) -> None:
    policy = {"month": 1, "default_multiple": 2, "prepay_multiple": 2, "cure_multiple": 2}
    scenario = Scenario.model_validate(
        {"name": "s", "reason": "test", "assumptions": rules, "policies": {"p": policy, "q": {"month": 1}}}
    )
    found = list(idle_dials_of_policies(scenario))
    assert [line.partition(",")[0] for line in found] == [f"scenario s: policy p multiplies {what}" for what in idle]


def test_defaults_that_a_pool_cannot_have_are_said(
    abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path
) -> None:
    """Late defaults of most of the template's pool find it amortized."""
    late = tmp_path / "late.yaml"
    late.write_text("name: late\nreason: t\nbase: deal\nassumptions: [{default: {cumulative_pct: 90, timing: back}}]\n")
    deal = str(root / "deals" / "template")
    commands = (("run", deal), ("price", deal, "--price", "100"), ("decrement", deal, "--speed", "cpr:10"))
    for command in commands:
        answer = abssim(*command, "-s", str(late))
        assert answer.returncode == 0, answer.stderr
        assert "has amortized before" in answer.stderr, command[0]
    assert "has amortized" not in abssim("decrement", deal, "--speed", "cpr:10").stderr


def test_what_nothing_reads_is_said_with_its_place(
    abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path
) -> None:
    """Deals without floating notes read no rates, a servicer's figures no assumptions; only `simulate` draws a factor;
    what a deal does not name is not the user's."""
    answer = abssim("run", "carmax-2025-2", "-s", "stress", "-s", "rates-up-200")
    assert answer.returncode == 0, answer.stderr
    assert "on which default_multiple" in answer.stderr
    assert "nothing reads rates (" in answer.stderr and "rates-up-200.yaml:4)" in answer.stderr
    assert "without effect" not in abssim("run", "carmax-2025-2").stderr
    answer = abssim("run", "template", "-s", "factor")
    assert "scenario factor: without effect here, only `simulate` reads factor (" in answer.stderr
    simulated = abssim("simulate", "template", "-s", "factor", "--paths", "4")
    assert simulated.returncode == 0 and "without effect" not in simulated.stderr, simulated.stderr


def test_an_index_of_no_note_is_said(abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path) -> None:
    text = (root / "deals" / "template" / "deal.yaml").read_text(encoding="utf-8")
    (tmp_path / "deal.yaml").write_text(text + "\nindexes: {libor: {forward_pct: 3}}\n", encoding="utf-8")
    answer = abssim("run", tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert f"the deal: without effect, nothing reads indexes.libor ({tmp_path}" in answer.stderr


def test_columns_of_a_tape_that_nothing_asks_for_are_said(
    abssim: Callable[..., CompletedProcess[str]], root: Path, tmp_path: Path
) -> None:
    """The rule asks for the grade, nobody for score and dealer; balance and rate are part of every contract."""
    tape, rule = tmp_path / "t.csv", tmp_path / "rule.yaml"
    tape.write_text("balance,rate,remaining_term,grade,score,dealer\n1e8,.07,24,A,700,x\n")
    rule.write_text("name: rule\nreason: t\nbase: deal\nassumptions: [{where: {grade: A}, default: {cdr_pct: 3}}]\n")
    answer = abssim("run", str(root / "deals" / "template"), "--tape", str(tape), "-s", str(rule))
    assert answer.returncode == 0, answer.stderr
    assert "scenario rule: no rule of it or of the deal asks for score, dealer of t.csv" in answer.stderr
