"""Values set by path in deals and scenarios: where they land, what is refused, what is told."""

from __future__ import annotations

import warnings
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from abssim import compile_deal, load_deal, load_scenario, run
from abssim.deal.deal import Deal
from abssim.deal.load import deal_of, parse_deal
from abssim.errors import AbssimError, DealError, Notice, ScenarioError
from abssim.scenario.assumption import Rule
from abssim.scenario.scenario import Scenario, override
from abssim.setting import keys_of, parse_lists, parse_settings
from abssim.study.deals import deal_names
from abssim.study.dials import Dials
from abssim.study.scenarios import base_scenario, choose_scenarios


def problems(error: pytest.ExceptionInfo[AbssimError]) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in error.value.problems]


@pytest.fixture(scope="module")
def template() -> Deal:
    return load_deal("template")


def test_a_path_is_read_with_points_and_with_brackets() -> None:
    assert keys_of("notes.A-1.balance") == ["notes", "A-1", "balance"]
    assert keys_of("waterfalls.amortization[3].payees[0]") == ["waterfalls", "amortization", "3", "payees", "0"]


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[", "a[]", "a]b"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(AbssimError) as error:
        Dials.of({path: 1})
    assert problems(error) == [("E551", f"--set {path}")]


def test_values_are_yaml() -> None:
    texts = ["a=3", "b=80_000_000", "c=2026-01-31", "d=pool.factor <= 0.1", "e=[1, 2]", "f={x: true}", "g=null"]
    values = {"a": 3, "b": 80_000_000, "c": date(2026, 1, 31), "d": "pool.factor <= 0.1", "e": [1, 2], "f": {"x": True}}
    assert parse_settings(texts) == {**values, "g": None}


def test_what_cannot_be_read_is_told_all_at_once() -> None:
    with pytest.raises(AbssimError) as error:
        parse_settings(["a", "b=", "c=[1,", "d=!!seq x", "e=1", "e=2", "f=&x 1"])
    codes = [code for code, _ in problems(error)]
    assert codes == ["E551", "E551", "E551", "E551", "E552", "E551"]


def test_a_deal_takes_values_and_is_checked_anew(template: Deal) -> None:
    changed = template.with_({"notes.A.coupon_pct": 5.2}, **{"fees.servicing.rate_pct": np.float64(2)})
    assert (changed.notes["A"].coupon_pct, changed.fees["servicing"].rate_pct) == (5.2, 2.0)
    assert template.notes["A"].coupon_pct == 4.8
    assert changed.settings == {("notes", "A", "coupon_pct"): 5.2, ("fees", "servicing", "rate_pct"): 2.0}
    assert compile_deal(changed).fingerprint != compile_deal(template).fingerprint


def test_setting_what_a_deal_says_already_changes_no_figure_and_no_fingerprint(template: Deal) -> None:
    same = run(template.with_({"notes.A.coupon_pct": 4.8}))
    plain = run(template)
    assert same.fingerprint == plain.fingerprint
    assert np.array_equal(same.trace, plain.trace)
    assert (same.settings, plain.settings) == ({"notes.A.coupon_pct": 4.8}, {})


def test_a_set_deal_is_the_deal_whose_file_says_so(template: Deal) -> None:
    text = Path("deals/template/deal.yaml").read_text().replace("coupon_pct: 4.8", "coupon_pct: 5.2")
    written, changed = run(parse_deal(text)), run(template.with_({"notes.A.coupon_pct": 5.2}))
    assert np.array_equal(written.trace, changed.trace)
    assert written.fingerprint == changed.fingerprint


@pytest.mark.parametrize("name", deal_names())
def test_every_deal_can_be_set(name: str) -> None:
    """Deals with series and with a servicer's reports in a file too."""
    deal = load_deal(name)
    note = next(iter(deal.notes))
    changed = deal.with_({f"notes.{note}.balance": deal.notes[note].balance})
    assert changed.canonical() == deal.canonical()


