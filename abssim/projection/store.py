"""Results in a folder: a manifest, and a Parquet file for each finished block of paths.

    results/
      _manifest.json                           what the paths depend on: a folder holds paths of one job
      scenario=factor/part-000000016.parquet   a row per path, the file named after its first

Columns: `path`, `pool.FIGURE`, `note.NAME.FIGURE`, `note.NAME.wal`, `note.NAME.cash` (a list by date), `fan.SERIES`
(a list by date), `trigger.NAME`, `policy.NAME` (first month in effect). Amounts are in minor units; dates are places,
from 0, in the list of dates that each file's metadata holds under "abssim", -1 for never. A file is there whole or not
at all, with a checksum of its columns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from abssim.engine.deal.summary import Outcome
from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.errors import Problem, StoreError
from abssim.file import replacing
from abssim.projection.job import Job
from abssim.projection.manifest import manifest_of

Columns = dict[str, npt.NDArray[Any]]


class BlockStore:
    """The finished blocks of one job in a folder."""

    def __init__(self, folder: Path, job: Job) -> None:
        self.folder = folder / f"scenario={quote(job.scenario.name, safe=' ')}"
        triggers, policies = list(job.compiled.deal.triggers), [policy.name for policy in job.scenario.acting]
        self.names = ([note.name for note in job.notes], triggers, policies)
        own = manifest_of(job.compiled, [job.scenario], job.settings)
        key = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()
        dates = [day.isoformat() for day in job.compiled.dates.payment[: job.periods]]
        self.about = {"job": key, "currency": job.compiled.deal.currency, "dates": dates}

    def write(self, first: int, outcome: Outcome) -> None:
        """Keep a block that begins with path `first`."""
        import pyarrow as pa
        import pyarrow.parquet as parquet

        views = {"path": np.arange(first, first + len(outcome.pool)), **_columns(outcome, *self.names)}
        columns = {}
        for name, view in views.items():
            flat = pa.array(np.ascontiguousarray(view).reshape(-1))
            columns[name] = flat if view.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, view.shape[1])
        about = json.dumps({**self.about, "sha256": _digest(views)})
        with replacing(self.folder / f"part-{first:09d}.parquet") as temporary:
            parquet.write_table(pa.table(columns).replace_schema_metadata({"abssim": about}), temporary)

    def read(self, outcome: Outcome, notice: Callable[[str], None]) -> npt.NDArray[np.bool_]:
        """Fill `outcome` with what is kept of its paths; returns (P,) which they are. Files that are not whole are
        told to `notice`, and their paths stay open."""
        done = np.zeros(len(outcome.pool), dtype=bool)
        views = _columns(outcome, *self.names)
        for file in sorted(self.folder.glob("part-*.parquet")):
            if file.is_dir():
                text = "a folder stands where a block of paths should be"
                raise StoreError(Problem("E535", str(file), "", text, "move it away"))
            try:
                kept = self._block(file, views)
            except Exception as error:  # a damaged file fails in many ways, and its paths can be run again
                reason = (str(error).splitlines() or [type(error).__name__])[0][:100]
                notice(f"{file} is not a whole block of this job ({reason}): its paths are run again")
                continue
            paths = kept["path"][kept["path"] < len(done)]
            for name, view in views.items():
                view[paths] = kept[name][: len(paths)]
            done[paths] = True
        return done

    def _block(self, file: Path, views: Columns) -> Columns:
        """Columns of a block; ValueError if they are not this job's, or not what was written."""
        import pyarrow.parquet as parquet

        with parquet.ParquetFile(file) as part:
            about = json.loads((part.schema_arrow.metadata or {}).get(b"abssim", b"{}"))
            if not isinstance(about, dict) or about.get("job") != self.about["job"]:
                raise ValueError("it belongs to another job")
            table = part.read()
        kept = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            flat = column.combine_chunks()
            size = getattr(flat.type, "list_size", 0)
            kept[name] = flat.flatten().to_numpy().reshape(-1, size) if size else flat.to_numpy()
        if _digest(kept) != about.get("sha256"):
            raise ValueError("its checksum is wrong")
        _require_shape(kept, views)
        return kept


def _require_shape(kept: Columns, views: Columns) -> None:
    """A block has a row for each of the paths that follow its first, and the columns of the job."""
    paths = kept.get("path", np.zeros(0, dtype=np.int64))
    if not len(paths) or paths[0] < 0 or not np.array_equal(paths, np.arange(len(paths)) + paths[0]):
        raise ValueError("its paths do not follow each other")
    for name, view in views.items():
        if name not in kept or kept[name].shape[1:] != view.shape[1:] or kept[name].dtype != view.dtype:
            raise ValueError(f"its column {name} is of another shape")


def _digest(columns: Columns) -> str:
    """sha256 of columns and their names."""
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _columns(outcome: Outcome, notes: Sequence[str], triggers: Sequence[str], policies: Sequence[str]) -> Columns:
    """Each column as a view of the arrays: (P,), or (P, T) where it is a list by date."""
    found = {f"pool.{field.name.lower()}": outcome.pool[:, field] for field in PoolSummary}
    for n, name in enumerate(notes):
        found |= {f"note.{name}.{field.name.lower()}": outcome.note[:, n, field] for field in NoteSummary}
        found[f"note.{name}.wal"] = outcome.life[:, n]
        found[f"note.{name}.cash"] = outcome.cash[:, n]
    found["negative"] = outcome.negative
    found |= {f"fan.{series.name.lower()}": outcome.fan[:, series] for series in Fan}
    found |= {f"trigger.{name}": outcome.trigger[:, g] for g, name in enumerate(triggers)}
    return found | {f"policy.{name}": outcome.policy[:, q] for q, name in enumerate(policies)}
