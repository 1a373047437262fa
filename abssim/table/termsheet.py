"""Term sheet, credit enhancement and outcome of each note."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from abssim.amount import NOTHING, Scale
from abssim.engine.state import block
from abssim.kind.account import AccountField
from abssim.measure.call import exercised_call
from abssim.measure.enhancement import Enhancement, ranks
from abssim.measure.note import total_wal
from abssim.measure.pool import pool_measure
from abssim.measure.series import series_measures
from abssim.measure.termsheet import TermSheetRow, term_sheet
from abssim.study.breakeven import Limit
from abssim.study.study import Study
from abssim.table.cash import cash_table
from abssim.table.footnote import late_words, residual_words, start_words
from abssim.table.grid import grid, stack
from abssim.table.number import day, fit, number, percent, window

Rows = Sequence[TermSheetRow]


def term_sheet_tables(study: Study) -> RenderableType:
    """Five tables: the notes, what stands behind each, what each withstands, what each receives, all cash; below them
    what two of their figures are made of."""
    rows = term_sheet(study.run, study.to_maturity)
    scale = fit(sum(row.measure.initial_balance for row in rows), study.run.currency, 16)
    tables = [_notes(study, rows, scale), _enhancement(study, rows), *_break_even(study), _outcome(rows, scale)]
    tables.append(cash_table(study.run))
    return stack([*tables, Text(_made_of(study), style="dim")])


def _made_of(study: Study) -> str:
    """How enhancement and losses are counted where a waterfall may say otherwise, in words."""
    ranked = "" if study.run.series_terms else "Subordination goes by the order of the notes, whatever is paid first."
    lost = residual_words(study.run.notes_terms, "Principal loss, also at a break-even,")
    return f"{ranked}{lost}{late_words(study.run)}".strip()


def _notes(study: Study, rows: Rows, scale: Scale) -> RenderableType:
    columns = ["Class", "Coupon", f"Balance,\n{scale.unit}", "% of\npool", "CE, %", "WAL\nto call", "WAL to\nmaturity"]
    columns += ["Window", "Expected\nfinal", "Legal\nfinal"]
    cells = [
        [
            row.terms.name,
            row.terms.coupon or NOTHING,
            scale.text(row.measure.opening_balance),
            percent(row.share_of_pool),
            percent(row.enhancement.total),
            number(study.to_call(row.measure.wal)),
            number(row.wal_to_maturity),
            window(row.measure.window),
            day(row.measure.expected_final),
            day(row.terms.legal_final),
        ]
        for row in rows
    ]
    balance = scale.text(sum(row.measure.opening_balance for row in rows))
    share = sum(row.share_of_pool for row in rows)
    to_maturity = None if study.to_maturity is None else total_wal(study.to_maturity)
    lives = (study.to_call(total_wal(study.run)), to_maturity)
    cells.append(["Total", "", balance, percent(share), "", *map(number, lives)])
    caption = (
        f"CE: credit enhancement at {_start(study)}, {_of_what(study)}. WAL: years, 30/360 from "
        f"{start_words(study.run)}. "
        "Window: first and last payment date with principal. Residual cash is no principal."
    )
    call = exercised_call(study.run)
    if call is not None:
        paid, held = scale.text(call.price), scale.text(call.pool_balance)
        caption += f" Called on {day(call.date)}: {paid} paid for a pool of {held}."
    title = "Term sheet" if study.end == "call" else "Term sheet, never called"
    return grid(title, columns, cells, words=2, caption=caption)


def _enhancement(study: Study, rows: Rows) -> RenderableType:
    columns = ["Class", "Subordination", "Overcollateralization", "Reserve", "Total"]
    cells = [[row.terms.name, *map(percent, _shares(row.enhancement))] for row in rows]
    caption = (
        f"{_ranking(study)}. {_reserves(study)}. Not in the total: excess spread, "
        f"{_spread(study)} a year in the first period (income of the pool less coupons, fees and defaults)."
    )
    return grid(f"Credit enhancement, {_of_what(study)}", columns, cells, caption=caption)


def _start(study: Study) -> str:
    """When the run begins, in short."""
    return "closing" if study.run.dates.previous_unadjusted is None else "the start"


def _of_what(study: Study) -> str:
    return "% of the collateral amount of the series" if study.run.series_terms else "% of the pool"


def _spread(study: Study) -> str:
    """Of the pool, or of each series."""
    found = series_measures(study.run)
    if not found:
        return f"{percent(float(pool_measure(study.run).excess_spread[0]))} %"
    return ", ".join(f"{each.terms.name} {percent(each.percentages['excess_spread'][0])}" for each in found) + " %"


def _shares(found: Enhancement) -> tuple[float, ...]:
    return found.subordination, found.overcollateralization, found.reserve, found.total


def _reserves(study: Study) -> str:
    """Which accounts count as reserve for whom, and whose cash does not, in words."""
    run = study.run
    cash = block(run.initial, run.layout, "account")[:, AccountField.BALANCE]
    named = [f"{account} ({', '.join(notes)})" for account, notes in run.supports.items() if notes]
    left = zip(run.names["account"], cash, strict=True)
    others = [name for name, amount in left if amount and not run.supports.get(name)]
    said = f"Reserve: cash of {', '.join(named)}" if named else "No account stands behind a note"
    return f"{said}; not of {', '.join(others)}" if others else said


def _break_even(study: Study) -> list[RenderableType]:
    if study.break_evens is None:
        return []
    if not study.break_evens:
        return [Text("No break-even: no multiple of the defaults moves the losses of this pool.")]
    columns = ["Class", "Principal loss\nat defaults ×", "CNL\nthere, %", "× base\nCNL"]
    columns += ["Interest short\nat defaults ×", "CNL\nthere, %", "× base\nCNL"]
    cells = [[answer.note, *_limit(answer.principal), *_limit(answer.interest)] for answer in study.break_evens]
    caption = (
        "Lowest multiple of the default curve at which a class loses principal, or is paid interest late. "
        "CNL: cumulative net loss to the end of the pool, % of the initial pool."
    )
    limits = [limit for answer in study.break_evens for limit in (answer.principal, answer.interest)]
    if any(limit is not None and not limit.monotone for limit in limits):
        caption += " ~: at some larger multiple all is well again."
    return [grid("Break-even, to maturity without calls", columns, cells, caption=caption)]


def _limit(found: Limit | None) -> list[str]:
    if found is None:
        return [NOTHING] * 3
    return [multiple_text(found), percent(found.cumulative_net_loss_ratio), number(found.coverage)]


def _ranking(study: Study) -> str:
    """How notes rank for subordination, in words."""
    if study.run.series_terms:
        return "Classes rank as their series says"
    names = study.run.names["note"]
    first = [name for name, rank in zip(names, ranks(names), strict=True) if rank == 0]
    equal = "" if len(first) == 1 else f", {first[0]} to {first[-1]} (one class by name) equally"
    return f"Notes rank in the deal's order{equal}"


def _outcome(rows: Rows, scale: Scale) -> RenderableType:
    columns = ["Class", "Interest", "Principal", "Residual", "Largest int.\nshortfall", "Principal\nloss", "Loss,\n%"]
    columns += ["Yield at\npar, %", "Modified\nduration"]
    cells = []
    for row in rows:
        note = row.measure
        amounts = (note.interest_paid, note.principal_paid, note.residual_paid)
        lost = (note.interest_shortfall, note.principal_loss)
        share = note.principal_loss / note.opening_balance if note.opening_balance else None
        cells.append(
            [
                row.terms.name,
                *map(scale.text, amounts),
                *map(scale.text, lost),
                percent(share),
                percent(row.yield_at_par),
                number(row.modified_duration),
            ]
        )
    caption = "Yield: bond-equivalent, at a price of 100; of the residual it is the internal rate of return."
    return grid(f"Paid over the run, {scale.unit}", columns, cells, caption=caption)


def multiple_text(answer: Limit | None) -> str:
    """The lowest multiple; `> 30` when none was found, `~` when the answer is not monotone."""
    if answer is None:
        return NOTHING
    if answer.multiple is None:
        return f"> {answer.highest:g}"
    return ("" if answer.monotone else "~ ") + f"{answer.multiple:.3f}"
