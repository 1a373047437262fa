"""Folders that are whole or not there, and never overwritten where they are not abssim's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from abssim.errors import FileError
from abssim.file import replacing
from abssim.folder import MANIFEST, folder_problems, swapping, write_manifest


def write(folder: Path, *names: str) -> None:
    with swapping(folder) as staged:
        for name in names:
            (staged / name).write_text(name)
        write_manifest(staged, "a test")


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "out"
    write(folder, "one.csv", "two.csv")
    write(folder, "two.csv", "three.csv")
    assert names(folder) == [MANIFEST, "three.csv", "two.csv"]
    assert names(folder.parent) == ["out"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", "one.csv")
    assert names(tmp_path / "out") == [MANIFEST, "one.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_stop_leaves_the_old_folder(tmp_path: Path, error: BaseException) -> None:
    folder = tmp_path / "out"
    write(folder, "one.csv")
    with pytest.raises((KeyboardInterrupt, FileError)), swapping(folder) as staged:
        (staged / "half.csv").write_text("half")
        raise error
    assert names(folder) == [MANIFEST, "one.csv"]
    assert names(tmp_path) == ["out"]


def test_a_file_that_is_refused_is_told_with_the_users_name(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with pytest.raises(FileError) as caught, swapping(folder) as staged, replacing(staged / "one.csv"):
        raise OSError(28, "No space left on device")
    assert str(caught.value).startswith(f"{folder / 'one.csv'}  E022  no space left on device")
    assert names(tmp_path) == []


def test_a_stop_between_both_moves_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, rename, seen = tmp_path / "out", Path.rename, iter([False, True, False])
    write(folder, "one.csv")

    def stopped(self: Path, target: Path) -> Path:
        if next(seen):
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stopped)
    with pytest.raises(KeyboardInterrupt):
        write(folder, "two.csv")
    assert names(folder) == [MANIFEST, "one.csv"]
    assert names(tmp_path) == ["out"]


def foreign(folder: Path) -> Iterator[tuple[str, str]]:
    (folder / "thesis.txt").write_text("mine")
    yield "holds what abssim did not write: thesis.txt", "thesis.txt"
    (folder / "thesis.txt").unlink()
    (folder / "one.csv").write_text("my notes")
    yield "was edited since it was written: one.csv", "one.csv"
    (folder / MANIFEST).write_text("[1]")
    yield "holds what abssim did not write: one.csv", "one.csv"


def test_what_is_not_abssims_stays(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write(folder, "one.csv")
    for text, name in foreign(folder):
        before = (folder / name).read_text()
        (problem,) = folder_problems(folder, "--out")
        assert (problem.code, problem.message) == ("E024", text)
        assert problem.hint == "nothing was changed: name a new folder"
        with pytest.raises(FileError, match="E024"):
            write(folder, "two.csv")
        assert (folder / name).read_text() == before
        assert not (folder / "two.csv").exists()


def test_what_appears_while_it_is_staged_stays(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with pytest.raises(FileError, match="E024"), swapping(folder) as staged:
        (staged / "one.csv").write_text("one")
        folder.mkdir()
        (folder / "thesis.txt").write_text("mine")
    assert names(folder) == ["thesis.txt"]


def test_the_working_folder_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for folder in (Path(), tmp_path, tmp_path / "here"):
        assert folder_problems(folder)[0].message == "is the working folder, or holds it"
