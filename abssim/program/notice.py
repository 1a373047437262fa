"""What in a deal, or in a scenario on it, has no effect: seldom meant, so it is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from abssim.collateral.cell import conditional, where_mask
from abssim.collateral.notice_assets import unmet_notes
from abssim.collateral.source import GivenCollections
from abssim.condition import describe
from abssim.deal.deal import Deal
from abssim.document import Document, dotted
from abssim.node import DocumentPath
from abssim.part import is_read, unread
from abssim.policy.hooks import conditions
from abssim.program.column import idle_columns
from abssim.program.compile import CompiledDeal
from abssim.program.notice_beyond import beyond_notices
from abssim.program.notice_credit import arrears_notices, correlation_notices
from abssim.program.notice_dates import cut_off_notices
from abssim.program.notice_dials import idle_dials, idle_dials_of_policies
from abssim.program.notice_ends import end_notices
from abssim.program.notice_entries import entry_notices
from abssim.program.notice_never import never_notices
from abssim.program.notice_policies import policy_notices
from abssim.program.notice_rates import rate_notices
from abssim.program.notice_regimes import regime_notices
from abssim.program.notice_reports import report_notices
from abssim.scenario.scenario import Scenario
from abssim.setting import OPTION, Settable, in_words
from abssim.tape.schema import LoanTape

NOBODY = "without effect, nothing reads"
DRAWS = "without effect here, only `simulate` reads"
MOST = 8
"""Paths shown in a line."""
COMMON = "all"
"""Key of a scenario's rates that stands for every index."""
ACTS_ON_FIGURES = {"name", "reason", "base", "rates", "policies"}
"""What of a scenario reaches a deal whose pools are a servicer's figures: notes float, an originator may post cash."""
WORDS = frozenset({"name", "reason", "description", "base", "scenario", "parties", "disclosure"})
"""Fields for readers, and those that say where other fields come from."""
DRAWN = frozenset({"factor", "factors", "frailty", "fraud", "contagion"})
"""Fields of a scenario that only simulations read."""


def notices(compiled: CompiledDeal, scenario: Scenario) -> tuple[str, ...]:
    """A line for everything in the two documents that has had no effect on what was computed with them so far."""
    deal = compiled.deal
    left = list(unread(deal, deal, compiled.reads))
    told = [*deal_notices(compiled), *_set_notices(compiled, deal, left)]
    told += [*_line("the deal", deal.document, _of_file(deal, left), NOBODY), *end_notices(compiled, scenario)]
    told += arrears_notices(compiled, scenario)
    if deal.scenario == scenario.name and "scenario" not in deal.model_fields_set and not scenario.settings:
        return tuple(told)  # the deal names no scenario, so nobody wrote this one for it
    idle, unmet = _idle(compiled, scenario), unmet_notes(compiled.assets, scenario)
    left_out = list(_unread(compiled, scenario))  # first of all: what the next line looks at counts as read
    return (*told, *idle, *unmet, *left_out, *beyond_notices(compiled, scenario))


