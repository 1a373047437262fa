"""The scenario document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from abssim.document import Document
from abssim.errors import Problem, ScenarioError, did_you_mean
from abssim.part import NumericPart
from abssim.policy.hooks import PolicyHooks
from abssim.policy.own import policies_of_ones_own, require_policies_of_ones_own
from abssim.policy.policy import Policy
from abssim.policy.stated import Stated
from abssim.public import Shown
from abssim.scenario.assumption import Rule
from abssim.scenario.curve import MAX_MULTIPLE, Curve
from abssim.scenario.dependence import Contagion, Frailty, Fraud
from abssim.scenario.factor import Factor
from abssim.scenario.rates import Rates, forward_rates
from abssim.setting import Settable
from abssim.validation import fault

CompetingRisks = Literal["default_first", "simultaneous", "prepay_first"]


class Stress(NumericPart):
    """Multiples by month of the projection, on top of the assumptions."""

    default: Curve | None = None
    """Multiple of the default rate (with roll rates: of the moves that lead to default, see `default_multiple`)."""
    prepayment: Curve | None = None
    """Multiple of the prepayment rate."""
    recovery: Curve | None = None
    """Multiple of the recoveries that come in the month."""
    cure: Curve | None = None
    """Multiple of the roll rates from arrears to a better bucket, on top of `cure_multiple`."""

    @model_validator(mode="after")
    def _check(self) -> Stress:
        for name in ("default", "prepayment", "recovery", "cure"):
            curve = getattr(self, name)
            if curve is not None:
                curve.within(0.0, MAX_MULTIPLE, name)
        return self


class Scenario(NumericPart, Settable, Shown):
    """Named assumptions about everything that is not in the contracts."""

    setter = "set_scenario"

    name: str = Field(min_length=1)
    """Name, as tables show it."""
    reason: str = Field(min_length=1)
    """Why this scenario: what it stands for and where its figures come from."""
    base: str | None = None
    """Scenario whose figures hold where this one gives none; its rules come before this one's. `deal` stands for the
    base scenario of the deal it is run on."""
    default_multiple: float = Field(default=1.0, ge=0.0, le=MAX_MULTIPLE)
    """Dial on all default rates (also the monthly hazard of a lifetime PD) and cumulative defaults; with roll rates it
    multiplies the entry into arrears (current to 1-30 days) and direct defaults."""
    prepay_multiple: float = Field(default=1.0, ge=0.0, le=MAX_MULTIPLE)
    """Dial on all prepayment rates (SMM)."""
    cure_multiple: float = Field(default=1.0, ge=0.0, le=MAX_MULTIPLE)
    """Dial on the roll rates from arrears to a better bucket, at most to what does not prepay."""
    competing_risks: CompetingRisks = "default_first"
    """Who goes first: default, then prepayment of survivors; both of the same balance (BMA); or prepayment first."""
    assumptions: tuple[Rule, ...] = ()
    """Rules, later ones overriding earlier ones."""
    rates: dict[str, Rates] = Field(default_factory=dict)
    """Forwards and shocks by index; `all` holds for every index."""
    stress: Stress = Stress()
    """Multiples by month."""
    factor: Factor | None = None
    """What moves all obligors of a path together; simulations draw it, expected cash flows are without it."""
    policies: dict[str, Policy] = Field(default_factory=dict)
    """What the originator does, by name; those of a base hold too, unless this scenario gives the name anew."""
    frailty: Frailty | None = None
    """A hidden quality of each cluster of obligors on a path; expected cash flows are without it."""
    fraud: Fraud | None = None
    """Clusters that turn out to be rings of fraud on a path; expected cash flows are without it."""
    contagion: Contagion | None = None
    """Defaults that bring on further defaults in their cluster; expected cash flows are without it."""
    factors: dict[str, Factor] = Field(default_factory=dict)
    """Several factors by name in place of `factor`, independent of each other; `correlation_pct` of a rule says how
    its loans hang on them. The first one draws as a single factor does, the others by their names."""

    _written: Scenario | None = PrivateAttr(default=None)
    _base: Scenario | None = PrivateAttr(default=None)
    _own: tuple[PolicyHooks, ...] = PrivateAttr(default=())
    _document: Document | None = PrivateAttr(default=None)

    def __repr__(self) -> str:
        return f"<Scenario {self.name!r}: {self.reason}>"

    __str__ = __repr__

    @property
    def written(self) -> Scenario:
        """What its own document says, without its bases."""
        return self._written or self

    @property
    def on(self) -> Scenario | None:
        """The scenario that `written` stands on, with all its bases."""
        return self._base

    @property
    def document(self) -> Document | None:
        """The document with its line numbers, if it was read from one."""
        return self._document

    @field_validator("factors")
    @classmethod
    def _one_way(cls, factors: dict[str, Factor], info: ValidationInfo) -> dict[str, Factor]:
        if factors and info.data.get("factor") is not None:
            raise fault("E340", "factor and factors are both given", "give factors alone")
        return factors

    @property
    def systematic(self) -> dict[str, Factor]:
        """All factors by name, the first one first; a single one is called `factor`."""
        return self.factors or ({} if self.factor is None else {"factor": self.factor})

    @property
    def acting(self) -> tuple[PolicyHooks, ...]:
        """All policies, those of the document and of one's own, in the order of their names."""
        stated = [Stated(name, policy) for name, policy in self.policies.items()]
        return tuple(sorted((*stated, *self._own), key=lambda policy: policy.name))

    @property
    def own_policies(self) -> tuple[PolicyHooks, ...]:
        """Policies of one's own, objects written in Python."""
        return self._own

    def with_policies(self, policies: Iterable[PolicyHooks]) -> Scenario:
        """This scenario with policies of one's own beside those it has; ScenarioError with all they lack."""
        given = policies_of_ones_own(policies, self.name)
        if not given:
            return self
        require_policies_of_ones_own(given, [policy.name for policy in self.acting], self.name)
        found = self.model_copy()
        found._own = (*self._own, *given)
        return found

    def without_policies(self) -> Scenario:
        """This scenario if the originator did nothing."""
        found = self.model_copy(update={"policies": {}})
        found._own = ()
        return found

    @property
    def has_defaults(self) -> bool:
        """True if some rule says how loans default."""
        return any(rule.default is not None for rule in self.assumptions)

    def index_rates(
        self, index: str, dates: Sequence[date], cut_off: date, forward: Curve | dict[date, float] | float | None = None
    ) -> npt.NDArray[np.float64]:
        """Rate of `index`, decimal a year, on each of `dates`; `forward` (percent) is the deal's own."""
        own, common = self.rates.get(index, Rates()), self.rates.get("all", Rates())
        given = own.forward_pct or common.forward_pct or forward
        if given is None:
            hint = f"give rates.{index}.forward_pct" + (f"; {did_you_mean(index, self.rates)}" if self.rates else "")
            raise ScenarioError(Problem("E331", self.name, f"rates.{index}", f'no forward for index "{index}"', hint))
        shock = own.shock_bps if own.shock_bps is not None else common.shock_bps or 0.0
        curve = Curve.model_validate(given) if isinstance(given, int | float) else given
        return forward_rates(curve, shock, dates, cut_off)


