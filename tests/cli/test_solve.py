"""`abssim solve`: dials and break-evens as tables and JSON; what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import abssim

DEMO = Path(__file__).parent / "demo"


def test_a_dial_is_solved_and_the_run_meets_it() -> None:
    asked = ["solve", "notes.B.coupon_pct", DEMO, "--for", "yield.B = 6", "--between", "4:8", "--price", "99"]
    found = json.loads(abssim(*asked, "--json").out)
    (root,) = found["roots"]
    priced = abssim(
        "price", DEMO, "--set", f"notes.B.coupon_pct={root['value']}", "--price", "99", "--note", "B", "--json"
    )
    cases = {case["to"]: case for case in json.loads(priced.out)["cases"]}
    assert cases["call"]["quotes"][0]["yield_pct"] == pytest.approx(6, abs=1e-5)
    assert "yield.B = 6" in abssim(*asked).out


def test_break_even_shows_what_run_shows() -> None:
    answer = abssim("solve", "break-even", DEMO, "--no-corners", "--json", "--set", "notes.A.coupon_pct=4.5")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["settings"] == {"notes.A.coupon_pct": 4.5}
    notes = {
        note["note"]: note
        for note in json.loads(abssim("run", DEMO, "--set", "notes.A.coupon_pct=4.5", "--json").out)["notes"]
    }
    for note in found["notes"]:
        assert note["principal"]["multiple"] == notes[note["note"]]["first_loss_multiple"]


def test_the_worst_corner_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    answer = abssim("solve", "break-even", DEMO, "--note", "B")
    assert answer.code == 0, answer.err
    assert all(len(line) <= 80 for line in answer.out.splitlines())
    assert "half" in answer.out and "Worst ×" in answer.out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["default_multiple", DEMO], "E007"),
        (["default_multiple", DEMO, "--for", "wal"], "E557"),
        (["default_multiple", DEMO, "--for", "wal.A = 99"], "E558"),
        (["default_multiple", DEMO, "--for", "wal.A = 2", "--between", "1"], "E557"),
        (["default_multiple", DEMO, "--for", "wal.A = 2", "--price", "99"], "E007"),
        (["default_multiple", DEMO, "--for", "wal.A = 2", "--note", "A"], "E007"),
        (["default_multiple", DEMO, "--for", "wal.A = 2", "--set", "default_multiple=2"], "E552"),
        (["default_multipel", DEMO, "--for", "wal.A = 2", "--between", "0:1"], "E553"),
        (["break-even", DEMO, "--for", "wal.A = 2"], "E007"),
        (["break-even", DEMO, "--note", "Z"], "E006"),
    ],
)
def test_what_is_refused(options: list[str | Path], code: str) -> None:
    answer = abssim("solve", *options)
    assert (answer.code, answer.out) == (2, "")
    assert f"  {code}  " in answer.err
