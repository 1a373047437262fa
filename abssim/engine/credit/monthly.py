"""Loan-by-loan migration month by month: slower than by events, and open to feedback inside a path.

Every obligor draws a word each month until it ends, every order of an obligor that stays current another; what they
pay and owe is the same month of an order as by events (`engine.credit.event`). Same contracts and assumptions as
`engine.credit.migration`, other draws: equal in distribution. The month is the outer loop, so that the defaults of a
month can act on all others from the next one on.

Twin: `tests/engine/naive_dependence.py`.
"""

from typing import Any, NamedTuple

import numpy as np

from abssim.engine._jit import borrowing
from abssim.engine.credit.event import move_order, schedule_month, with_state
from abssim.engine.credit.expected import PERFORMING, LoanState
from abssim.engine.credit.odds import ORDER
from abssim.engine.credit.off_schedule import ObligorMonth
from abssim.engine.credit.random import Purpose, draw_block
from abssim.engine.credit.restructuring import RestructuringTerms


class Infection(NamedTuple):
    """How the defaults of a cluster of obligors act on its members."""

    cluster: np.ndarray
    """(O,) int32 row of the cluster; row 0 is for those that have none, on whom nothing acts."""
    members: np.ndarray
    """(K,) obligors of each cluster at the start; K = 0: no infection."""
    terms: np.ndarray
    """(2,) strength and cap."""
    recent: np.ndarray
    """(K, W, months) int64 defaults in each of the last months, in turn."""
    multiple: np.ndarray
    """(K, W) multiple of the cumulative hazard in the month at hand."""


class Standing(NamedTuple):
    """Where a population stands on the `W` paths of a group, month after month; the caller allocates it."""

    state: np.ndarray
    """(O, W) int8 instalments that an obligor has missed, DEFAULT once it has ended."""
    open: np.ndarray
    """(L, W) int8 1 while something is owed of an order."""
    restructured: np.ndarray
    """(O, W) int32 month in which an obligor was restructured, 0 if it was not; (0, W) where nobody can be."""
    terms: RestructuringTerms
    infection: Infection


@borrowing
def _next_state(chance, word):
    """State drawn from conditional probabilities `chance` (9,), by LoanState."""
    point = (float(word) + 0.5) / 4294967296.0
    k, cumulative = 0, chance[ORDER[0]]
    while point >= cumulative and k < len(ORDER) - 1:
        k += 1
        cumulative += chance[ORDER[k]]
    return int(ORDER[k])


@borrowing
def _from_current(chance, word, multiple):
    """State of an obligor that was current, as `_next_state` has it, where its orders' exits are theirs to draw."""
    point = (float(word) + 0.5) / 4294967296.0
    late, worse = chance[LoanState.DPD_1_30], chance[LoanState.DPD_1_30] + chance[LoanState.DEFAULT]
    stay = max(0.0, 1.0 - worse)
    if multiple != 1.0:
        stay = stay**multiple
    if worse <= 0.0 or point < stay:
        return 0
    return 1 if (point - stay) * worse < (1.0 - stay) * late else 4


@borrowing
def _own_exit(chance, word):
    """Where an order of an obligor that pays on schedule goes: it stays, or is prepaid, bought back or cancelled."""
    point = (float(word) + 0.5) / 4294967296.0
    exits = chance[LoanState.PREPAID] + chance[LoanState.REPURCHASED] + chance[LoanState.DILUTED]
    on = chance[LoanState.CURRENT] + exits
    cumulative = 0.0
    for state in range(LoanState.PREPAID, LoanState.DILUTED + 1):
        cumulative += chance[state]
        if point * on < cumulative:
            return state
    return 0


@borrowing
def _orders(obligor, orders, curve, chance, month, draws, is_open, work):
    """A month (ObligorMonth) of the open orders of an obligor; returns how many are still owed.

    `chance` (R, M + 1, 4, 9) of the path, `draws` of the group, `is_open` (L, W).
    """
    w, t, left = month.path, month.t, 0
    stays = month.origin == LoanState.CURRENT and month.state == LoanState.CURRENT
    for n in range(obligor["first"], obligor["first"] + obligor["count"]):
        if is_open[n, w] == 0:
            continue
        order, own = orders[n], month
        if stays:
            word = draw_block(draws.seed, order["key"], draws.path + w, draws.salt + t, Purpose.MONTH)[1]
            own = with_state(month, _own_exit(chance[order["profile"], t, 0], word))
        if move_order(order, curve, own, work) == 0:
            is_open[n, w] = 0
        else:
            left += 1
    return left


