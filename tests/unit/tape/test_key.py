from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from abssim.tape.key import lone_keys, mix, text_keys

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


def keys(*texts: str) -> list[int]:
    return [int(key) for key in text_keys(np.asarray([text.encode() for text in texts], dtype=np.bytes_))]


def test_splitmix64_published_vectors() -> None:
    """The reference generator seeded with 1234567 (Vigna, splitmix64.c) steps its state by the golden constant."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    states = np.uint64(1234567) + np.arange(3, dtype=np.uint64) * golden
    assert mix(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_whole_numbers_are_their_own_key() -> None:
    assert keys("0", "7", "998989999995846784", "18446744073709551615") == [0, 7, 998989999995846784, 2**64 - 1]


def test_what_only_looks_like_a_number_is_hashed() -> None:
    hashed = keys("07", "-7", "7.0", "18446744073709551616", "7 ")
    assert all(key >= 2**63 for key in hashed)
    assert len({*hashed, 7}) == 6


@given(st.lists(TEXT, min_size=1, max_size=20))
def test_a_key_depends_on_the_text_alone(texts: list[str]) -> None:
    """Neither on the other ids of the file nor on the width they are padded to."""
    assert keys(*texts, "x" * 60)[:-1] == [keys(text)[0] for text in texts]


@given(st.lists(TEXT, min_size=2, max_size=50, unique=True))
def test_different_texts_have_different_keys(texts: list[str]) -> None:
    assert len(set(keys(*texts))) == len(texts)


def test_no_ids() -> None:
    assert text_keys(np.zeros(0, dtype="S4")).size == 0


def test_a_lone_loan_is_apart_from_its_own_number() -> None:
    assert not set(lone_keys(np.arange(100, dtype=np.uint64)).tolist()) & set(range(100))