def override(base: Scenario, scenario: Scenario) -> Scenario:
    """`scenario` on top of `base`: rules after rules, rates by index, policies by name, what else it gives replaces.

    Factors go by name; one `factor` replaces several `factors`, and they it.
    """
    given = scenario.model_fields_set
    rates = dict(base.rates)
    for index, own in scenario.rates.items():
        rates[index] = rates.get(index, Rates()).model_copy(update={n: getattr(own, n) for n in own.model_fields_set})
    own_stress = {name: getattr(scenario.stress, name) for name in scenario.stress.model_fields_set}
    merged: dict[str, object] = {
        "assumptions": (*base.assumptions, *scenario.assumptions),
        "rates": rates,
        "policies": base.policies | scenario.policies,
        "stress": base.stress.model_copy(update=own_stress),
    }
    if scenario.systematic:
        merged["factor"] = None if scenario.factor is None else _changed(base.factor, scenario.factor)
        several = {name: _changed(base.factors.get(name), factor) for name, factor in scenario.factors.items()}
        merged["factors"] = {**base.factors, **several} if several else {}
    plain = {name: getattr(scenario, name) for name in given if name not in merged}
    found = base.model_copy(update={**plain, **merged, "base": scenario.base})
    found._written, found._document, found._base = scenario, scenario.document, base
    found._changed = frozenset()
    found._own = (*base._own, *scenario._own)
    return found


def _changed(base: Factor | None, factor: Factor) -> Factor:
    """`factor` on top of one of the same name."""
    if base is None:
        return factor
    return base.model_copy(update={name: getattr(factor, name) for name in factor.model_fields_set})


def factor_faults(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str, str, str]]:
    """(place, code, message, hint) of what is wrong with the factors of a scenario that stands on its bases."""
    factors = scenario.systematic
    if not factors:
        return
    if sum(factor.correlation_pct for factor in factors.values()) >= 100.0:
        yield ("factors",), "E311", "the factors' correlation_pct add up to 100 or more", ""
    for name in list(factors)[1:]:
        if factors[name].degrees is not None or not factors[name].recentre:
            first = next(iter(factors))
            yield ("factors", name), "E342", "degrees and recentre hold for all factors", f'give them to "{first}"'
    for i, rule in enumerate(scenario.assumptions):
        own = rule.correlation_pct if isinstance(rule.correlation_pct, dict) else {}
        for name in own.keys() - factors.keys():
            place = ("assumptions", i, "correlation_pct", name)
            yield place, "E341", f'no factor "{name}"', did_you_mean(name, factors)
