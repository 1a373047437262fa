"""Deals and scenarios are found from anywhere, the user's own first."""

from __future__ import annotations

from pathlib import Path

import pytest

from abssim.lookup import places


def test_the_current_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert places("deals") == [root / "deals"]
    (tmp_path / "deals").mkdir()
    assert places("deals") == [Path("deals"), root / "deals"]
