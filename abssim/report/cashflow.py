"""All cash flows as one tidy table: a row per scenario, date and item."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from abssim.engine.layout import (
    AccountField,
    FeeField,
    HolderField,
    LedgerField,
    NoteField,
    PoolField,
    StepField,
    TriggerField,
)
from abssim.engine.state import block
from abssim.money import minor_digits
from abssim.report.file import harmless, replacing
from abssim.report.sheet import Kind, Sheet, Value, sheets
from abssim.result import RunResult
from abssim.solve.study import Study

_FIELDS: dict[str, type[IntEnum]] = {
    "pool": PoolField,
    "note": NoteField,
    "account": AccountField,
    "ledger": LedgerField,
    "fee": FeeField,
    "step": StepField,
    "trigger": TriggerField,
    "holder": HolderField,
}
COLUMNS = ("scenario", "date", "period", "kind", "name", "field", "amount")


class Item(NamedTuple):
    """One figure; amounts in currency units, triggers as they are."""

    scenario: str
    date: date
    period: int
    kind: str
    name: str
    field: str
    amount: Decimal


def items(run: RunResult) -> Iterator[Item]:
    """Every figure of a run, by kind, name, date and field."""
    for kind, fields in _FIELDS.items():
        flow = block(run.trace, run.layout, kind)
        power = 0 if kind == "trigger" else -minor_digits(run.currency)
        for i, name in enumerate(_names(run, kind)):
            for t in range(run.periods):
                when = (run.scenario_name, run.dates.payment[t], run.dates.number[t])
                for field in fields:
                    amount = Decimal(int(flow[t, i, field])).scaleb(power)
                    yield Item(*when, kind, name, field.name.lower(), amount)


def write_csv(studies: Sequence[Study], path: Path) -> None:
    """The tidy table as CSV; amounts to the minor unit."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for study in studies:
            for item in items(study.run):
                text = (harmless(item.scenario), item.date.isoformat(), item.period, item.kind, harmless(item.name))
                writer.writerow((*text, item.field, f"{item.amount:f}"))


def write_parquet(studies: Sequence[Study], path: Path) -> None:
    """The tidy table as Parquet; amounts as float64."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [item for study in studies for item in items(study.run)]
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    table = pa.table({**columns, "amount": [float(amount) for amount in columns["amount"]]})
    with replacing(path) as temporary:
        pq.write_table(table, temporary)


def write_folder(studies: Sequence[Study], folder: Path) -> None:
    """A CSV of every sheet, and the tidy table as `cash_flows.csv`."""
    digits = minor_digits(studies[0].run.currency)
    for sheet in sheets(studies):
        write_sheet(sheet, folder / f"{sheet.name.lower().replace(' ', '_')}.csv", digits)
    write_csv(studies, folder / "cash_flows.csv")


def write_sheet(sheet: Sheet, path: Path, digits: int = 2) -> None:
    """One sheet as CSV; money with so many digits."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(column.key for column in sheet.columns)
        for row in sheet.rows:
            writer.writerow(_text(c.kind, value, digits) for c, value in zip(sheet.columns, row, strict=True))


def _text(kind: Kind, value: Value, digits: int) -> Value:
    if isinstance(value, str):
        return harmless(value)
    return f"{value:.{digits}f}" if kind == "money" and isinstance(value, float) else value


def _names(run: RunResult, kind: str) -> Sequence[str]:
    if kind == "pool":
        return run.names.pools if run.layout.pools == len(run.names.pools) else ("all", *run.names.pools)
    if kind == "step":
        return [f"{step.regime}.{step.name}" for step in run.steps_terms]
    if kind == "trigger":
        return [terms.name for terms in run.triggers_terms]
    named = {"note": run.names.notes, "account": run.names.accounts, "ledger": run.names.ledgers}
    return {**named, "fee": run.names.fees, "holder": run.names.holders}[kind]
