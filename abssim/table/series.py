"""Series of a master trust: what stands behind each class at closing, and what each series got and lost by date."""

from __future__ import annotations

from rich.console import RenderableType

from abssim.amount import NOTHING, Scale
from abssim.engine.state import block
from abssim.kind.pool import PoolField
from abssim.measure.series import SeriesMeasure, series_measures, transferor_amount
from abssim.result import RunResult
from abssim.table.grid import abbreviate, grid, stack
from abssim.table.number import day, fit, percent


def series_tables(result: RunResult, everything: bool = False) -> RenderableType:
    """What stands behind the classes of all series, then a table for each series."""
    measures = series_measures(result)
    return stack([_behind(result, measures), *(_by_date(result, series, everything) for series in measures)])


def _behind(result: RunResult, measures: tuple[SeriesMeasure, ...]) -> RenderableType:
    """Every class at closing, and the transferor."""
    seller = transferor_amount(result)
    largest = max(int(series.collateral_amount[0]) for series in measures)
    scale = fit(max(largest, int(abs(seller[0]))), result.currency, 14)
    rows = []
    for series in measures:
        for k, key in enumerate(series.terms.classes):
            required = series.terms.required_subordination.get(key)
            amounts = (series.balance[0, k], series.nominal_liquidation_amount[0, k], series.subordination[0, k])
            shares = (percent(series.credit_enhancement[0, k]), percent(required))
            rows.append([series.terms.name if k == 0 else "", key, *map(scale.text, amounts), *shares])
        if series.terms.held_by_transferor:
            held = scale.text(series.subordinated_transferor[0])
            rows.append(["", "transferor", "", held, "", "", ""])
    pool = block(result.initial, result.layout, "pool")[0, PoolField.CLOSING_BALANCE]
    share = percent(seller[0] / pool) if pool else NOTHING
    rows.append(["Transferor", "", "", scale.text(seller[0]), "", share, percent(result.required_transferor)])
    columns = ["Series", "Class", "Balance", "Nominal liq.\namount", "Ranks below", "CE, %", "Required, %"]
    caption = (
        "CE: what ranks below, % of the collateral amount of the series (nominal liquidation amounts and what the "
        "transferor subordinates). Last row: the seller's interest, the pool less all collateral amounts, in % of it."
    )
    return grid(f"Series at closing, {scale.unit}", columns, rows, words=2, caption=caption)


def _by_date(result: RunResult, measure: SeriesMeasure, everything: bool) -> RenderableType:
    amounts = {
        "Finance\ncharges": measure.allocated["finance_charge_collections"],
        "Principal\nalloc.": measure.allocated["principal_collections"],
        "Defaults": measure.allocated["default_amount"],
        "Charge-offs\noutst.": measure.charge_offs[1:],
        "Accumu-\nlated": measure.accumulated[1:].sum(axis=1),
        "Collateral\namount": measure.collateral_amount[1:],
    }
    shares = {
        "Floating\n%": measure.percentages["floating_allocation"],
        "Principal\n%": measure.percentages["principal_allocation"],
        "Excess\nspread %": measure.percentages["excess_spread"],
    }
    scale = fit(int(max(abs(each).max() for each in amounts.values())), result.currency, 9)
    rows = [
        [
            str(result.dates.number[t]),
            day(result.dates.payment[t]),
            *(percent(each[t]) for each in shares.values()),
            *(_money(scale, float(each[t])) for each in amounts.values()),
        ]
        for t in range(result.periods)
    ]
    caption = "Allocated by the shares of the date; outstanding, accumulated and collateral amounts after its payments."
    columns = ["#", "Date", *shares, *amounts]
    title = f"Series {measure.terms.name}, {scale.unit}"
    return grid(title, columns, abbreviate(rows, everything), words=2, caption=caption)


def _money(scale: Scale, minor: float) -> str:
    return scale.text(minor) if minor else NOTHING
