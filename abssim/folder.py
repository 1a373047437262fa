"""Folders that are whole or not there: staged beside their place and swapped in, with a manifest of their files.

A folder is replaced only where all that it holds is what its manifest says: what is not abssim's, or was edited since,
is never overwritten.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from abssim.errors import FileError, Problem
from abssim.file import beside, refused, remove_left, require_name, target_problems

MANIFEST = "_manifest.json"


@contextmanager
def swapping(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `path` when the block ends well, and is removed when it does not.

    FileError: E022 where the system refuses, E024 where the folder holds other things than its manifest says.
    """
    require_name(path)
    target = Path(os.path.realpath(path))
    staged = beside(target)
    try:
        require_own(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_left(target, shutil.rmtree)
        staged.mkdir()
        yield staged
        _swap(staged, target, path)
    except OSError as error:
        raise refused(error, path, "E022") from None
    except FileError as error:
        raise FileError([_by_name(problem, staged, path) for problem in error.problems]) from None
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _by_name(problem: Problem, staged: Path, path: Path) -> Problem:
    """The problem of a file in the temporary folder, under the name that the user gave."""
    where = Path(problem.where)
    return replace(problem, where=str(path / where.relative_to(staged))) if where.is_relative_to(staged) else problem


def write_manifest(folder: Path, made_by: str) -> None:
    """Say which files the folder holds, and their contents' checksums."""
    files = {file.name: _digest(file) for file in sorted(folder.iterdir())}
    text = json.dumps({"made_by": made_by, "files": files}, ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def folder_problems(path: Path, option: str = "") -> list[Problem]:
    """What speaks against writing a folder there: looked at before the work is done."""
    if not (problems := target_problems(path, option, folder=True)):
        problems = _foreign(path, option)
    return problems


def require_own(path: Path) -> None:
    """The folder must be new, empty, or hold what its manifest says and nothing else."""
    if problems := _foreign(path, ""):
        raise FileError(problems)


def _foreign(path: Path, option: str) -> list[Problem]:
    if not path.is_dir():
        return []
    if Path.cwd().is_relative_to(path.resolve()):
        text = "is the working folder, or holds it"
        return [Problem("E024", str(path), option, text, "name a folder of its own")]
    known = _manifest(path)
    present = sorted(each.name for each in path.iterdir() if each.name != MANIFEST)
    other = [name for name in present if name not in known]
    edited = [name for name in present if name in known and _digest(path / name) != known[name]]
    problems = []
    for names, text in ((other, "holds what abssim did not write"), (edited, "was edited since it was written")):
        if names:
            listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            problems.append(
                Problem("E024", str(path), option, f"{text}: {listed}", "nothing was changed: name a new folder")
            )
    return problems


def _manifest(folder: Path) -> dict[str, Any]:
    """Names of a folder's files and their checksums; nothing where it has no manifest that could be read."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        return dict(files)
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _swap(staged: Path, target: Path, path: Path) -> None:
    """Put `staged` in the place of `target`; what was there stays until it is done."""
    old = beside(target)
    try:
        if target.exists():
            require_own(path)
            target.rename(old)
        staged.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
