"""Every error code of deal documents has a case that gives file, line, code and hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.codes import CODES
from abssim.deal.load import load_deal, parse_deal
from abssim.errors import DealError

FOLDER = Path(__file__).resolve().parents[2] / "cases" / "invalid"
FILES = sorted(FOLDER.glob("E1*.yaml"))
MARK = "# <--"


def test_every_code_has_a_case() -> None:
    assert {path.name[:4] for path in FOLDER.glob("E1*")} == set(CODES)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_case_is_reported_at_its_line(file: Path) -> None:
    lines = file.read_bytes().decode("utf-8", "replace").splitlines()
    hint = lines[0].removeprefix("# hint:").strip()
    marked = [number for number, line in enumerate(lines, 1) if MARK in line]
    with pytest.raises(DealError) as caught:
        load_deal(file)
    problems = caught.value.problems
    assert {problem.code for problem in problems} == {file.name[:4]}, str(caught.value)
    first = problems[0]
    assert first.where in (f"{file}:{marked[0]}", str(file)), str(caught.value)
    assert first.where == f"{file}:{marked[0]}" or first.code == "E102"
    assert hint in first.hint
    assert first.message
    assert first.path or first.code < "E104" or first.code == "E105"


def test_missing_document() -> None:
    with pytest.raises(DealError) as caught:
        load_deal(FOLDER / "E100-no-document")
    (problem,) = caught.value.problems
    assert problem.code == "E100"
    assert problem.where.endswith("deal.yaml")


def test_all_problems_at_once() -> None:
    """A wrong field does not hide what is wrong elsewhere, and causes no further complaints."""
    text = (FOLDER / "E107.yaml").read_text()
    text = text.replace("payees: [servicing]", "payees: [servcing]").replace("0.9 * pool.balance", "0.9 * pool.balanc")
    with pytest.raises(DealError) as caught:
        parse_deal(text)
    assert [problem.code for problem in caught.value.problems] == ["E107", "E120", "E111"]
