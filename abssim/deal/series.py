"""A trust with series (a master trust): each series owns a share of one pool, the transferor the rest.

Collections and defaults are allocated to a series by its *floating allocation percentage*: its collateral amount at
the end of the month before, over the larger of the pool then (excess funding included) and the sum of all series'
numerators. Principal goes by the *principal allocation percentage*, whose numerator is fixed once the series
accumulates or amortizes: its nominal liquidation amount at the end of its revolving period (in an issuance trust, that
of each tranche which accumulates).

The *collateral amount* is the nominal liquidation amount of the notes and what the transferor holds subordinated to
them. The nominal liquidation amount of a class is its balance less what is accumulated for it, less the charge-offs
and reallocated principal it bears: the most junior layer bears them first and is reimbursed last.

A series is written into what every deal is made of (`abssim.deal.series_parts`): accounts `series.S.finance_charges`,
`series.S.principal` and one for each accumulation, a ledger `series.S.charge_offs`, definitions, steps that allocate
at the head of every waterfall and repay accumulated notes at its end. The order of payments between is the deal's own;
a step with `series` is written once for several of them, `this` standing for each.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from abssim.deal.base import Amount, Figure, Flag, Name, Part, Percent, Positive, Words

ALL = "all"
"""The whole of a series, where one of its notes or classes could be named."""


def _notes(value: Any) -> Any:
    return {"notes": value} if isinstance(value, str | list) else value


class SeriesClass(Part):
    """A class of a series; a bare list of notes is its `notes`."""

    notes: Words = ()
    """Notes of the class, of one rank. None where the transferor holds the whole class."""
    required_subordination_pct: Annotated[Figure, Field(ge=0, lt=100)] | None = None
    """What must rank below the class, percent of what the class, its seniors and this subordination make together: 26
    requires 26 / 74 of their balance less what is accumulated for them."""


class Accumulation(Part):
    """Controlled accumulation: equal deposits, then the notes are repaid out of them."""

    first: Positive
    """Payment date of the deal's life with the first deposit: the revolving period of the notes ends before it."""
    periods: Positive
    """Dates with a deposit; on the last of them the notes are repaid."""
    reinvestment_pct: Percent = 0
    """Earned on what is accumulated, percent a year, by months: finance charges of the series."""
    balance: Amount = 0
    """Accumulated so far at a start in mid-life."""


class Series(Part):
    """A series of a master trust."""

    classes: Annotated[
        dict[Name, Annotated[SeriesClass, BeforeValidator(_notes, json_schema_input_type=list[str] | SeriesClass)]],
        Field(min_length=1, max_length=20),
    ]
    """Classes by name, senior first."""
    subordinated_transferor: Flag = False
    """The transferor subordinates as much of its interest as the classes' required subordination asks for."""
    subordination_unit: Annotated[Figure, Field(gt=0, le=1e15)] | None = None
    """Required subordination is rounded up to a multiple of this, currency units; default: not rounded."""
    accumulation: dict[Name, Accumulation] = Field(default={}, max_length=50)
    """Controlled accumulation by note, by class, or for `all` of the series."""
    fixed_by: Literal["series", "tranche"] = "series"
    """What the principal numerator is fixed for when the first accumulation begins: the whole series, until it is
    repaid; or only the notes that accumulate, each at its own time (issuance trusts)."""
    early_amortization: Words = ()
    """Triggers that end the revolving period of this series alone. Triggers with a regime as effect end that of all."""
    fees: Words = ()
    """Fees of this series: part of its base rate."""
    fixed_amount: dict[Name, Amount] = Field(default={}, max_length=50)
    """For a start after the end of a revolving period: nominal liquidation amount then, of `all`; by tranche, of what
    accumulates together or of a class."""
    charge_offs: Amount = 0
    """Charge-offs and reallocated principal not reimbursed at a start in mid-life."""


class Transferor(Part):
    """The seller's interest: the pool less the collateral amounts of all series."""

    required_pct: Percent | None = None
    """Least transferor amount, percent of the pool: readable as `transferor.required_amount`."""
    excess_funding: str | None = None
    """Account whose cash counts as receivables, for the transferor amount and for allocation."""
