"""What commands are asked to write is looked at before the work is done; what the system refuses is bad input."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import abssim
from tests.process import mind_ctrl_c

DEAL = "tests/cli/demo/deal.yaml"
OUTPUTS = {
    "run": ("run", DEAL, "--out"),
    "run to a folder": ("run", DEAL, "--out"),
    "loans": ("run", DEAL, "--loans"),
    "chart": ("run", DEAL, "--chart"),
    "simulate": ("simulate", DEAL, "--out"),
    "decrement": ("decrement", DEAL, "--speed", "abs:1", "--out"),
    "price": ("price", DEAL, "--out"),
    "calibrate": ("calibrate", "no-such-file.csv", "--out"),
    "convert": ("tape", "convert", "no-such-tape.csv", "--out"),
    "synthesize": ("tape", "synthesize", "--out"),
    "new": ("new",),
}
ENDINGS = {
    "loans": ".parquet", "chart": ".png", "calibrate": ".yaml", "new": "", "run to a folder": "", "simulate": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_the_top(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


@pytest.mark.parametrize("command", OUTPUTS)
def test_a_place_that_cannot_be_written_is_told_before_the_work(command: str, tmp_path: Path) -> None:
    ending = ENDINGS.get(command, ".csv")
    file, folder = tmp_path / "file", tmp_path / f"folder{ending or '.d'}"
    file.write_text("mine")
    folder.mkdir()
    wrong = {file / f"out{ending}": "not a directory", tmp_path / ("x" * 300 + ending): "file name too long"}
    if ending:
        wrong[folder] = "is a folder; name a file"
    elif command != "new":
        wrong[file] = "is a file, not a folder; name a folder"
    for place, words in wrong.items():
        answer = abssim(*OUTPUTS[command], place)
        assert (answer.code, answer.out) == (2, ""), answer
        assert f"{place}  " in answer.err
        assert "E022  " in answer.err
        assert words in answer.err
    assert sorted(tmp_path.iterdir()) == sorted([file, folder])
    assert file.read_text() == "mine"


@pytest.mark.parametrize("command", [name for name in OUTPUTS if name != "new"])
def test_an_output_that_names_nothing(command: str) -> None:
    before = sorted(Path().iterdir())
    for name in ("", ".", "  "):
        answer = abssim(*OUTPUTS[command], name)
        assert (answer.code, answer.out) == (2, "")
        assert "E002  " in answer.err
    assert sorted(Path().iterdir()) == before


def test_a_folder_that_is_not_abssims_stays(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    answer = abssim("run", DEAL, "--out", tmp_path)
    assert (answer.code, answer.out) == (2, "")
    assert f"{tmp_path}  --out  E024  holds what abssim did not write: thesis.txt" in answer.err
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_of_results_is_whole_and_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "results"
    answer = abssim("run", DEAL, "-s", "base", "-s", "stress", "--out", out)
    assert answer.code == 0, answer.err
    both = sorted(each.name for each in out.iterdir())
    assert "_manifest.json" in both
    assert abssim("run", DEAL, "--out", out).code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["results"]
    (out / "cash_flows.csv").write_text("edited")
    answer = abssim("run", DEAL, "--out", out)
    assert (answer.code, answer.out) == (2, "")
    assert "E024  was edited since it was written: cash_flows.csv" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", DEAL, "--out", "a.parquet", "--loans", "./a.parquet"),
        ("run", DEAL, "--chart", "a.png", "--chart", "b/../a.png"),
        ("run", DEAL, "--tape", "pyproject.csv", "--out", "pyproject.csv"),
        ("tape", "convert", "a.csv", "--out", "a.csv"),
    ],
)
def test_an_output_is_neither_another_nor_what_is_read(arguments: tuple[str, ...]) -> None:
    answer = abssim(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "E025" in answer.err


def test_tapes_of_pools_by_name(tmp_path: Path) -> None:
    """A name with = that is a file is a file; one pool has one tape, and an output is none of them."""
    from abssim.cli.output import tape_files

    (tmp_path / "a=b.csv").write_text("")
    assert tape_files(["cars=x.csv", f"{tmp_path}/a=b.csv"]) == {"cars": Path("x.csv"), "": tmp_path / "a=b.csv"}
    twice = abssim("run", DEAL, "--tape", "p=x.csv", "--tape", "p=y.csv")
    assert twice.code == 2 and "E027" in twice.err and "pool p is named twice" in twice.err
    answer = abssim("run", DEAL, "--tape", "p=pyproject.csv", "--out", "pyproject.csv")
    assert answer.code == 2 and "E025" in answer.err


def test_new_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object, **_: object) -> None:
        file = Path(str(target))
        file = file / "deal.yaml" if file.is_dir() else file
        file.write_text("half")
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr("shutil.copyfile", full)
    answer = abssim("new", tmp_path / "mine")
    assert answer.code == 2
    assert answer.err.startswith(f"{tmp_path / 'mine'}  E022  no space left on device; make room")
    assert not list(tmp_path.iterdir())


def test_what_the_system_refuses_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = abssim("run", "x" * 300)
    assert answer.code == 2
    assert answer.err.split("  ") == ["x" * 300, "E023", "file name too long; choose a shorter name\n"]

    def refuse(*_: object) -> None:
        raise MemoryError("Unable to allocate 7.28 TiB")

    monkeypatch.setattr("abssim.study.compiled.load_deal", refuse)
    answer = abssim("run", DEAL)
    assert answer.code == 2
    assert answer.err.split("  ")[1] == "E026"
    assert "not enough memory: Unable to allocate 7.28 TiB; ask for less" in answer.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_full_standard_output(json: tuple[str, ...], root: Path, environment: dict[str, str]) -> None:
    code = "from abssim.cli.terminal import show, show_json, tell_error\nimport sys\n"
    code += f"try: {'show_json([1])' if json else 'show(1)'}\nexcept Exception as error: sys.exit(tell_error(error))"
    with Path("/dev/full").open("w") as full:
        answer = subprocess.run(
            [sys.executable, "-c", code], cwd=root, env=environment, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert "standard output  E022  no space left on device" in answer.stderr


def test_a_pipe_as_a_deal_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "deal.yaml")
    answer = abssim("run", tmp_path)
    assert answer.code == 2
    assert "deal.yaml  E100  cannot be read: it is a pipe or a device; name a file" in answer.err


def test_of_thousands_of_problems_some_are_printed(tmp_path: Path) -> None:
    deal = tmp_path / "deal.yaml"
    deal.write_text("name: x\n" + "".join(f"k{number}: 1\n" for number in range(10_000)))
    answer = abssim("run", deal)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 51
    assert answer.err.endswith(" more problems\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_while_abssim_is_imported_is_quiet(number: signal.Signals, tmp_path: Path, root: Path) -> None:
    (tmp_path / "typer.py").write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    path = os.pathsep.join([str(tmp_path), str(root)])
    with subprocess.Popen(
        [sys.executable, "-m", "abssim", "run", DEAL], cwd=root, env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=mind_ctrl_c,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "")


@pytest.mark.parametrize("command", OUTPUTS)
@pytest.mark.parametrize(("letter", "words"), [("\udcff", "bytes that are not UTF-8"), ("\n", "control characters")])
def test_a_name_nobody_could_type_is_refused_before_the_work(
    command: str, letter: str, words: str, tmp_path: Path
) -> None:
    """The bytes of a name that are no text come as lone surrogates."""
    answer = abssim(*OUTPUTS[command], f"{tmp_path}/q{letter}{ENDINGS.get(command, '.csv')}")
    assert (answer.code, answer.out) == (2, "")
    assert f"E022  the name holds {words}; choose another name" in answer.err and re.search(r"/q[? ]", answer.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", OUTPUTS)
def test_a_dash_and_a_bare_ending_are_no_names(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = [str(Path(each).resolve()) if each == DEAL else each for each in OUTPUTS[command]]
    monkeypatch.chdir(tmp_path)
    for name in ("-", ENDINGS.get(command, ".csv") or ".csv"):
        if command == "new" and name != "-":
            continue
        answer = abssim(*deal, name)
        assert (answer.code, answer.out) == (2, ""), answer
        assert "E022  is no file" in answer.err or "E002  " in answer.err
    assert list(tmp_path.iterdir()) == []


def test_disclose_tells_all_wrong_options_at_once() -> None:
    wrong = ["--template", "eu-annex12", "--scenario", "base", "--as", "xml.gz", "--read", "a", "--out", "-"]
    answer = abssim("disclose", DEAL, *wrong)
    assert answer.code == 2
    assert [line.split("  ")[0] for line in answer.err.splitlines()] == ["--period", "-", "--read"]
    day = abssim("disclose", DEAL, "--template", "no-such", "--as-of", "1.2.2026")
    assert [code for code in ("E007", "E800", "E220") if code in day.err] == ["E007", "E800", "E220"]


def test_what_is_no_text_is_no_tape(tmp_path: Path) -> None:
    """Bytes of a picture, and zeros, are no text in any encoding; UTF-16 without its mark is told as such."""
    noise = bytes(range(256)) * 8
    for content in (noise, bytes(3000), b"\xff\xd8" + noise[1:256]):
        (tmp_path / "t.csv").write_bytes(content)
        answer = abssim("tape", "check", tmp_path / "t.csv")
        assert answer.code == 2
        assert "E244  is not a text file; tapes are CSV, workbooks or Parquet" in answer.err
    (tmp_path / "t.csv").write_bytes("balance,rate\n1,2\n".encode("utf-16-le"))
    assert "encoding=utf-16-le" in abssim("tape", "check", tmp_path / "t.csv").err


def test_what_is_made_is_told_as_a_shell_reads_it(tmp_path: Path) -> None:
    assert abssim("new", tmp_path / "my deal").err.endswith(f"then: abssim run '{tmp_path}/my deal'\n")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_place_that_takes_no_files_is_not_a_full_disk() -> None:
    answer = abssim("new", "/proc/x")
    assert (answer.code, answer.err) == (2, "/proc/x  E022  /proc takes no files; name a place on a disk\n")
