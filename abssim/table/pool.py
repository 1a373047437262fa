"""Performance of the pool: cash flows, then speeds and ratios."""

from __future__ import annotations

from rich.console import RenderableType

from abssim.amount import NOTHING
from abssim.kind.pool import PoolField
from abssim.measure.pool import DENOMINATORS, notes_repaid, pool_measure
from abssim.result import RunResult
from abssim.table.grid import abbreviate, grid, stack
from abssim.table.number import day, fit, percent

_FLOWS = {
    "Opening": (PoolField.OPENING_BALANCE,),
    "Income": (PoolField.INTEREST, PoolField.FEE, PoolField.PENALTY),
    "Scheduled": (PoolField.SCHEDULED_PRINCIPAL,),
    "Prepaid": (PoolField.PREPAYMENT,),
    "Returned": (PoolField.REPURCHASE, PoolField.DILUTION),
    "Default": (PoolField.DEFAULT,),
    "Recovery": (PoolField.RECOVERY,),
    "Purchased": (PoolField.PURCHASE,),
    "Sold": (PoolField.SOLD_BALANCE,),
    "Closing": (PoolField.CLOSING_BALANCE,),
}
_OPTIONAL = ("Returned", "Purchased", "Sold")
_RATIOS = {
    "Factor": "factor",
    "CPR": "cpr",
    "CDR": "cdr",
    "1–30\ndpd": "dpd_1_30_ratio",
    "31–60\ndpd": "dpd_31_60_ratio",
    "61–90\ndpd": "dpd_61_90_ratio",
    "Restruc-\ntured": "restructured_ratio",
    "CNL": "cumulative_net_loss_ratio",
    "Cum.\ndefault¹": "cumulative_default_ratio",
    "NPL /\nissue²": "npl_to_issue_ratio",
    "NPL /\npool³": "npl_to_pool_ratio",
    "Excess\nspread": "excess_spread",
}


def pool_tables(result: RunResult, everything: bool = False) -> RenderableType:
    """Flows and ratios of the whole pool by period."""
    return stack([_flows(result, everything), _ratios(result, everything)])


def _flows(result: RunResult, everything: bool) -> RenderableType:
    flow = result.pool_flow[:, 0]
    amounts = {name: flow[:, list(fields)].sum(axis=1) for name, fields in _FLOWS.items()}
    shown = {name: values for name, values in amounts.items() if name not in _OPTIONAL or values.any()}
    largest = max(int(abs(values).max()) for values in shown.values())
    scale = fit(largest, result.currency, 82 // len(shown) - 1)
    unknown = {name for name, fields in _FLOWS.items() if result.unreported.issuperset(_names(fields))}
    rows = [
        [*_when(result, t), *(NOTHING if name in unknown else scale.text(int(v[t])) for name, v in shown.items())]
        for t in range(result.periods)
    ]
    caption = "Income: interest, fees and penalty interest. Recovery: before collection cost."
    if "Returned" in shown:
        caption += " Returned: repurchases and dilution."
    if unknown & shown.keys():
        caption += f" {NOTHING}: not in the servicer's reports, taken as nothing."
    title = f"Pool: cash flows, {scale.unit}"
    return grid(title, ["#", "Date", *shown], abbreviate(rows, everything), words=2, caption=caption)


def _names(fields: tuple[PoolField, ...]) -> set[str]:
    return {field.name.lower() for field in fields}


def _ratios(result: RunResult, everything: bool) -> RenderableType:
    measure = pool_measure(result)
    extended = result.pool_flow[:, 0, PoolField.RESTRUCTURED_BALANCE].any()
    shown = {name: field for name, field in _RATIOS.items() if extended or field != "restructured_ratio"}
    series = [getattr(measure, field) for field in shown.values()]
    rows = [[*_when(result, t), *(percent(float(s[t])) for s in series)] for t in range(result.periods)]
    caption = (
        f"¹ {DENOMINATORS['cumulative_default_ratio']}. ² {DENOMINATORS['npl_to_issue_ratio']}. "
        f"³ {DENOMINATORS['npl_to_pool_ratio']}. CNL: {DENOMINATORS['cumulative_net_loss_ratio']}. "
        "CPR: of balance left after scheduled principal and defaults. CDR: of opening balance. dpd: of closing balance."
    )
    repaid, losses = notes_repaid(result), measure.cumulative_net_loss_ratio
    if repaid is not None and losses[repaid] != losses[-1]:
        loss = percent(float(losses[repaid]))
        caption += f" All notes are repaid on {day(result.dates.payment[repaid])}, when CNL is {loss} %."
    if extended:
        caption += " Restructured: current by an extended plan, of closing balance."
    title = "Pool: speeds and ratios, %"
    return grid(title, ["#", "Date", *shown], abbreviate(rows, everything), words=2, caption=caption)


def _when(result: RunResult, t: int) -> tuple[str, str]:
    return str(result.dates.number[t]), day(result.dates.payment[t])
