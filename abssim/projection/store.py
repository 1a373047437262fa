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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from abssim.engine.layout import Fan, NoteSummary, PoolSummary
from abssim.engine.summary import Outcome
from abssim.errors import Problem, StoreError
from abssim.file import replacing
from abssim.program.compile import CompiledDeal
from abssim.projection.job import Job
from abssim.projection.outcome import build, fingerprint
from abssim.projection.settings import Settings
from abssim.scenario.scenario import Scenario

MANIFEST = "_manifest.json"
"""Readers of partitioned Parquet skip names that begin with an underscore."""
FORMAT = 1


def manifest_of(compiled: CompiledDeal, scenarios: Sequence[Scenario], settings: Settings) -> dict[str, Any]:
    """What the paths of a folder depend on."""
    return {
        "format": FORMAT,
        "deal": compiled.deal.name,
        "fingerprint": compiled.fingerprint,
        "settings": asdict(settings),
        "versions": build(),
        "scenarios": {scenario.name: fingerprint(compiled, scenario) for scenario in scenarios},
    }


def open_folder(folder: Path, manifest: dict[str, Any], resume: bool) -> None:
    """Make the folder, or see that what it holds is of the same job; further scenarios are added to its manifest."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = [each.name for each in folder.iterdir() if not each.name.startswith(".")]
        if found:
            _require_same(folder, found, manifest, resume)
        with replacing(folder / MANIFEST) as temporary:
            temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        text = f"no folder of results can be made or used there: {error.strerror or error}"
        raise StoreError(Problem("E533", str(folder), "", text, "name another folder")) from None


def _require_same(folder: Path, found: Sequence[str], manifest: dict[str, Any], resume: bool) -> None:
    """What is in the folder must be results of the same job, and there to be gone on from."""
    if MANIFEST not in found:
        text = "the folder holds other files than results"
        raise StoreError(Problem("E533", str(folder), "", text, "name a new or an empty folder"))
    if not resume:
        hint = "go on from them with --resume (resume=True), or name another folder"
        raise StoreError(Problem("E531", str(folder), "", "the folder holds results already", hint))
    file = folder / MANIFEST
    hint = "nothing was changed: name another folder, or repeat the command that made this one"
    problems = [Problem("E532", str(file), place, text, hint) for place, text in _differences(file, manifest)]
    if problems:
        raise StoreError(problems)


def _differences(file: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Place and words for all in which a folder's manifest is not that of this job."""
    try:
        theirs = dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        yield "", "cannot be read"
        return
    mine = dict(manifest)
    if theirs.get("fingerprint") != mine["fingerprint"]:
        yield "fingerprint", "the folder is of another deal, or of the deal with another tape"
    else:
        scenarios = theirs.get("scenarios", {})
        for name in scenarios.keys() - mine["scenarios"].keys():
            yield f"scenarios.{name}", "the folder has this scenario, which is not asked for"
        for name in scenarios.keys() & mine["scenarios"].keys():
            if scenarios[name] != mine["scenarios"][name]:
                yield f"scenarios.{name}", "the folder is of another scenario with this name"
    for part in ("format", "settings", "versions"):
        there, now = _flat(part, theirs.get(part)), _flat(part, mine[part])
        for key in sorted(there.keys() | now.keys()):
            if there.get(key) != now.get(key):
                yield key, f"the folder is of {there.get(key)}, this run of {now.get(key)}"


def _flat(name: str, value: Any) -> dict[str, Any]:
    """A value by its name, or the parts of a mapping by theirs, however deep."""
    if not isinstance(value, dict):
        return {name: value}
    return {place: part for key, inner in value.items() for place, part in _flat(f"{name}.{key}", inner).items()}


class BlockStore:
    """The finished blocks of one job in a folder."""

    def __init__(self, folder: Path, job: Job) -> None:
        self.folder = folder / f"scenario={quote(job.scenario.name, safe=' ')}"
        triggers, policies = list(job.compiled.deal.triggers), list(job.scenario.policies)
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
            try:
                kept = self._block(file)
            except (OSError, ValueError, KeyError) as error:
                reason = str(error).splitlines()[0][:100]
                notice(f"{file} is not a whole block of this job ({reason}): its paths are run again")
                continue
            paths = kept["path"][kept["path"] < len(done)]
            for name, view in views.items():
                view[paths] = kept[name][: len(paths)]
            done[paths] = True
        return done

    def _block(self, file: Path) -> dict[str, npt.NDArray[Any]]:
        """Columns of a block; ValueError if they are not this job's, or not what was written."""
        import pyarrow.parquet as parquet

        with parquet.ParquetFile(file) as part:
            about = json.loads((part.schema_arrow.metadata or {}).get(b"abssim", b"{}"))
            if about.get("job") != self.about["job"]:
                raise ValueError("it belongs to another job")
            table = part.read()
        kept = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            flat = column.combine_chunks()
            size = getattr(flat.type, "list_size", 0)
            kept[name] = flat.flatten().to_numpy().reshape(-1, size) if size else flat.to_numpy()
        if _digest(kept) != about.get("sha256"):
            raise ValueError("its checksum is wrong")
        return kept


def _digest(columns: dict[str, npt.NDArray[Any]]) -> str:
    """sha256 of columns and their names."""
    digest = hashlib.sha256()
    for name, values in columns.items():
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _columns(
    outcome: Outcome, notes: Sequence[str], triggers: Sequence[str], policies: Sequence[str]
) -> dict[str, npt.NDArray[Any]]:
    """Each column as a view of the arrays: (P,), or (P, T) where it is a list by date."""
    found = {f"pool.{field.name.lower()}": outcome.pool[:, field] for field in PoolSummary}
    for n, name in enumerate(notes):
        found |= {f"note.{name}.{field.name.lower()}": outcome.note[:, n, field] for field in NoteSummary}
        found[f"note.{name}.wal"] = outcome.life[:, n]
        found[f"note.{name}.cash"] = outcome.cash[:, n]
    found |= {f"fan.{series.name.lower()}": outcome.fan[:, series] for series in Fan}
    found |= {f"trigger.{name}": outcome.trigger[:, g] for g, name in enumerate(triggers)}
    return found | {f"policy.{name}": outcome.policy[:, q] for q, name in enumerate(policies)}