@borrowing
def _infect(infection, t):
    """Begin month `t`: multiples by the defaults of the months before, and an empty count in place of the oldest."""
    strength, cap = infection.terms[0], infection.terms[1]
    months = infection.recent.shape[2]
    for k in range(1, len(infection.members)):
        for w in range(infection.recent.shape[1]):
            defaults = 0
            for s in range(months):
                defaults += infection.recent[k, w, s]
            infection.multiple[k, w] = min(cap, 1.0 + strength * float(defaults) / float(infection.members[k]))
            infection.recent[k, w, t % months] = 0


@borrowing
def _multiple(shock, infection, o, w):
    """Multiple of obligor `o` on path `w`: what strikes its cluster times what the defaults in its cluster do."""
    multiple = 1.0
    if shock.multiple.shape[0] > 0:
        multiple = shock.multiple[shock.cluster[o], w]
    if len(infection.members) > 0:
        multiple *= infection.multiple[infection.cluster[o], w]
    return multiple


class _Who(NamedTuple):
    """An obligor on a path."""

    obligor: int
    profile: int
    """Row of its odds."""
    path: int
    """Place of the path in its group."""


@borrowing
def _due(standing, who, t):
    """Month of the schedule of an obligor (`_Who`) at the end of month `t`."""
    since = 0 if standing.restructured.shape[0] == 0 else standing.restructured[who.obligor, who.path]
    return schedule_month(since, standing.terms.shift[who.profile], t)


@borrowing
def _follow(chance, state, word, multiple, standing, who, t):
    """State of an obligor (`_Who`) at the end of a month, from `chance` (9,); a restructuring is noted in `standing`.

    While its instalments rest it cannot leave; restructured again, it defaults.
    """
    o, r, w = who.obligor, who.profile, who.path
    if standing.restructured.shape[0] > 0 and standing.restructured[o, w] > 0:
        since = standing.restructured[o, w]
        if t - since <= standing.terms.shift[r] - PERFORMING:
            return 0
        multiple *= standing.terms.multiple[r]
    if np.isinf(multiple):
        return state + 1
    following = _from_current(chance, word, multiple) if state == 0 else _next_state(chance, word)
    if following == LoanState.RESTRUCTURED:
        if standing.restructured[o, w] > 0:
            return 4
        standing.restructured[o, w] = t
        return 0
    return following


@borrowing
def migrate_by_month(
    obligors: Any, orders: Any, curve: Any, chance: Any, draws: Any, work: Any, shock: Any, standing: Any
) -> None:
    """Add the deviations of the whole population on the paths of a group into `work`, as `run_lanes` has it.

    `chance` (W, R, M + 1, 4, 9) conditional probabilities, `draws` those of the group (its first path), `shock` what
    strikes the clusters; `standing` begins with the cut-off.
    """
    infection = standing.infection
    for t in range(1, chance.shape[2]):
        _infect(infection, t)
        for o in range(len(obligors)):
            obligor = obligors[o]
            for w in range(chance.shape[0]):
                state = int(standing.state[o, w])
                if state >= LoanState.DEFAULT:
                    continue
                multiple = _multiple(shock, infection, o, w)
                odds = chance[w, obligor["profile"], t, state]
                word = draw_block(draws.seed, obligor["key"], draws.path + w, draws.salt + t, Purpose.MONTH)[0]
                who = _Who(o, obligor["profile"], w)
                before = _due(standing, who, t - 1)
                following = _follow(odds, state, word, multiple, standing, who, t)
                month = ObligorMonth(w, state, following, t, before, _due(standing, who, t))
                left = _orders(obligor, orders, curve, chance[w], month, draws, standing.open, work)
                if following == LoanState.DEFAULT and len(infection.members) > 0:
                    infection.recent[infection.cluster[o], w, t % infection.recent.shape[2]] += 1
                standing.state[o, w] = following if left > 0 else LoanState.DEFAULT
