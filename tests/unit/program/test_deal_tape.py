"""A deal with a tape of its own: columns by their names in the file, values for the columns it does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.deal.load import load_deal
from abssim.engine.layout import Amortization
from abssim.program.source import load_assets

TAPE = "CONTRACT,CUR_BAL,RATE,MONTHS\na,1000.00,0.06,12\nb,2500.50,0.07,24\n"


@pytest.fixture
def deal(tmp_path: Path, root: Path) -> Path:
    """The template with a tape instead of its replines."""
    lines = (root / "deals" / "template" / "deal.yaml").read_text(encoding="utf-8").splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("    replines:"))
    columns = "{loan_id: CONTRACT, balance: CUR_BAL, rate: RATE, remaining_term: MONTHS}"
    tape = f"    tape: {{file: loans.csv, columns: {columns}, defaults: {{amortization: equal_principal, grade: X}}}}"
    lines[first : first + 3] = [tape]
    (tmp_path / "deal.yaml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "loans.csv").write_text(TAPE, encoding="utf-8")
    return tmp_path


def test_columns_and_defaults(deal: Path) -> None:
    (tape,) = load_assets(load_deal(deal), None, "fail").tapes
    assert tape.balance.tolist() == [1000_00, 2500_50]
    assert tape.remaining_term.tolist() == [12, 24]
    assert set(tape.amortization) == {Amortization.EQUAL_PRINCIPAL}
    assert tape.column("grade").tolist() == ["X", "X"]


def test_the_tape_on_the_command_line_takes_its_place(deal: Path) -> None:
    other = deal / "other.csv"
    other.write_text(TAPE.replace("1000.00", "4000.00"), encoding="utf-8")
    (tape,) = load_assets(load_deal(deal), other, "fail").tapes
    assert tape.balance.tolist() == [4000_00, 2500_50]
