"""What commands are asked to write: everything wrong with it is told at once, before any work is done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from abssim.errors import AbssimError, Problem


def output_problems(
    option: str, path: Path | str | None, endings: Sequence[str], folder: bool = False, export: bool = False
) -> list[Problem]:
    """What speaks against an output: its name, its ending, its place.

    `folder`: the name may mean a folder; `export`: one without an ending, which is swapped in as a whole.
    """
    if path is None:
        return []
    from abssim.file import target_problems
    from abssim.folder import folder_problems

    text, known = str(path).strip(), ", ".join([*endings, *(["a folder"] if folder else [])])
    target = Path(path)
    if not text or text == ".":
        return [Problem("E002", option, "", "names nothing", f"name a file or a folder; known: {known}")]
    if target.name.lower() in endings:
        return [Problem("E002", text, option, "is an ending without a name", f"name a file, such as out{target.name}")]
    if export and not target.suffix:
        return folder_problems(target, option)
    if folder and not export and is_folder(path):
        return target_problems(target, option, folder=True)
    if target.suffix.lower() not in endings:
        return [Problem("E002", text, option, "no such kind of file", f"known: {known}")]
    return target_problems(target, option)


def is_folder(path: Path | str) -> bool:
    """The name means a folder: it has no ending, ends in a separator, or is one."""
    return str(path).endswith(("/", "\\")) or not Path(path).suffix or os.path.isdir(path)


def clashes(outputs: Iterable[tuple[str, Path | str | None]], inputs: Iterable[Path | None] = ()) -> list[Problem]:
    """Outputs that are another output, or a file that is read."""
    taken = {os.path.realpath(path): "is the file that is read" for path in inputs if path is not None}
    problems = []
    for option, path in outputs:
        if path is not None:
            real = os.path.realpath(path)
            if real in taken:
                problems.append(Problem("E025", str(path), option, taken[real], "name another file"))
            taken.setdefault(real, f"is what {option} names")
    return problems


def require(*problems: Sequence[Problem]) -> None:
    """Raise what was found, if anything was."""
    if found := [problem for each in problems for problem in each]:
        raise AbssimError(found)


def tape_files(items: Sequence[str] | None) -> dict[str, Path]:
    """Files of `--tape` by pool; one that names none stands under the empty name. Codes: E027."""
    files: dict[str, Path] = {}
    problems = []
    for item in items or ():
        pool, file = _pool_and_file(item)
        if pool in files:
            what = f"pool {pool}" if pool else "a tape without its pool"
            problems.append(Problem("E027", item, "--tape", f"{what} is named twice", "write --tape POOL=FILE"))
        files[pool] = file
    require(problems)
    return files


def _pool_and_file(item: str) -> tuple[str, Path]:
    pool, equal, file = item.partition("=")
    named = bool(equal) and re.fullmatch(r"[\w-]+", pool) is not None and not os.path.exists(item)
    return (pool, Path(file)) if named else ("", Path(item))


def faults(check: Callable[[], object]) -> list[Problem]:
    """What a check refuses, to be told with what others do."""
    try:
        check()
    except AbssimError as error:
        return list(error.problems)
    return []
