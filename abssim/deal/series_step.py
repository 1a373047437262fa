"""Steps written once for several series: `this` stands for each, a class for its notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from abssim.deal.deal import Deal
from abssim.deal.observable import step_key
from abssim.deal.payee import leaves
from abssim.deal.series import ALL
from abssim.deal.series_formula import account_of, deposit_limit, plain, prefix
from abssim.deal.waterfall import Step
from abssim.node import DocumentPath

THIS = "this"
"""The series a step is written for."""
_WORDS = {"name", "rule", "order", "series"}
_NAMES = {"source", "support", "payees", "into", "books"}
"""Parts of a step that are names; the others are expressions."""
PlacedStep = tuple[Step, DocumentPath]


def for_each_series(deal: Deal, regime: str, steps: tuple[Step, ...]) -> Iterator[PlacedStep]:
    """Steps as they are carried out, each with its place in the document."""
    for index, step in enumerate(steps):
        path = ("waterfalls", regime, index)
        if step.series:
            names = deal.series if ALL in step.series else [name for name in deal.series if name in step.series]
            meant = [_resolved(deal, _meant(step, name)) for name in names]
            yield from ((each, path) for each in meant if each.payees or not step.payees)
        else:
            yield _resolved(deal, step), path


def _meant(step: Step, series: str) -> Step:
    """The step of one series."""
    fields = {name: _said(getattr(step, name), series) for name in step.model_fields_set - _WORDS}
    fields |= {name: _named(fields[name]) for name in fields.keys() & _NAMES}
    fields["caps"] = {plain(payee): cap for payee, cap in fields.get("caps", {}).items()}
    return step.model_copy(update=fields | {"name": f"{series} {step.name}", "series": ()})


def _said(value: Any, series: str) -> Any:
    """Words, lists of words and mappings with the series in the place of `this`, as expressions spell it."""
    if isinstance(value, str):
        value = re.sub(rf"\bstep\.{THIS}\.", f"step.{step_key(series)}_", value)
        return re.sub(rf"\b{THIS}\.", f"{prefix(series)}.", value)
    return _each(value, lambda word: _said(word, series))


def _named(value: Any) -> Any:
    """The same with names as they are."""
    return plain(value) if isinstance(value, str) else _each(value, _named)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """A change made to every word of a list or mapping."""
    if isinstance(value, tuple):
        return tuple(change(each) for each in value)
    return {change(key): change(each) for key, each in value.items()} if isinstance(value, dict) else value


def _resolved(deal: Deal, step: Step) -> Step:
    """Classes become their notes, and `series.S.accumulation` the accounts it stands for, within their limits."""
    source = tuple(account for name in step.source for account in _accounts(deal, name))
    support = tuple(account for name in step.support for account in _accounts(deal, name))
    caps: dict[str, str] = {}
    for series, terms in deal.series.items():
        if plain(f"{prefix(series)}.accumulation") in (leaf.text for leaf in leaves(step.payees)):
            caps |= {plain(account_of(series, key)): deposit_limit(series, terms, key) for key in terms.accumulation}
    for payee, cap in step.caps.items():
        resolved = _payees(deal, payee)
        caps[resolved[0] if len(resolved) == 1 and isinstance(resolved[0], str) else payee] = cap
    payees = _tree(deal, step.payees, step.order == "pro_rata")
    return step.model_copy(update={"source": source, "support": support, "payees": payees, "caps": caps})


def _accounts(deal: Deal, name: str) -> tuple[str, ...]:
    for series, terms in deal.series.items():
        if name == plain(f"{prefix(series)}.accumulation"):
            return tuple(plain(account_of(series, key)) for key in terms.accumulation)
    return (name,)


def _tree(deal: Deal, payees: tuple[Any, ...], pro_rata: bool) -> tuple[Any, ...]:
    """A tree of payees with classes written out; the notes of a class share pro rata."""
    tree: list[Any] = []
    for payee in payees:
        if isinstance(payee, tuple):
            tree.append(_tree(deal, payee, not pro_rata))
        else:
            for part in _payees(deal, payee):
                tree += part if pro_rata and isinstance(part, tuple) else [part]
    return tuple(tree)


def _payees(deal: Deal, name: str) -> list[Any]:
    """What a name of a series stands for: notes of a class or of all classes, its fees, accounts of accumulations."""
    for series, terms in deal.series.items():
        rest = name.removeprefix(plain(f"{prefix(series)}."))
        if rest == name:
            continue
        key, _, component = rest.partition(".")
        if key == "accumulation" and not component:
            return [*_accounts(deal, name)]
        if key == "fees" and not component:
            return [*terms.fees]
        classes = [*terms.classes] if key == "notes" else [key]
        if key == "notes" or any(key in each.classes for each in deal.series.values()):
            classes = [each for each in classes if each in terms.classes]
            written = [tuple(f"{n}.{component}" if component else n for n in terms.classes[c].notes) for c in classes]
            return [notes[0] if len(notes) == 1 else notes for notes in written if notes]
    return [name]
