"""Random scenarios: assumptions of every kind, extreme ones too."""

from __future__ import annotations

from random import Random

from abssim.scenario.scenario import Scenario
from tests.property.random_words import Document, chance


def random_scenario(r: Random) -> Scenario:
    """Assumptions of every kind, extreme ones too."""
    return Scenario.model_validate(
        {
            "name": "random",
            "reason": "property test",
            "competing_risks": r.choice(["default_first", "simultaneous", "prepay_first"]),
            "default_multiple": r.choice([1.0, 1.0, 0.0, 3.0, 100.0]),
            "prepay_multiple": r.choice([1.0, 0.5, 4.0]),
            "assumptions": _rules(r),
            "rates": r.choice([{}, {"euribor": {"forward_pct": 3.0}}, {"all": {"shock_bps": -900}}]),
            "stress": r.choice([{}, {"default": "1 ramp 4 over 6"}, {"prepayment": 0.3, "recovery": 0.2}]),
        }
    )


def _rules(r: Random) -> list[Document]:
    rules = [_rule(r, {}), *(_rule(r, _where(r)) for _ in range(r.choice([0, 0, 1, 2])))]
    spread = {"curve_pct", "channels", "sale"}
    if all("roll_rates" not in rule["default"] and not spread & rule["recovery"].keys() for rule in rules):
        rules[0]["advances"] = r.choice(["none", "principal", "principal_and_interest"])
    return rules


def _where(r: Random) -> Document:
    return r.choice([{"grade": "A"}, {"grade": ["B", "C"]}, {"age": {"min": 3, "max": 8}}, {"region": "N"}])


def _rule(r: Random, where: Document) -> Document:
    rate = r.choice([0, 0.5, 3, 20, 100])
    rule: Document = {"where": where, "by": r.choice(["month", "age"])}
    rule["prepayment"] = {r.choice(["smm_pct", "cpr_pct", "psa_pct", "abs_pct"]): rate}
    cumulative = {"cumulative_pct": r.choice([0.0, 4.0, 60.0]), "timing": r.choice(["base", "front", "back"])}
    defaults = [{"mdr_pct": rate}, {"cdr_pct": "0.2 ramp 8 over 6"}, {"sda_pct": 200}, cumulative]
    defaults += [{"lifetime_pd_pct": 40, "timing": "back"}, {"lifetime_pd_pct": 9, "life_months": 10}]
    defaults += [{"roll_rates": name} for name in ("prime", "base", "stress")]
    rule["default"] = r.choice(defaults)
    rule["recovery"] = _recovery(r)
    if chance(r, 0.3):
        rule |= {"dilution_pct": 1, "repurchase_pct": "2 for 3, 0"}
    if chance(r, 0.3):
        rule["penalty_pct_per_day"] = 0.05
    return rule


def _recovery(r: Random) -> Document:
    recovery = _collector(r)
    if chance(r, 0.3):
        agency = {"share_pct": 30, "from_month": r.choice([1, 4])}
        recovery = {"channels": {"in_house": {"share_pct": 60} | recovery, "agency": agency | _collector(r)}}
    if chance(r, 0.3):
        recovery["sale"] = {"month": r.choice([0, 3]), "price_pct": r.choice([0.0, 4.0, 100.0])}
    return recovery


def _collector(r: Random) -> Document:
    found = {r.choice(["rate_pct", "severity_pct"]): r.choice([0.0, 35.0, 100.0])}
    found |= {"commission_pct": r.choice([0.0, 20.0]), "cost_pct": r.choice([0.0, 5.0])}
    return found | r.choice([{"lag_months": 0}, {"lag_months": 4}, {"curve_pct": [50, 30, 20]}])
