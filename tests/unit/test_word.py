from __future__ import annotations

import pytest

from abssim.word import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 breaches"), (1, "1 breach"), (2, "2 breaches"), (12_345, "12,345 breaches")]
)
def test_one_thing_and_several(count: int, words: str) -> None:
    assert counted(count, "breach", "breaches") == words
    assert counted(count, "breach") == words.replace("es", "s")
