"""Solvers against brute force on a grid and against arithmetic done here."""

from __future__ import annotations

import math

import numpy as np
import pytest

from abssim import base_scenario, compile_deal, load_deal, note_measures, run, solve, sweep, withstand
from abssim.deal.deal import Deal
from abssim.errors import AbssimError
from abssim.kind.pool import PoolField
from abssim.measure.pool import life_default_rate, pool_measure
from abssim.scenario.scenario import Scenario
from abssim.study import solve as module
from abssim.study.corner import COUNT, Corner, cornered


@pytest.fixture(scope="module")
def template() -> Deal:
    return load_deal("template")


def figure(deal: Deal, settings: dict[str, float], measure: str, item: str, **options: float) -> float:
    grid = sweep(deal, settings, measures=[measure], **options)  # type: ignore[arg-type]
    value = grid.cells[0].figures[measure][grid.items[measure].index(item)]
    assert isinstance(value, float)
    return value


def test_the_coupon_that_gives_a_yield_is_found_and_met(template: Deal) -> None:
    found = solve(template, "notes.A.coupon_pct", "yield.A = 5.2", between=(3, 8), price=99.5)
    met = figure(template, {"notes.A.coupon_pct": found.value}, "yield", "A", price=99.5)
    assert met == pytest.approx(5.2, abs=1e-6)
    assert (len(found.roots), found.roots[0].reached) == (1, True)
    grid = np.linspace(3, 8, 41)
    by_force = [figure(template, {"notes.A.coupon_pct": float(x)}, "yield", "A", price=99.5) for x in grid]
    below = grid[np.flatnonzero(np.array(by_force) < 5.2).max()]
    assert below <= found.value <= below + 5 / 40


def test_a_loss_begins_where_a_fine_grid_sees_it_begin(template: Deal) -> None:
    found = solve(template, "default_multiple", "loss.B > 0")
    root = found.roots[0]
    assert root.figure > 0.0 == root.other_figure
    assert 0.0 < root.value - root.other <= 1e-7
    steps = [root.value + 1e-3 * i for i in range(-5, 6)]
    losses = [figure(template, {"default_multiple": x}, "loss", "B") for x in steps]
    assert [loss > 0 for loss in losses] == [False] * 5 + [True] * 6


def test_a_multiple_of_every_default_rate_is_that_of_the_rate() -> None:
    """Defaults by month go up with the dial as with the rate itself."""
    deal = load_deal("template").with_(scenario_of_mdr())
    by_dial = solve(deal, "default_multiple", "loss.sub > 0").value
    by_rate = solve(deal, "assumptions.0.default.mdr_pct", "loss.sub > 0", between=(0, 3)).value
    assert by_rate == pytest.approx(0.2 * by_dial, rel=1e-7)


def scenario_of_mdr() -> dict[str, object]:
    rule = {"prepayment": {"cpr_pct": 12}, "default": {"mdr_pct": 0.2}, "recovery": {"rate_pct": 35, "lag_months": 6}}
    return {"scenario": {"name": "mdr", "reason": "test", "assumptions": [rule]}}


def test_several_roots_are_all_found_and_told(monkeypatch: pytest.MonkeyPatch, template: Deal) -> None:
    """A figure that is known: x (x - 4) (x - 8) over 0 to 10."""
    answers(monkeypatch, lambda x: x * (x - 4) * (x - 8))
    found = solve(template, "default_multiple", "pool_loss = 0")
    assert [root.value for root in found.roots] == pytest.approx([0, 4, 8], abs=1e-7)
    found = solve(template, "default_multiple", "pool_loss > 6")
    assert [root.value for root in found.roots] == pytest.approx(sorted(np.roots([1, -12, 32, -6]).real), abs=1e-6)


def test_a_jump_over_the_target_is_told(monkeypatch: pytest.MonkeyPatch, template: Deal) -> None:
    answers(monkeypatch, lambda x: 1.0 if x < math.pi else 2.0)
    root = solve(template, "default_multiple", "pool_loss = 1.5").roots[0]
    assert (root.reached, {root.figure, root.other_figure}) == (False, {1.0, 2.0})
    assert root.value == pytest.approx(math.pi, abs=1e-7)


def test_a_figure_that_is_not_there_is_no_root(monkeypatch: pytest.MonkeyPatch, template: Deal) -> None:
    answers(monkeypatch, lambda x: math.nan if x > 5 else x)
    assert [root.value for root in solve(template, "default_multiple", "pool_loss = 3").roots] == pytest.approx([3])
    with pytest.raises(AbssimError, match="E558"):
        solve(template, "default_multiple", "pool_loss = 7")


def answers(monkeypatch: pytest.MonkeyPatch, known: object) -> None:
    """Figures are `known` functions of the dial."""

    class Known(module._Figure):
        def __call__(self, x: float) -> float:
            return self.seen.setdefault(x, known(x))  # type: ignore[operator]

    monkeypatch.setattr(module, "_Figure", Known)


def test_no_root_names_the_ends(template: Deal) -> None:
    with pytest.raises(AbssimError) as error:
        solve(template, "default_multiple", "wal.A = 9")
    problem = error.value.problems[0]
    assert problem.code == "E558"
    assert "no value of default_multiple meets wal.A = 9 from 0 to 10: wal.A is 1.34004 at 0" in problem.message
    with pytest.raises(AbssimError, match=r"loss\.A <= 100 holds for every value of default_multiple from 0 to 10"):
        solve(template, "default_multiple", "loss.A <= 100")


