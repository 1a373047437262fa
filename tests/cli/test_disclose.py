"""`abssim disclose`: what it lists, writes, tells and refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.command import abssim

CASE = Path(__file__).resolve().parents[1] / "cases" / "disclosure"


def test_lists_templates_and_what_is_missing() -> None:
    shown = abssim("disclose", "template", "--list")
    assert shown.code == 0
    assert "eu-annex6" in shown.out and "CMRL65" in shown.out
    answer = abssim("disclose", "template", "--list", "--json").out
    for word in ("esma-2020-1224", "Delegated Regulation (EU) 2020/1224", "Schedule AL"):
        assert word in answer
    listed = json.loads(answer)
    missing = next(each["missing"] for each in listed if each["template"] == "eu-annex6")
    assert {"CMRL1", "CMRL65", "CMRL66", "CMRL67"} == {each["code"] for each in missing}
    assert missing[0]["hint"] == "give disclosure.identifier in the deal"


def test_writes_a_report(tmp_path: Path) -> None:
    done = abssim("disclose", CASE, "--template", "eu-annex6", "--out", tmp_path / "report", "--json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["files"] == ["_manifest.json", "eu-annex6.csv", "eu-annex6.xml"]
    assert {"code": "CMRL15", "no_data": "ND2", "rows": 4} in document["no_data"]
    assert "ND4-2026-06-30 stands in 1 field: CMRL52" in done.err
    assert "CMRL21 tells its first day" in done.err and "wrote" in done.err


def test_a_tape_of_ones_own(tmp_path: Path) -> None:
    """Told how to read it, as every command is."""
    tape = tmp_path / "own.csv"
    tape.write_text("id,owed,rate_pct,months\n=1+1,100,5,12\n8,50.5,6,24\n", encoding="utf-8")
    maps = [part for each in ("loan_id=id", "balance=owed", "remaining_term=months") for part in ("--map", each)]
    done = abssim(
        "disclose", CASE, "--template", "us-ex102", "--out", tmp_path / "out", "--tape", tape, *maps, "--as", "csv"
    )
    assert done.code == 0
    lines = (tmp_path / "out" / "us-ex102.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 3 and ",'=1+1," in lines[1] and ",50.50," in lines[2]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--template", "eu-annex99", "--out", "report"), "E800"),
        (("--template", "../../eu-annex6", "--out", "report"), "E800"),
        (("--template", "eu-annex6"), "E007"),
        (("--out", "report"), "E007"),
        (("--template", "eu-annex5", "--out", "report"), "E801"),
        (("--template", "eu-annex6", "--out", "taken"), "E024"),
        (("--template", "eu-annex12", "--out", "report"), "E007"),
        (("--template", "eu-annex12", "--out", "report", "--period", "400"), "E808"),
        (("--template", "eu-annex12", "--out", "report", "--as-of", "soon"), "E220"),
        (("--template", "cn-trustee", "--out", "report", "--period", "1", "--as", "xml"), "E815"),
        (("--template", "eu-annex6", "--out", "report", "--tape", "nowhere.csv"), "E200"),
        (("--template", "eu-annex6", "--out", "report", "--schema", "nowhere.xsd"), "E813"),
    ],
)
def test_refuses(arguments: tuple[str, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine", encoding="utf-8")
    shutil.copytree(CASE, tmp_path / "deal")
    refused = abssim("disclose", "deal", *arguments)
    assert refused.code == 2 and code in refused.err and refused.out == ""
    assert not (tmp_path / "report").exists()
