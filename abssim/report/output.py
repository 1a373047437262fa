"""Where `--out` goes, by its ending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from abssim.report.cashflow import write_csv, write_folder, write_parquet
from abssim.report.workbook import write_workbook
from abssim.study.choice import require_ending, require_some
from abssim.study.study import Study

_WRITERS = {".xlsx": write_workbook, ".csv": write_csv, ".parquet": write_parquet, "": write_folder}
ENDINGS = tuple(ending for ending in _WRITERS if ending)


def write_runs(studies: Sequence[Study], path: str | Path) -> None:
    """A workbook (.xlsx), tidy cash flows (.csv, .parquet), or a folder of CSV files (a path without an ending).

    Raises AbssimError E002 for another ending, E540 where there is nothing to write.
    """
    target = Path(path)
    require_some(studies, "studies")
    require_ending(target, _WRITERS)
    _WRITERS[target.suffix.lower()](studies, target)
