"""Files that are whole or not there, and places that cannot be written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from abssim.errors import FileError
from abssim.file import beside, refused, replacing, target_problems


def told(path: Path, folder: bool = False) -> str:
    problems = target_problems(path, "--out", folder)
    assert all(problem.code == "E022" and problem.where == str(path) for problem in problems)
    return "; ".join(f"{problem.message}; {problem.hint}" for problem in problems)


def test_a_new_file_an_old_one_and_a_missing_folder_are_fine(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text("")
    for path in (tmp_path / "new.csv", old, tmp_path / "a" / "b" / "new.csv"):
        assert told(path) == ""
    assert told(tmp_path / "a" / "b", folder=True) == ""
    assert not (tmp_path / "a").exists()


def test_a_folder_of_devices_is_no_place_for_files(tmp_path: Path) -> None:
    """A pipe among files is none; shared memory holds files, though it lies below /dev."""
    os.mkfifo(tmp_path / "pipe")
    assert told(tmp_path / "new.csv") == ""
    if not os.path.exists("/dev/full"):
        pytest.skip("no folder of devices here")
    for path in (Path("/dev/full.csv"), Path("/dev/new/loans.csv")):
        assert told(path) == "/dev is a folder of devices; name a place on a disk"
    assert "folder of devices" in told(Path("/dev/results"), folder=True)
    if os.access("/dev/shm", os.W_OK):
        assert told(Path("/dev/shm/new.csv")) == ""


def test_what_cannot_be_written(tmp_path: Path) -> None:
    file, pipe = tmp_path / "file", tmp_path / "pipe.csv"
    file.write_text("")
    os.mkfifo(pipe)
    assert told(tmp_path) == "is a folder; name a file"
    assert told(pipe) == "is a pipe or a device; name a file"
    assert told(Path("/dev/null")) == "is a pipe or a device; name a file"
    assert told(file, folder=True) == "is a file, not a folder; name a folder"
    assert told(Path("/dev/full"), folder=True) == "is a pipe or a device, not a folder; name a folder"
    for folder in (False, True):
        assert told(file / "below.csv", folder) == "not a directory; a part of the name is a file: name a folder there"
        assert told(tmp_path / ("x" * 300), folder) == "file name too long; choose a shorter name"
        assert told(tmp_path / "a\0b", folder) != ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_places_that_may_not_be_written(tmp_path: Path) -> None:
    closed, kept = tmp_path / "closed", tmp_path / "kept.csv"
    closed.mkdir(mode=0o500)
    kept.touch(mode=0o400)
    for folder in (False, True):
        assert told(closed / "a.csv", folder).startswith("no permission to write in")
    assert told(kept) == "is write-protected; name another file"


def test_a_full_disk_is_seen_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.statvfs", lambda _: os.statvfs_result((1, 1, 1, 0, 0, 1, 1, 1, 1, 255)))
    assert told(tmp_path / "a.csv").startswith("no space left on the disk; make room")
    assert told(tmp_path / "a", folder=True).startswith("no space left on the disk; make room")


def test_a_disk_that_fills_is_told_with_the_users_name(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(FileError) as caught, replacing(path) as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(temporary))
    assert str(caught.value).startswith(f"{path}  E022  no space left on device; make room on the disk")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_made_before_it_is_written(tmp_path: Path) -> None:
    """So that nothing can be left behind by a stop between making and guarding it."""
    with replacing(tmp_path / "a.csv") as temporary:
        assert not temporary.exists()
        temporary.write_text("whole")
    assert (tmp_path / "a.csv").read_text() == "whole"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    link.symlink_to(real)
    with replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_what_a_killed_process_left_goes_with_the_next_that_writes(tmp_path: Path) -> None:
    target = tmp_path / "a[1].csv"
    code = f"import os; from pathlib import Path; from abssim.file import beside\nbeside(Path({str(target)!r})).touch()"
    subprocess.run([sys.executable, "-c", code], check=True)
    other, own = tmp_path / ".a-notes.csv", beside(target)
    for each in (other, own):
        each.touch()
    assert len(list(tmp_path.iterdir())) == 3
    with replacing(target) as temporary:
        temporary.write_text("whole")
    assert sorted(tmp_path.iterdir()) == sorted([other, own, target])


def test_a_long_name_leaves_room_for_a_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / ("长" * 83 + ".csv")
    with replacing(path) as temporary:
        temporary.write_text("whole")
    assert path.read_text() == "whole"


def test_errors_of_the_system_have_a_code_and_a_hint() -> None:
    error = refused(OSError(errno.EACCES, "Permission denied", "x/y"))
    assert str(error) == "x/y  E023  permission denied; name a place that you may read and write"
    assert error.exit_code == 2
