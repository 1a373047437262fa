"""A compiled deal in words: what results and tables call things."""

from __future__ import annotations

from typing import Any

import numpy as np

from abssim.deal.deal import Deal
from abssim.deal.formulas import trigger_readers
from abssim.deal.note import Note
from abssim.deal.support import supported_notes
from abssim.deal.thing import things
from abssim.deal.unreported import unreported
from abssim.deal.waterfall import Step
from abssim.money import to_minor
from abssim.program.accrual import note_periods
from abssim.program.compile import CompiledDeal
from abssim.program.describe_series import excess_funding, required_transferor, series_terms
from abssim.result import NoteTerms, StepTerms, TriggerTerms


def words_of(compiled: CompiledDeal) -> dict[str, Any]:
    """What results say of a deal whatever happens, by field of `RunResult`."""
    deal, symbols = compiled.deal, compiled.builder.symbols
    return {
        "names": names_of(deal),
        "steps_terms": step_terms(deal),
        "triggers_terms": trigger_terms(compiled),
        "definition_dimensions": tuple(symbols.definition(name) or "number" for name in deal.definitions),
        "supports": supported_notes(deal),
        "unreported": unreported(deal),
        "series_terms": series_terms(deal),
        "excess_funding": excess_funding(deal),
        "required_transferor": required_transferor(deal),
    }


def names_of(deal: Deal) -> dict[str, tuple[str, ...]]:
    """Names of the rows of each block of results, by kind; and of definitions and calls."""
    named = things(deal)
    if len(deal.pools) > 1:
        named["pool"] = ("all", *named["pool"])
    return {**named, "definition": tuple(deal.definitions), "call": tuple(deal.calls)}


def note_terms(compiled: CompiledDeal, rates: np.ndarray, periods: int) -> tuple[NoteTerms, ...]:
    """Terms of the notes; `rates` (T, N) are those of the path."""
    deal, table = compiled.deal, compiled.program.note_date[:periods]
    found = []
    for n, (name, note) in enumerate(deal.notes.items()):
        terms = compiled.program.terms["note"][n]
        rate = table["fixed_rate"][:, n].copy()
        index = rates[:periods, n].copy() if terms["index"] >= 0 else None
        if index is not None:
            rate = np.clip(index + rate, terms["floor"], terms["cap"])
        found.append(
            NoteTerms(
                name=name,
                initial_balance=to_minor(note.balance, deal.currency),
                kind=_kind(note),
                coupon=coupon(note),
                day_count=note.day_count,
                legal_final=note.legal_final or deal.dates.legal_final,
                coupon_rates=rate,
                year_fractions=table["year_fraction"][:, n].copy(),
                index_rates=index,
                accrual_periods=tuple(note_periods(note, compiled.dates)[:periods]),
            )
        )
    return tuple(found)


def _kind(note: Note) -> str:
    if note.notional is not None:
        return "interest-only"
    if note.capitalizes is not None:
        return "accrual"
    if note.floating is not None:
        return "floating"
    if note.step_up:
        return "step-up"
    return "residual" if note.coupon_pct is None else "fixed"


def coupon(note: Note) -> str:
    """The coupon in words: `5.10 %`, `sofr30 + 0.40 %`, `residual`."""
    if note.floating is not None:
        return f"{note.floating.index} + {note.floating.spread_pct:.2f} %"
    if note.coupon_pct is None and not note.step_up:
        return "residual"
    return f"{note.coupon_pct or 0.0:.3g} %" if note.step_up else f"{note.coupon_pct:.3f} %"


def step_terms(deal: Deal) -> tuple[StepTerms, ...]:
    """All steps, in the order of the arrays."""
    return tuple(
        StepTerms(step.name, regime, step.rule, describe(step), step.when or "")
        for regime, steps in deal.waterfalls.items()
        for step in steps
    )


def describe(step: Step) -> str:
    """A step in a sentence."""
    who = _listed(step.payees, step.order == "pro_rata")
    out_of = f" out of {' then '.join(step.source)}" if step.source else ""
    what = {
        "pay_due": f"pay what is due to {who}",
        "pay_amount": f"pay {step.amount} to {who}",
        "pay_down_to": f"pay {who} down until together they are at {step.target}",
        "pay_in_full": f"pay {who} in full, interest before principal",
        "top_up": f"fill {who} to {step.target or 'its target'}",
        "book": f"book {step.amount} on {who}, without cash",
        "pay_remainder": f"pay all that is left to {who}",
        "carry": f"keep what is left in {' then '.join(step.source)}",
    }[step.rule]
    parts = [what if step.rule == "carry" else what + out_of]
    if step.support:
        parts.append(f"with the support of {' then '.join(step.support)}")
    if step.into:
        parts.append(f"into {step.into}")
    if step.pro_rata_by:
        parts.append(f"sharing by {step.pro_rata_by.replace('_', ' ')}")
    if step.cap:
        parts.append(f"at most {step.cap}")
    parts += [f"{payee} at most {cap}" for payee, cap in step.caps.items()]
    parts += [f"moving ledger {ledger} by {what}" for ledger, what in step.books.items()]
    if step.when:
        parts.append(f"if {step.when}")
    return ", ".join(parts)


def _listed(payees: tuple[object, ...], pro_rata: bool) -> str:
    names = [name if isinstance(name, str) else f"({_listed(name, not pro_rata)})" for name in payees]  # type: ignore[arg-type]
    if len(names) < 2:
        return "".join(names)
    return f"{' and '.join(names)} pro rata" if pro_rata else ", then ".join(names)


def _ended(deal: Deal, trigger: str) -> str:
    """What a trigger does to series of a trust."""
    series = [name for name, each in deal.series.items() if trigger in each.early_amortization]
    return f"early amortization of {', '.join(series)}" if series else ""


def trigger_terms(compiled: CompiledDeal) -> tuple[TriggerTerms, ...]:
    """Triggers with what they compare."""
    found = []
    for name, trigger in compiled.deal.triggers.items():
        sides = compiled.builder.comparison(trigger.when)
        comparison, is_amount = (sides[1], sides[3]) if sides else ("", False)
        readers = trigger_readers(compiled.deal, name)
        read = f"read by {', '.join(readers)}" if readers else "nothing in the deal reads it"
        does = trigger.effect or _ended(compiled.deal, name)
        effect = does.replace("_", " ") if does else read
        found.append(TriggerTerms(name, trigger.when, comparison, is_amount, effect, trigger.test == "end"))
    return tuple(found)
