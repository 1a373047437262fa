"""Files that are whole or not there: written under a temporary name, then renamed. What the system refuses is told
in the user's words: the name the user gave, a code, what to do.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from abssim.errors import FileError, Problem

_HINTS = {
    errno.ENOSPC: "make room on the disk, or name a place on another",
    errno.EDQUOT: "make room in your quota, or name another place",
    errno.EACCES: "name a place that you may read and write",
    errno.EPERM: "name a place that you may read and write",
    errno.EROFS: "name a place that can be written",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EISDIR: "name a file",
    errno.ENOTDIR: "a part of the name is a file: name a folder there",
    errno.ENOENT: "check the name",
    errno.EBADF: "it is closed: send it to /dev/null instead",
}


def no_file(path: Path) -> str:
    """What stands in the place of a file that could be read to its end; nothing where it is one. Raises OSError."""
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return ""
    return "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"


def refused(error: OSError, place: str | Path | None = None, code: str = "E023", option: str = "") -> FileError:
    """The user's error for one of the system; `place` is the name the user gave."""
    where = str(place or error.filename or "a file")
    text = error.strerror or str(error).splitlines()[0]
    return FileError(Problem(code, where, option, text[:1].lower() + text[1:], _HINTS.get(error.errno or 0, "")))


def target_problems(path: Path, option: str = "", folder: bool = False) -> list[Problem]:
    """What speaks against writing a file, or a folder of files, there: looked at before the work is done."""
    if fault := _name_fault(path, option):
        return [fault]
    try:
        reason, hint = _folder_fault(path) if folder else _file_fault(path)
        if not reason:
            above = _nearest(path if folder and path.exists() else path.parent)
            reason, hint = _place_fault(above)
    except (OSError, ValueError) as error:
        problem = error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error))
        return list(refused(problem, path, "E022", option).problems)
    return [Problem("E022", str(path), option, reason, hint)] if reason else []


def _name_fault(path: Path, option: str = "") -> Problem | None:
    """What speaks against a name of a file to come, wherever it stands: nobody could type it, or read it in a line."""
    kinds = {unicodedata.category(letter) for letter in str(path)}
    if "Cs" in kinds:
        text = "the name holds bytes that are not UTF-8"
    elif "Cc" in kinds:
        text = "the name holds control characters"
    elif str(path) == "-":
        return Problem("E022", "-", option, "is no file: files are not written to standard output", "name a file")
    else:
        return None
    return Problem("E022", str(path), option, text, "choose another name")


def require_name(path: Path) -> None:
    """Refuse a name that nobody could type. FileError: E022."""
    if fault := _name_fault(path):
        raise FileError(fault)


def _file_fault(path: Path) -> tuple[str, str]:
    """What stands in the way of a file that is renamed to its name."""
    try:
        kind = no_file(path)
    except FileNotFoundError:
        return "", ""
    if kind:
        return f"is {kind}", "name a file"
    return ("", "") if os.access(path, os.W_OK) else ("is write-protected", "name another file")


def _folder_fault(path: Path) -> tuple[str, str]:
    try:
        kind = no_file(path) or "a file"
        return ("", "") if kind == "a folder" else (f"is {kind}, not a folder", "name a folder")
    except FileNotFoundError:
        return "", ""


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _place_fault(folder: Path) -> tuple[str, str]:
    """What speaks against making files in a folder that exists."""
    if not folder.is_dir():
        return f"{folder} is no folder", "name a place in a folder"
    if _holds_devices(folder):
        return f"{folder} is a folder of devices", "name a place on a disk"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"no permission to write in {folder.absolute()}", _HINTS[errno.EACCES]
    sizes = os.statvfs(folder) if hasattr(os, "statvfs") else None
    if sizes is not None and sizes.f_blocks == 0 and not _takes_entries(folder):
        return f"{folder} takes no files", "name a place on a disk"
    if sizes is not None and sizes.f_blocks and sizes.f_bavail == 0:
        return "no space left on the disk", _HINTS[errno.ENOSPC]
    return "", ""


def _takes_entries(folder: Path) -> bool:
    """True if something can be made there: some file systems tell no size, of memory without bound as of none."""
    with suppress(OSError), tempfile.TemporaryDirectory(dir=folder):
        return True
    return False


def _holds_devices(folder: Path) -> bool:
    """True of `/dev` and its like; what lies in it by the kind of its entries, so that large folders cost nothing."""
    with suppress(OSError), os.scandir(folder) as entries:
        odd = [each for each in entries if not (each.is_symlink() or each.is_file() or each.is_dir())]
        modes = [each.stat(follow_symlinks=False).st_mode for each in odd]
        return any(stat.S_ISCHR(mode) or stat.S_ISBLK(mode) for mode in modes)
    return False


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well, and is removed when it does not.

    FileError (E022) where the system refuses, with the name of `path`. What a process left that was killed goes with
    the next that writes the same file.
    """
    require_name(path)
    target = Path(os.path.realpath(path))
    temporary = beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_left(target, Path.unlink)
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise refused(error, path, "E022") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def beside(target: Path) -> Path:
    """A hidden name beside `target`, of this process, with the same ending."""
    stem, suffix = _cut(target)
    return target.with_name(f".{stem}-{os.getpid()}-{secrets.token_hex(4)}{suffix}")


def remove_left(target: Path, remove: Callable[[Path], object]) -> None:
    """Remove what processes that were killed left beside `target` under names of `beside`."""
    stem, suffix = _cut(target)
    for left in target.parent.glob(f".{_literal(stem)}-*-????????{_literal(suffix)}"):
        number = left.name.removeprefix(f".{stem}-").split("-")[0]
        if number.isdigit() and not _runs(int(number)):
            with suppress(OSError):
                remove(left)


def _cut(target: Path) -> tuple[str, str]:
    """Stem and ending, short enough for something to be added."""
    return os.fsencode(target.stem)[:100].decode(errors="ignore"), target.suffix


def _literal(text: str) -> str:
    return "".join(f"[{each}]" if each in "*?[" else each for each in text)


def _runs(process: int) -> bool:
    """A process of this number runs; where that cannot be asked without harm, it is taken to."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