def _unread(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """What a scenario says and no computation read; what `_idle` has told with its reason is left out."""
    reasons = set() if compiled.deal.indexes else {"rates"}
    reasons |= Scenario.model_fields.keys() - ACTS_ON_FIGURES if has_no_loans(compiled) else set()
    left = [path for path in unread(scenario.written, scenario, compiled.reads) if path[0] not in WORDS | reasons]
    yield from _set_notices(compiled, scenario, left, reasons)
    left = _of_file(scenario, left)
    drawn = [path for path in left if path[0] in DRAWN]
    name = f"scenario {scenario.name}"
    yield from _line(name, scenario.document, drawn, DRAWS)
    rest = [path for path in left if path not in drawn]
    yield from _line(name, scenario.document, rest, NOBODY)


def _set_notices(
    compiled: CompiledDeal, document: Settable, left: Iterable[DocumentPath], reasons: Set[str] = frozenset()
) -> Iterator[str]:
    """Values set by path that no computation read, or what in them was `left` unread; not of fields with `reasons`."""
    for place in document.settings:
        inside = [path for path in left if path[: len(place)] == place and path != place]
        idle = [*inside] if is_read(document, place, compiled.reads) else [place]
        for path in idle:
            if place[0] not in WORDS | reasons:
                yield f"{OPTION} {in_words(place)}: {DRAWS if place[0] in DRAWN else NOBODY} {in_words(path)}"


def _of_file(document: Deal | Scenario, paths: Iterable[DocumentPath]) -> list[DocumentPath]:
    """Paths of what a file says, not a value that was set."""
    file = document.document
    set_here = [path for path in paths if any(path[: len(place)] == place for place in document.settings)]
    return [path for path in paths if path not in set_here and (file is None or file.says(path))]


def _line(name: str, document: Document | None, paths: Iterable[DocumentPath], verdict: str) -> Iterator[str]:
    """One line for all the paths, with the place of the first."""
    left = [path for path in paths if path[0] not in WORDS]
    if left:
        listed = ", ".join(dotted(path) for path in left[:MOST]) + (", …" if len(left) > MOST else "")
        place = f" ({document.where(left[0])})" if document is not None else ""
        yield f"{name}: {verdict} {listed}{place}"


def deal_notices(compiled: CompiledDeal) -> Iterator[str]:
    """Cut-offs in mid-month; regimes without a way into them; discounts of nothing; things that nobody names; steps of
    schedules, and fixings, for days that the deal does not reach; accounts that nothing is paid out of."""
    deal, last = compiled.deal, compiled.dates.number[-1]
    yield from () if has_no_loans(compiled) else cut_off_notices(deal, compiled.dates)
    yield from regime_notices(deal, compiled.dates)
    yield from _at_par(compiled)
    yield from entry_notices(deal)
    yield from never_notices(compiled)
    yield from report_notices(deal, compiled.builder.symbols)
    steps: dict[str, Mapping[int, float]] = {f"schedules.{name}": schedule for name, schedule in deal.schedules.items()}
    steps |= {f"notes.{name}.schedule": note.schedule for name, note in deal.notes.items()}
    for name, schedule in steps.items():
        late = [number for number in schedule if number > last]
        if late:
            yield f"{name}: what it says from payment date {min(late)} on has no effect, the last is number {last}"
    end = max(compiled.dates.payment[-1], compiled.dates.unadjusted[-1])
    for name, index in deal.indexes.items():
        unused = [day for day in index.fixings_pct if day >= end]
        if unused:
            yield f"indexes.{name}: the fixing of {min(unused)} has no effect, the last payment date is {end}"
    drawn = {name for steps in deal.waterfalls.values() for step in steps for name in (*step.source, *step.support)}
    for name in deal.accounts:
        if name not in drawn:
            yield f"accounts.{name}: no step draws on it, so cash that is there stays there"


def _at_par(compiled: CompiledDeal) -> Iterator[str]:
    """Yields of purchases that every loan pays anyway, so that all are bought at par."""
    deal, assets = compiled.deal, compiled.assets
    bought = [
        (f"pools.{name}", deal.pools[name].purchase_yield_pct, assets.prices[name])
        for name, pool in assets.pools.items()
        if not isinstance(pool, GivenCollections)
    ]
    if deal.revolving is not None and assets.replenishment is not None:
        bought.append(("revolving", deal.revolving.purchase_yield_pct, assets.replenishment.price))
    for place, wanted, price in bought:
        if wanted is not None and price >= 1.0:
            yield (
                f"{place}.purchase_yield_pct: without effect, every loan is worth its balance or more at {wanted:g} %, "
                "and the price is at most the balance"
            )


def _idle(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Dials without defaults to turn, rules and policies that select no loan or change nothing, columns of tapes that
    nothing asks for, rates of no index."""
    yield from _idle_on_figures(compiled, scenario)
    if not scenario.has_defaults and (scenario.default_multiple != 1.0 or scenario.stress.default is not None):
        yield f"scenario {scenario.name} multiplies defaults, but the deal's base scenario has none"
    yield from idle_dials(scenario)
    yield from correlation_notices(scenario)
    yield from () if has_no_loans(compiled) else idle_dials_of_policies(scenario)
    yield from idle_recoveries(compiled, scenario)
    bought = compiled.assets.replenishment
    tapes = [*compiled.assets.tapes, *([bought.collateral.tape] if bought is not None else [])]
    yield from _idle_rules(tapes, scenario)
    yield from policy_notices(compiled, scenario, has_no_loans(compiled))
    yield from rate_notices(compiled.deal, scenario, compiled.dates)
    for source, columns in idle_columns(compiled, scenario):
        yield f"scenario {scenario.name}: no rule of it or of the deal asks for {', '.join(columns)} of {source}"
    if COMMON in scenario.rates and not compiled.deal.indexes:
        yield f"scenario {scenario.name}: the deal has no index, so its rates have no effect"
    for index in sorted(set(scenario.rates) - {COMMON, *compiled.deal.indexes}):
        yield f"scenario {scenario.name}: the deal has no index {index}, so its rates have no effect"


def _idle_rules(tapes: Sequence[LoanTape], scenario: Scenario) -> Iterator[str]:
    """Rules and policies that select no loan, each with its condition."""
    if not tapes:
        return
    wheres = {f"rule {describe(rule.where)}": rule.where for rule in conditional(scenario)}
    wheres |= {f"policy {policy.name}": conditions(policy) for policy in scenario.acting}
    idle = [what for what, where in wheres.items() if not any(where_mask(t, where, scenario.name).any() for t in tapes)]
    if idle:
        yield f"scenario {scenario.name}: no loan meets these, so they have no effect: {'; '.join(idle)}"


def idle_recoveries(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """Rules that say what is recovered, of loans of which none is in default or comes to be."""
    given = any(rule.recovery is not None for rule in scenario.written.assumptions)
    late = any(pool.opening_non_performing for pool in compiled.assets.pools.values())
    if given and not scenario.has_defaults and not late and not has_no_loans(compiled):
        yield f"scenario {scenario.name}: recovery has no effect, no rule says how loans default and none has"


def _idle_on_figures(compiled: CompiledDeal, scenario: Scenario) -> Iterator[str]:
    """What a scenario says of loans does nothing to pools of a servicer's figures."""
    pools = figure_pools(compiled)
    said = [name for name, field in Scenario.model_fields.items() if name not in ACTS_ON_FIGURES]
    said = [
        name
        for name in said
        if getattr(scenario, name) != Scenario.model_fields[name].get_default(call_default_factory=True)
    ]
    if not pools or not said:
        return
    yield (
        f"scenario {scenario.name}: pool {', '.join(pools)} is a servicer's figures, on which {', '.join(said)} "
        "have no effect"
    )


def figure_pools(compiled: CompiledDeal) -> list[str]:
    """Pools whose cash is a servicer's figures, the same under every scenario."""
    return [name for name, pool in compiled.assets.pools.items() if isinstance(pool, GivenCollections)]


def has_no_loans(compiled: CompiledDeal) -> bool:
    """True of a deal without a loan: no speed, multiple or assumption moves its pools."""
    return compiled.assets.replenishment is None and len(figure_pools(compiled)) == len(compiled.assets.pools)