def test_a_deal_written_in_python_and_a_changed_copy_keep_what_they_say(template: Deal) -> None:
    made = Deal.model_validate(template.document.data)  # type: ignore[union-attr]
    assert made.with_({"notes.B.coupon_pct": 7}).notes["B"].coupon_pct == 7.0
    notes = template.notes | {"B": template.notes["B"].model_copy(update={"coupon_pct": 9.0})}
    copied = template.model_copy(update={"notes": notes}).with_({"notes.A.coupon_pct": 5})
    assert (copied.notes["A"].coupon_pct, copied.notes["B"].coupon_pct) == (5.0, 9.0)


def test_errors_of_a_value_lead_to_the_option(template: Deal) -> None:
    with pytest.raises(DealError) as error:
        template.with_({"notes.A.balance": "much", "dates.payment_day": 40})
    assert set(problems(error)) == {("E109", "--set notes.A.balance"), ("E109", "--set dates.payment_day")}
    assert "--set notes.A.balance  E109  must be a number" in str(error.value)
    with pytest.raises(DealError) as error:
        template.with_({"waterfalls.amortization[1].payees": ["Z"]})
    assert problems(error) == [("E120", "--set waterfalls.amortization.1.payees")]


def test_errors_of_what_a_value_is_part_of_lead_to_the_option_too() -> None:
    with pytest.raises(ScenarioError) as error:
        load_scenario("base").with_({"assumptions.0.default.cdr_pct": -4})
    assert problems(error) == [("E311", "--set assumptions.0.default.cdr_pct")]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("notes.A.coupn_pct", 'did you mean "coupon_pct"?'),
        ("notes.Z.balance", "known: A, B, sub"),
        ("waterfalls.amortization.11.cap", "it has 0 to 9"),
        ("notes.A.coupon_pct.x", "nothing stands there"),
        ("notes.A.balance.0", "nothing stands there"),
    ],
)
def test_a_path_that_leads_nowhere(template: Deal, path: str, hint: str) -> None:
    with pytest.raises(AbssimError) as error:
        template.with_({path: 1})
    assert problems(error) == [("E553", f"--set {path}")]
    assert hint in error.value.problems[0].hint


def test_a_path_of_neither_document_names_where_its_field_stands() -> None:
    with pytest.raises(AbssimError) as error:
        Dials.of({"A.coupon_pct": 1, "default_multipel": 2})
    assert [problem.code for problem in error.value.problems] == ["E553", "E553"]
    hints = [problem.hint for problem in error.value.problems]
    assert hints == ["did you mean notes.NAME.coupon_pct?", 'did you mean "default_multiple"?']


def test_a_path_of_both_documents_needs_its_document() -> None:
    with pytest.raises(AbssimError) as error:
        Dials.of({"name": "x"})
    assert error.value.problems[0].hint == "write deal.name or scenario.name"
    assert Dials.of({"deal.name": "x", "scenario.name": "y"}) == ({"name": "x"}, {"name": "y"})


@pytest.mark.parametrize("path", ["scenario", "base"])
def test_another_document_is_not_set(path: str) -> None:
    with pytest.raises(AbssimError) as error:
        Dials.of({path: "stress"})
    assert problems(error) == [("E554", f"--set {path}")]


def test_a_path_twice_is_refused_however_it_is_spelled(template: Deal) -> None:
    for settings, values in [
        ({"notes.A.balance": 1}, {"notes.A.balance": 2}),
        ({"waterfalls.amortization.0.cap": 1, "waterfalls.amortization[0].cap": 2}, {}),
        ({"notes.A": {"balance": 1}, "notes.A.balance": 2}, {}),
        ({"notes.A.balance": 2, "notes.A": {"balance": 1}}, {}),
    ]:
        with pytest.raises(AbssimError) as error:
            template.with_(settings, **values)
        assert [problem.code for problem in error.value.problems] == ["E552"]


