"""Solutions on the terminal: the value of a dial, and what classes withstand."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from abssim.amount import NOTHING
from abssim.study.breakeven import Limit
from abssim.study.corner import COUNT, PREPAYMENTS, RECOVERIES, Withstood
from abssim.study.figure import MEASURES
from abssim.study.solve import Solution
from abssim.table.grid import grid, listing, stack
from abssim.table.number import percent
from abssim.table.setting import setting_facts
from abssim.table.termsheet import multiple_text


def solution_tables(found: Solution) -> RenderableType:
    """What was asked, and a row for each root."""
    facts = [("Deal", found.deal_name), ("Scenario", f"{found.scenario_name}, to {found.end}")]
    facts += setting_facts(found.settings)
    facts.append(("Looked at", f"{len(found.scan)} values from {found.low:g} to {found.high:g}"))
    name, decimals = str(found.condition).partition(" ")[0], MEASURES[found.condition.measure].decimals + 3
    rows = [
        [
            f"{root.value:.6g}",
            f"{root.figure:.{decimals}g}",
            f"{root.other_figure:.{decimals}g}",
            "" if root.reached else "jumps over it",
        ]
        for root in found.roots
    ]
    parts = [listing(facts), grid(f"{found.condition}", [found.path, name, "just beside it", ""], rows)]
    if len(found.roots) > 1:
        parts.append(Text(f"Not monotone: the condition turns {len(found.roots)} times in this range."))
    return stack(parts)


def withstood_tables(found: Withstood) -> RenderableType:
    """The scenario itself, and the worst corner of each class."""
    facts = [("Deal", found.deal_name), ("Scenario", found.scenario_name), *setting_facts(found.settings)]
    if not found.answers:
        return stack(
            [listing(facts), Text("No break-even: no multiple of the defaults moves the losses of this pool.")]
        )
    parts = [listing(facts), _limits(found, "principal"), _limits(found, "interest")]
    if found.corners:
        parts.append(
            Text(
                f"Worst of {COUNT} corners: the scenario's cumulative defaults front-loaded, flat or back-loaded; its "
                f"prepayment × {', '.join(f'{each:g}' for each in PREPAYMENTS.values())}; its recovery "
                f"× {', '.join(f'{each:g}' for each in RECOVERIES.values())}. CNL, CDR: cumulative net loss, % of the "
                "initial pool, and defaults a year over the life of the pool, there.",
                style="dim",
            )
        )
    return stack(parts)


def _limits(found: Withstood, kind: str) -> RenderableType:
    rows = []
    for answer in found.answers:
        limit = getattr(answer, kind)
        row = [answer.note, *_limit(limit)]
        if found.corners:
            worst = found.worst(answer.note, kind)
            row += [multiple_text(worst[1]), str(worst[0])] if worst else [_never(found, answer.note, kind), ""]
        rows.append(row)
    columns = ["Class", "Defaults ×", "CNL, %", "CDR, %", *(["Worst ×", "in the corner"] if found.corners else [])]
    words = "loses principal" if kind == "principal" else "is paid interest late"
    caption = "~: at some larger multiple all is well again." if _turns(found, kind) else ""
    title = f"Lowest multiple at which a class {words}, to maturity without calls"
    return grid(title, columns, rows, caption=caption, wrap=(5,) if found.corners else ())


def _limit(limit: Limit | None) -> Sequence[str]:
    if limit is None:
        return [NOTHING] * 3
    return [multiple_text(limit), percent(limit.cumulative_net_loss_ratio), percent(limit.default_rate)]


def _never(found: Withstood, note: str, kind: str) -> str:
    """Of a class that fails in no corner; one that is due no interest has no such multiple."""
    answers = [getattr(each, kind) for own in found.corners.values() for each in own if each.note == note]
    return multiple_text(next((limit for limit in answers if limit is not None), None))


def _turns(found: Withstood, kind: str) -> bool:
    several = [found.answers, *found.corners.values()]
    limits = [getattr(answer, kind) for answers in several for answer in answers]
    return any(limit is not None and not limit.monotone for limit in limits)
