"""The series of a trust in words: what results carry of them, and what `explain` tells."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.series import Series, SeriesClass
from abssim.deal.series_formula import ENDS_REVOLVING, groups, notes_of
from abssim.money import to_minor
from abssim.result import SeriesTerms


def series_terms(deal: Deal) -> tuple[SeriesTerms, ...]:
    """Series of a master trust, in the deal's order."""
    found = []
    for name, series in deal.series.items():
        percents = {key: each.required_subordination_pct for key, each in series.classes.items()}
        found.append(
            SeriesTerms(
                name=name,
                classes={key: each.notes for key, each in series.classes.items()},
                required_subordination={key: pct / 100.0 for key, pct in percents.items() if pct is not None},
                held_by_transferor=series.subordinated_transferor,
                unit=to_minor(series.subordination_unit or 0.0, deal.currency),
                accumulations={key: notes_of(series, key) for key in series.accumulation},
                description=tuple(_sentences(deal, series)),
            )
        )
    return tuple(found)


def excess_funding(deal: Deal) -> str:
    """Account whose cash counts as receivables, or nothing."""
    return (deal.transferor.excess_funding if deal.transferor else None) or ""


def required_transferor(deal: Deal) -> float | None:
    """Least transferor amount, decimal of the pool."""
    required = deal.transferor.required_pct if deal.transferor else None
    return None if required is None else required / 100.0


def _sentences(deal: Deal, series: Series) -> Iterator[str]:
    yield f"Classes, senior first: {'; '.join(_class(key, each) for key, each in series.classes.items())}."
    if series.subordinated_transferor:
        yield "The transferor subordinates what the classes require and no junior class gives."
    yield (
        "Finance charges and defaults are allocated by the collateral amount at the end of the date before, over the "
        "larger of the pool then and all numerators; principal likewise, by an amount that is fixed once it "
        "accumulates or amortizes."
    )
    for group in groups(series):
        if group.first:
            yield f"From payment date {group.first} the amount of {', '.join(group.notes)} is fixed until it is repaid."
    for key, terms in series.accumulation.items():
        last, notes = terms.first + terms.periods - 1, ", ".join(notes_of(series, key))
        deposits = "one deposit" if terms.periods == 1 else f"{terms.periods} equal deposits"
        yield f"{notes}: {deposits} from payment date {terms.first}, repaid on payment date {last}."
    yield f"It amortizes early {_causes(deal, series)}."


def _class(key: str, terms: SeriesClass) -> str:
    notes = f"{key} ({', '.join(terms.notes) or 'no notes'})"
    required = terms.required_subordination_pct
    return notes if required is None else f"{notes}, at least {required:g} % of the series below it"


def _causes(deal: Deal, series: Series) -> str:
    own = list(series.early_amortization)
    others = [name for name, each in deal.triggers.items() if each.effect in ENDS_REVOLVING and name not in own]
    after = f"after payment date {deal.dates.revolving_periods}, when the trust's revolving period is over"
    return ", or ".join([f"if {' or '.join([*own, *others])} fires", after] if own or others else [after])