def test_keys_that_are_dates_or_numbers_may_be_new() -> None:
    deal = load_deal("jd-baitiao-2015-1")
    assert deal.with_({"schedules.rate.13": 0.05} if "rate" in deal.schedules else {}) == deal
    text = Path("deals/template/deal.yaml").read_text() + "\nschedules: {limit: {1: 0.06}}\n"
    made = parse_deal(text.replace("> 0.06", "> schedule.limit"))
    assert made.with_({"schedules.limit.13": 0.08}).schedules["limit"] == {1: 0.06, 13: 0.08}
    with pytest.raises(AbssimError, match="E553"):
        made.with_({"schedules.limit.soon": 0.08})


def test_a_scenario_is_set_where_it_says_it_or_where_its_base_does(template: Deal) -> None:
    base = base_scenario(template)
    stress = load_scenario("stress", deal=base)
    changed = stress.with_(**{"assumptions.0.default.cdr_pct": 4, "default_multiple": 3, "stress.recovery": 0.25})
    assert changed.assumptions[0].default.cdr_pct.values == (4.0,)  # type: ignore[union-attr]
    assert (changed.default_multiple, changed.stress.recovery.values) == (3.0, (0.25,))  # type: ignore[union-attr]
    assert (changed.name, changed.assumptions[0].recovery) == (stress.name, stress.assumptions[0].recovery)
    assert base.assumptions[0].default.cdr_pct.values == (2.5,)  # type: ignore[union-attr]


def test_rules_are_numbered_through_a_scenario_and_its_bases(template: Deal) -> None:
    base = base_scenario(template)
    own = Scenario(name="own", reason="test", assumptions=(Rule.model_validate({"prepayment": {"cpr_pct": 20}}),))
    changed = override(base, own).with_({"assumptions.1.prepayment.cpr_pct": 30, "assumptions.0.prepayment.cpr_pct": 5})
    speeds = [rule.prepayment.cpr_pct.values[0] for rule in changed.assumptions]  # type: ignore[union-attr]
    assert speeds == [5.0, 30.0]


def test_a_scenario_changed_in_python_keeps_what_it_says(template: Deal) -> None:
    stress = load_scenario("stress", deal=base_scenario(template))
    copied = stress.model_copy(update={"name": "mine", "default_multiple": 7.0}).with_(prepay_multiple=0.5)
    assert (copied.name, copied.default_multiple, copied.prepay_multiple) == ("mine", 7.0, 0.5)
    assert copied.assumptions == stress.assumptions


def test_rates_may_be_set_of_the_indexes_the_deal_has() -> None:
    compiled = compile_deal(load_deal("carmax-2025-2"))
    index = next(iter(compiled.deal.indexes), None)
    names = ["all", *([index] if index else [])]
    for name in names:
        assert choose_scenarios(compiled, [], {f"rates.{name}.shock_bps": 100})[0].rates[name].shock_bps == 100.0
    with pytest.raises(AbssimError, match="E553"):
        choose_scenarios(compiled, [], {"rates.libor.shock_bps": 100})


def test_values_reach_every_scenario_and_the_result_says_them(template: Deal) -> None:
    compiled = compile_deal(template, settings={"notes.A.coupon_pct": 5.2})
    chosen = choose_scenarios(compiled, ["deal", "stress"], {"default_multiple": 3})
    assert [scenario.default_multiple for scenario in chosen] == [3.0, 3.0]
    result = run(compiled, chosen[1])
    assert dict(result.settings) == {"notes.A.coupon_pct": 5.2, "default_multiple": 3}
    assert result.fingerprint != run(compiled, "stress").fingerprint


def told(deal: Deal, scenario: Scenario) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", Notice)
        run(deal, scenario)
    return [str(each.message) for each in caught]


def test_a_value_that_nothing_reads_is_told_with_its_option(template: Deal) -> None:
    base = base_scenario(template)
    assert told(template.with_({"notes.A.coupon_pct": 5}), base.with_(default_multiple=2)) == []
    idle = base.with_({"factor.correlation_pct": 5})
    drawn = "--set factor.correlation_pct: without effect here, only `simulate` reads factor.correlation_pct"
    assert told(template, idle) == [drawn]
    shadowed = Scenario(name="own", reason="test", assumptions=(Rule.model_validate({"prepayment": {"cpr_pct": 20}}),))
    hidden = override(base, shadowed).with_({"assumptions.0.prepayment.cpr_pct": 5})
    path = "assumptions.0.prepayment.cpr_pct"
    assert told(template, hidden) == [f"--set {path}: without effect, nothing reads {path}"]


