"""A tape to CSV or Parquet under abssim's own column names: what `read_tape` reads back without a mapping.

Written to a temporary name and renamed, so an interrupted run leaves the old file or the new one, never half.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abssim.errors import Problem, TapeError
from abssim.file import replacing
from abssim.guard import harmless
from abssim.money import minor_digits
from abssim.tape.contract import is_given
from abssim.tape.particular import PARTICULARS
from abssim.tape.schema import AMOUNTS, CATEGORIES, RATES, TERMS, Array, LoanTape

if TYPE_CHECKING:
    import pyarrow as pa

_ALWAYS = ("balance", "original_balance", "rate", "fee_rate", "original_term", "remaining_term", "age", "days_past_due")
"""Written even where every loan has the neutral value; other columns only where some loan differs."""


def write_tape(tape: LoanTape, path: str | Path) -> None:
    """Writes `.csv` or `.parquet`; FileError where the system refuses.

    Amounts are currency units, rates decimals, texts guarded in CSV.
    """
    target = Path(path)
    kind = target.suffix.lower()
    if kind not in (".csv", ".parquet"):
        raise TapeError(Problem("E232", str(path), "", f'cannot write "{kind}"', "name a .csv or .parquet file"))
    table = tape_table(tape, guard=kind == ".csv")
    with replacing(target) as temporary:
        _write(table, temporary, kind)


def _write(table: pa.Table, path: Path, kind: str) -> None:
    if kind == ".csv":
        from pyarrow import csv

        csv.write_csv(table, path, csv.WriteOptions(quoting_style="needed"))
    else:
        import pyarrow.parquet as pq

        pq.write_table(table, path)


def tape_table(tape: LoanTape, guard: bool = False) -> pa.Table:
    """The tape as an Arrow table, columns without content left out."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {"loan_id": _texts(tape.loan_id.tolist(), guard)}
    if tape.obligor_id is not None:
        columns["obligor_id"] = _texts(tape.obligor_id.tolist(), guard)
    elif not np.array_equal(tape.loan_key, tape.obligor_key):
        columns["obligor_id"] = pa.array(tape.obligor_key).cast(pa.string())
    columns["currency"] = _words(np.zeros(len(tape), dtype=np.int32), [tape.currency], guard)
    scale = 10.0 ** minor_digits(tape.currency)
    for name in AMOUNTS:
        columns[name] = pa.array(tape.codes(name) / scale, mask=tape.payment == 0 if name == "payment" else None)
    for name in (*RATES, *TERMS):
        columns[name] = pa.array(tape.codes(name))
    columns["score"] = pa.array(tape.score, from_pandas=True)
    columns = {name: values for name, values in columns.items() if name in _ALWAYS or _has_content(tape, name)}
    columns["amortization"] = pa.array(tape.column("amortization"))
    columns.update(_particulars(tape, guard))
    columns.update(_further(tape, guard))
    return pa.table(columns)


def _has_content(tape: LoanTape, name: str) -> bool:
    if name in ("loan_id", "obligor_id", "currency"):
        return True
    values: Array = tape.codes(name)
    return bool((values[~np.isnan(values)] != 0).any()) if values.dtype.kind == "f" else bool(values.any())


def _particulars(tape: LoanTape, guard: bool) -> dict[str, pa.Array]:
    """Columns that few contracts have, where some loan differs from the neutral value."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    for name, values in tape.particulars.items():
        if is_given(name, values).any():
            texts = PARTICULARS[name].kind in ("word", "text")
            words = [str(word).encode() for word in tape.column(name)] if texts else []
            columns[name] = _texts(words, guard) if texts else pa.array(values, mask=~is_given(name, values))
    return columns


def _further(tape: LoanTape, guard: bool) -> dict[str, pa.Array]:
    """Schedules, dates, text columns and whatever else the tape carries."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {}
    if tape.schedules:
        columns["schedule"] = _words(tape.schedule, _schedule_texts(tape), guard)
    if tape.origination_month is not None:
        columns["origination_month"] = pa.array(tape.origination_month.astype("datetime64[D]"), from_pandas=True)
    for name in (*CATEGORIES, *tape.extra):
        if name not in tape.labels:
            columns[name] = _numbers(tape.codes(name))
        elif any(tape.labels[name]) or name not in CATEGORIES:
            columns[name] = _words(tape.codes(name), tape.labels[name], guard)
    return columns


def _numbers(values: Array) -> pa.Array:
    """Whole numbers as such: 90210 and not 90210.0."""
    import pyarrow as pa

    known = values[~np.isnan(values)]
    numbers = pa.array(values, from_pandas=True)
    return numbers.cast(pa.int64()) if (np.abs(known) < 2**53).all() and (known == np.rint(known)).all() else numbers


def _schedule_texts(tape: LoanTape) -> list[str]:
    digits = minor_digits(tape.currency)
    return [";".join(f"{amount / 10.0**digits:.{digits}f}" for amount in schedule) for schedule in tape.schedules]


def _words(codes: Array, words: Sequence[str], guard: bool) -> pa.Array:
    import pyarrow as pa

    table = _texts([word.encode() for word in words], guard)
    return table.take(pa.array(codes, mask=codes < 0))


def _texts(texts: Sequence[bytes], guard: bool) -> pa.Array:
    import pyarrow as pa

    decoded = (text.decode() for text in texts)
    return pa.array([harmless(text) for text in decoded] if guard else list(decoded), pa.string())
