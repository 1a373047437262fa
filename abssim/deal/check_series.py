"""What must hold of the series of a trust before they can be written out."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.series import ALL, Series
from abssim.deal.series_formula import FINANCE_CHARGES, PRINCIPAL, groups, notes_of, series_formulas
from abssim.deal.series_parts import allocated_accounts
from abssim.deal.series_step import for_each_series
from abssim.errors import Problem, did_you_mean
from abssim.node import DocumentPath

_WORDS = ("notes", "fees", "accumulation", "principal", "finance_charges", "charge_offs")


def check_series(deal: Deal) -> Iterator[Problem]:
    """All problems of the series, the transferor, and steps that are written for series."""
    yield from _steps(deal)
    if not deal.series:
        if deal.transferor is not None:
            yield deal.problem("E193", ("transferor",), "is for a trust with series", "add series: …")
        return
    owner: dict[str, str] = {}
    for name, series in deal.series.items():
        path: DocumentPath = ("series", name)
        yield from _classes(deal, series, path, owner)
        yield from _accumulation(deal, series, path)
        yield from _references(deal, series, path)
    for name in deal.notes:
        if name not in owner and {*owner} <= {*deal.notes}:
            text = "belongs to no series, to which all collections but the transferor's go"
            yield deal.problem("E194", ("notes", name), text, "name it in a class of a series")
    yield from _trust(deal)


def _steps(deal: Deal) -> Iterator[Problem]:
    for regime, steps in deal.waterfalls.items():
        for index, step in enumerate(steps):
            for at, name in enumerate(step.series):
                if name not in (ALL, *deal.series) or not deal.series:
                    hint = did_you_mean(name, deal.series) or f"{ALL}, or names under series"
                    yield deal.problem("E193", ("waterfalls", regime, index, "series", at), f'no series "{name}"', hint)
            if step.series and not list(for_each_series(deal, regime, (step,))):
                text = "none of these series has what the step pays"
                yield deal.problem("E193", ("waterfalls", regime, index), text, "leave it out, or correct its payees")


def _classes(deal: Deal, series: Series, path: DocumentPath, owner: dict[str, str]) -> Iterator[Problem]:
    """Notes exist, belong to one class of one series, and names cannot be mistaken."""
    words = {ALL, *_WORDS, *(row.name.rpartition(".")[2] for row in series_formulas(deal))}
    for key, terms in series.classes.items():
        place = (*path, "classes", key)
        if key in words:
            yield deal.problem("E194", place, f'"{key}" is a word of the language of series', "choose another name")
        for index, note in enumerate(terms.notes):
            at = (*place, "notes", index)
            if note not in deal.notes:
                yield deal.problem("E193", at, f'no note "{note}"', did_you_mean(note, deal.notes))
            elif note in owner:
                yield deal.problem("E194", at, f'"{note}" already belongs to {owner[note]}', "name each note once")
            elif note != key and note in series.classes:
                yield deal.problem("E194", at, f'"{note}" is the name of a class too', "rename one")
            elif note == key and len(terms.notes) > 1:
                yield deal.problem("E194", at, f'class "{key}" has other notes too', "give the class another name")
            owner.setdefault(note, f"class {key} of series {path[1]}")
    asks = any(terms.required_subordination_pct is not None for terms in series.classes.values())
    for field in ("subordinated_transferor", "subordination_unit"):
        if getattr(series, field) and not asks:
            text = "no class says how much subordination it requires"
            yield deal.problem("E195", (*path, field), text, "add required_subordination_pct to a class")


def _accumulation(deal: Deal, series: Series, path: DocumentPath) -> Iterator[Problem]:
    """What accumulates exists and does so once, within the revolving period of the trust; fixed amounts are told."""
    known = {*series.classes, *notes_of(series, ALL), ALL}
    seen: set[str] = set()
    unknown = False
    for key, terms in series.accumulation.items():
        place = (*path, "accumulation", key)
        if key not in known:
            unknown = True
            yield deal.problem("E193", place, f'no note or class "{key}" in the series', did_you_mean(key, known))
            continue
        notes = notes_of(series, key)
        if not notes or seen & {*notes}:
            text = "has no notes" if not notes else f"{', '.join(sorted(seen & {*notes}))} accumulates twice"
            yield deal.problem("E194", place, text, "name each note once: itself, in its class or in all")
        seen |= {*notes}
        last, ends = terms.first + terms.periods - 1, deal.dates.revolving_periods
        if last > ends:
            text = f"ends on payment date {last}; the trust revolves until {ends} (dates.revolving_periods)"
            yield deal.problem("E196", (*place, "periods"), text, "after that all principal is paid to the notes")
        if terms.balance and terms.first > deal.dates.started_periods:
            text = "nothing can have been accumulated before the first deposit"
            yield deal.problem("E196", (*place, "balance"), text, "leave it out, or say dates.started_periods")
    if not unknown:
        yield from _fixed_amounts(deal, series, path)


def _fixed_amounts(deal: Deal, series: Series, path: DocumentPath) -> Iterator[Problem]:
    """A revolving period that ended before the start must say what the notes were worth then, and no other one."""
    started = deal.dates.started_periods
    fired = [name for name in series.early_amortization if name in deal.triggers and deal.triggers[name].fired]
    fired += [name for name, trigger in deal.triggers.items() if trigger.fired and trigger.effect]
    over = bool(fired) or started > deal.dates.revolving_periods
    ended = {group.key for group in groups(series) if over or 0 < group.first <= started}
    for key in sorted(ended - {*series.fixed_amount}):
        text = f'the revolving period of "{key}" ended before the start'
        hint = f"add fixed_amount: {{{key}: …}}, its nominal liquidation amount at that time"
        yield deal.problem("E197", path, text, hint)
    for key in series.fixed_amount:
        if key not in ended:
            text = f'no revolving period of "{key}" ended before the start'
            yield deal.problem("E197", (*path, "fixed_amount", key), text, "leave it out")


def _references(deal: Deal, series: Series, path: DocumentPath) -> Iterator[Problem]:
    for field, names in (("early_amortization", deal.triggers), ("fees", deal.fees)):
        for index, name in enumerate(getattr(series, field)):
            if name not in names:
                word = "trigger" if names is deal.triggers else "fee"
                yield deal.problem("E193", (*path, field, index), f'no {word} "{name}"', did_you_mean(name, names))
    if series.charge_offs and not deal.dates.started_periods:
        text = "charge-offs before the first date are for a start in mid-life"
        yield deal.problem("E141", (*path, "charge_offs"), text, "say dates.started_periods, or leave it out")


def _trust(deal: Deal) -> Iterator[Problem]:
    """Collections can be told apart, the transferor's account exists, and nobody sells the pool."""
    charges, principal = allocated_accounts(deal, FINANCE_CHARGES), allocated_accounts(deal, PRINCIPAL)
    for name in charges:
        if name in principal:
            text = f'"{name}" collects finance charges and principal, which are allocated by different percentages'
            hint = f"an account for {', '.join(PRINCIPAL)}, another one for the rest"
            yield deal.problem("E198", ("accounts", name, "collects"), text, hint)
    terms = deal.transferor
    if terms and terms.excess_funding is not None and terms.excess_funding not in deal.accounts:
        text = f'no account "{terms.excess_funding}"'
        yield deal.problem(
            "E193", ("transferor", "excess_funding"), text, did_you_mean(terms.excess_funding, deal.accounts)
        )
    for name in deal.calls:
        text = "a call sells the whole pool, which belongs to all series and the transferor"
        hint = "repay the notes of a series by a step, with `when`"
        yield deal.problem("E199", ("calls", name), text, hint)
