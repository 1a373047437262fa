"""Term sheet, credit enhancement and outcome of each note."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from abssim.measure.enhancement import ranks
from abssim.measure.note import total_wal
from abssim.measure.pool import pool_measure
from abssim.measure.termsheet import TermSheetRow, term_sheet
from abssim.solve.breakeven import BreakEven
from abssim.solve.study import Study
from abssim.table.grid import grid, stack
from abssim.table.number import NOTHING, Scale, day, fit, number, percent, window

Rows = Sequence[TermSheetRow]


def term_sheet_tables(study: Study) -> RenderableType:
    """Three tables: the notes, what stands behind each, what each holder receives."""
    rows = term_sheet(study.run, study.to_maturity)
    scale = fit(sum(row.measure.initial_balance for row in rows), study.run.currency, 16)
    return stack([_notes(study, rows, scale), _enhancement(study, rows), _outcome(rows, scale)])


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
            number(row.measure.wal),
            number(row.wal_to_maturity),
            window(row.measure.window),
            day(row.measure.expected_final),
            day(row.terms.legal_final),
        ]
        for row in rows
    ]
    balance = scale.text(sum(row.measure.opening_balance for row in rows))
    share = sum(row.share_of_pool for row in rows)
    cells.append(
        ["Total", "", balance, percent(share), "", number(total_wal(study.run)), number(total_wal(study.to_maturity))]
    )
    caption = (
        "CE: credit enhancement at closing, % of the pool. WAL: years, 30/360 from closing. "
        "Window: first and last payment date with principal."
    )
    return grid("Term sheet", columns, cells, words=2, caption=caption)


def _enhancement(study: Study, rows: Rows) -> RenderableType:
    answers = {answer.note: answer for answer in study.break_evens}
    columns = ["Class", "Subordination", "Overcollateralization", "Reserve", "Total", "First loss at\ndefaults ×"]
    columns += ["CNL\nthere, %", "× base\nCNL"]
    cells = []
    for row in rows:
        support, answer = row.enhancement, answers.get(row.terms.name)
        shares = (support.subordination, support.overcollateralization, support.reserve, support.total)
        there = (answer.cumulative_net_loss_ratio, answer.coverage) if answer else (None, None)
        cells.append(
            [row.terms.name, *map(percent, shares), multiple_text(answer), percent(there[0]), number(there[1])]
        )
    spread = float(pool_measure(study.run).excess_spread[0])
    caption = (
        f"Shares of the pool, %; {_ranking(study)}; reserve: cash in accounts that take no collections. "
        f"Excess spread, apart: {percent(spread)} % a year in the first period."
    )
    if answers:
        caption += " CNL: cumulative net loss, % of the initial pool."
    if any(not answer.monotone for answer in study.break_evens):
        caption += " ~: some larger multiple shows no loss again."
    return grid("Credit enhancement and break-even", columns, cells, caption=caption)


def _ranking(study: Study) -> str:
    """How notes rank for subordination, in words."""
    names = study.run.names.notes
    first = [name for name, rank in zip(names, ranks(names), strict=True) if rank == 0]
    equal = "" if len(first) == 1 else f", {first[0]} to {first[-1]} (one class by name) equally"
    return f"notes rank in the deal's order{equal}"


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


def multiple_text(answer: BreakEven | None) -> str:
    """The first-loss multiple; `> 30` when none was found, `~` when the loss is not monotone."""
    if answer is None:
        return NOTHING
    if answer.multiple is None:
        return f"> {answer.highest:g}"
    return ("" if answer.monotone else "~ ") + f"{answer.multiple:.3f}"