def test_a_name_is_for_readers() -> None:
    deal = load_deal("template").with_({"deal.name": "Mine"})
    assert (deal.name, told(deal, base_scenario(deal))) == ("Mine", [])


def test_the_document_of_a_set_deal_says_it(template: Deal) -> None:
    changed = template.with_({"notes.A.coupon_pct": 5.2}).with_({"notes.A.coupon_pct": 5.4, "notes.B.coupon_pct": 7})
    again = deal_of(changed.document)  # type: ignore[arg-type]
    assert (again.notes["A"].coupon_pct, again.notes["B"].coupon_pct) == (5.4, 7.0)
    assert changed.settings == {("notes", "A", "coupon_pct"): 5.4, ("notes", "B", "coupon_pct"): 7}


def test_values_of_a_list_differ() -> None:
    assert parse_lists(["a=1,true,[1],{x: 1}"]) == {"a": [1, True, [1], {"x": 1}]}
    assert len(parse_lists(["a=0:99999:1"])["a"]) == 100_000
    for text in ("1,2,1.0", "true,true", "[1],[1]", "0:3:1,2"):
        with pytest.raises(AbssimError, match=r"E551  .* stands in the list twice"):
            parse_lists([f"a={text}"])


@pytest.mark.parametrize("wrong", [3, 0, "", [], "x", [("a", 1)]])
def test_settings_are_a_dict(wrong: object, template: Deal) -> None:
    for document in (template, load_scenario("stress")):
        with pytest.raises(AbssimError) as error:
            document.with_(wrong)  # type: ignore[arg-type]
        assert problems(error) == [("E539", "with_()")]


def test_values_of_any_kind_are_told_in_words(template: Deal) -> None:
    for wrong, code in (({1: 2}, "E551"), ({None: 2}, "E551"), ({"notes.A.coupon_pct": np.array([1, 2])}, "E109"),
                        ({"notes.A.coupon_pct": object()}, "E109")):  # fmt: skip
        with pytest.raises(AbssimError) as error:
            template.with_(wrong)  # type: ignore[arg-type]
        assert [each for each, _ in problems(error)] == [code]
    assert template.with_({"notes.A.coupon_pct": np.array(5.2)}).notes["A"].coupon_pct == 5.2


def test_arrays_and_ranges_are_lists_of_values() -> None:
    from abssim import sweep

    plain = sweep("template", {"default_multiple": [1, 2, 3]}, measures=["loss"])
    for values in (range(1, 4), np.arange(1, 4)):
        assert sweep("template", {"default_multiple": values}, measures=["loss"]).cells == plain.cells


@pytest.mark.parametrize("text", ["4:6:1", "4,5"])
def test_several_values_are_for_a_sweep(text: str, template: Deal) -> None:
    for document, path in ((template, "notes.A.coupon_pct"), (load_scenario("stress"), "default_multiple")):
        with pytest.raises(AbssimError) as error:
            document.with_({path: text})
        (problem,) = error.value.problems
        assert problem.hint == "one value is set here: lists and ranges of values are for `abssim sweep`"


def test_what_only_follows_from_a_wrong_value_is_not_told(template: Deal) -> None:
    """Without its coupon A bears no interest, and a step that pays it some would be wrong; B's is wrong by itself."""
    with pytest.raises(DealError) as error:
        template.with_({"notes.A.coupon_pct": "5"})
    assert problems(error) == [("E109", "--set notes.A.coupon_pct")]
    with pytest.raises(DealError) as error:
        template.with_({"notes.A.coupon_pct": "5", "notes.B.coupon_pct": None})
    assert [code for code, _ in problems(error)] == ["E109", "E121"]