@pytest.mark.parametrize(
    ("path", "condition", "between", "code"),
    [
        ("default_multiple", "yield.A", None, "E557"),
        ("default_multiple", "life.A = 3", None, "E557"),
        ("default_multiple", "wal = 3", None, "E557"),
        ("default_multiple", "wal.Z = 3", None, "E557"),
        ("default_multiple", "trigger.losses > 3", None, "E557"),
        ("notes.A.coupon_pct", "wal.A = 3", None, "E557"),
        ("notes.A.coupon_pct", "wal.A = 3", (5, 5), "E557"),
        ("notes.A.coupon_pct", "wal.A = 3", (0, math.inf), "E557"),
        ("notes.Z.coupon_pct", "wal.A = 3", (0, 5), "E553"),
        ("notes.A.coupon_pct", "wal.A = 3", (-5e9, 5), "E109"),
    ],
)
def test_what_is_refused(
    template: Deal, path: str, condition: str, between: tuple[float, float] | None, code: str
) -> None:
    with pytest.raises(AbssimError) as error:
        solve(template, path, condition, between=between)
    assert error.value.code == code


def test_the_dial_is_not_set_beside(template: Deal) -> None:
    with pytest.raises(AbssimError) as error:
        solve(template, "default_multiple", "loss.B > 0", settings={"default_multiple": 2})
    assert error.value.code == "E552"
    plain = solve(template, "default_multiple", "loss.B > 0").value
    thinner = solve(template, "default_multiple", "loss.B > 0", settings={"notes.A.coupon_pct": 5.8})
    assert thinner.value < plain
    assert thinner.settings == {"notes.A.coupon_pct": 5.8}


def test_break_even_is_the_multiple_at_which_a_fine_grid_first_loses(template: Deal) -> None:
    """To maturity: a call that pays more than the pool is worth would hide the loss."""
    compiled = compile_deal(template)
    (answer,) = withstand(compiled, notes=["B"], corners=False).answers
    limit = answer.principal
    assert limit.multiple is not None and limit.default_rate is not None
    at = {k: run(compiled, calls="never", default_multiple=k) for k in (limit.multiple, limit.multiple - 2e-3)}
    losses = [note_measures(result)[1].principal_loss for result in at.values()]
    assert losses[0] > 0 == losses[1]
    there = at[limit.multiple]
    assert limit.cumulative_net_loss_ratio == pool_measure(there).cumulative_net_loss_ratio[-1]
    assert limit.default_rate == life_default_rate(there)


def test_the_default_rate_over_the_life_of_a_constant_rate_is_that_rate() -> None:
    """A pool that defaults at 6 % a year of its balance, month by month: the CDR of its life is 6 % (to rounding)."""
    deal = load_deal("template")
    rule = {"default": {"cdr_pct": 6}, "recovery": {"rate_pct": 0, "lag_months": 1}}
    scenario = Scenario.model_validate({"name": "cdr", "reason": "test", "assumptions": [rule]})
    assert life_default_rate(run(deal, scenario, calls="never")) == pytest.approx(0.06, rel=1e-6)


def test_corners_keep_the_cumulative_defaults_and_move_them(template: Deal) -> None:
    compiled = compile_deal(template)
    base = base_scenario(compiled.deal)
    own = dict(cornered(compiled, base))
    assert len(own) == COUNT == 18
    total = pool_measure(run(compiled, base, calls="never")).cumulative_default_ratio[-1]
    shapes = {}
    for timing in ("front", "flat", "back"):
        result = run(compiled, own[Corner(timing, "base", "full")], calls="never")
        shapes[timing] = pool_measure(result).cumulative_default_ratio
        assert shapes[timing][-1] == pytest.approx(total, rel=1e-6)
    assert shapes["front"][12] > shapes["flat"][12] > shapes["back"][12]
    slow, fast = (run(compiled, own[Corner("flat", each, "full")], calls="never") for each in ("slow", "fast"))
    assert pool_measure(fast).smm[3] == pytest.approx(4 * pool_measure(slow).smm[3], rel=1e-2)
    full, half = (run(compiled, own[Corner("flat", "base", each)], calls="never") for each in ("full", "half"))
    recoveries = [result.pool_cumulative[-1, 0] for result in (full, half)]
    assert 2 * recoveries[1][PoolField.RECOVERY] == pytest.approx(recoveries[0][PoolField.RECOVERY], rel=1e-6)


def test_the_worst_corner_is_the_lowest_of_all(template: Deal) -> None:
    done: list[int] = []
    found = withstand(template, notes=["sub", "B"], progress=done.append)
    assert done == list(range(1, COUNT + 2))
    assert [answer.note for answer in found.answers] == ["B", "sub"]
    worst = found.worst("B")
    assert worst is not None
    multiples = {corner: own[0].principal.multiple for corner, own in found.corners.items()}
    assert worst[1].multiple == min(each for each in multiples.values() if each is not None) == multiples[worst[0]]
    assert worst[0].recovery == "half"
    assert found.worst("sub", "interest") is None


def test_figures_of_a_servicer_have_no_break_even() -> None:
    with pytest.raises(AbssimError, match="E015"):
        withstand("ally-2017-1")
