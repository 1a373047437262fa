"""What the paths of a folder of results depend on: its manifest, and who may write there.

A folder holds paths of one job, and one process writes into it at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from abssim.errors import Problem, StoreError, notify
from abssim.file import replacing
from abssim.program.compile import CompiledDeal
from abssim.projection.assemble import build, fingerprint
from abssim.projection.settings import Settings
from abssim.scenario.scenario import Scenario

MANIFEST = "_manifest.json"
"""Readers of partitioned Parquet skip names that begin with an underscore."""
FORMAT = 1
_LOCK = ".lock"


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


@contextmanager
def opened(
    folder: Path, manifest: dict[str, Any], resume: bool, notice: Callable[[str], None] = notify
) -> Iterator[None]:
    """The folder, made or of the same job, for this process alone; further scenarios are added to its manifest.

    To go on where there is nothing is to begin, as the first of several runs of one command does: told by `notice`.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            held.enter_context(FileLock(folder / _LOCK, timeout=0))
            found = [each.name for each in folder.iterdir() if not each.name.startswith(".")]
            if found:
                _require_same(folder, found, manifest, resume)
            elif resume:
                notice(f"{folder} holds no results to go on from: all paths are run")
            with replacing(folder / MANIFEST) as temporary:
                temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        except Timeout:
            text = "another process is writing into the folder"
            raise StoreError(Problem("E534", str(folder), "", text, "wait for it, or name another folder")) from None
        except OSError as error:
            text = f"no folder of results can be made or used there: {error.strerror or error}"
            raise StoreError(Problem("E533", str(folder), "", text, "name another folder")) from None
        yield


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
    theirs = _read(file)
    if theirs is None:
        yield "", "cannot be read: it is no manifest of results"
        return
    mine = dict(manifest)
    if theirs.get("fingerprint") != mine["fingerprint"]:
        yield "fingerprint", "the folder is of another deal, or of the deal with another tape"
    else:
        scenarios = theirs["scenarios"]
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


def _read(file: Path) -> dict[str, Any] | None:
    """The manifest in a file; None if what stands there is of another shape."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and isinstance(found.get("scenarios"), dict)
    return found if whole else None


def _flat(name: str, value: Any) -> dict[str, Any]:
    """A value by its name, or the parts of a mapping by theirs, however deep."""
    if not isinstance(value, dict):
        return {name: value}
    return {place: part for key, inner in value.items() for place, part in _flat(f"{name}.{key}", inner).items()}
