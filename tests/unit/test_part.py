"""What is read of a document, and what is not."""

from __future__ import annotations

import pickle

from abssim.part import Part, Reads, recording, unread


class Inner(Part):
    a: int = 0
    b: int = 0


class Outer(Part):
    plain: int = 0
    one: Inner = Inner()
    named: dict[str, Inner] = {}  # noqa: RUF012
    listed: tuple[Inner, ...] = ()


WRITTEN = {"plain": 1, "one": {"a": 1, "b": 2}, "named": {"x": {"a": 1}, "y": {"b": 1}}, "listed": [{"a": 5}, {"b": 0}]}


def paths(part: Outer, reads: Reads, used: Outer | None = None) -> list[tuple[object, ...]]:
    return list(unread(part, used or part, reads))


def test_nothing_was_read() -> None:
    part = Outer.model_validate(WRITTEN)
    assert paths(part, Reads()) == [("plain",), ("one",), ("named",), ("listed",)]


def test_a_part_is_told_as_a_whole_and_its_fields_one_by_one() -> None:
    part, reads = Outer.model_validate(WRITTEN), Reads()
    with recording(reads):
        assert (part.plain, part.one.b, part.named["y"].b, len(part.listed)) == (1, 2, 1, 2)
    assert paths(part, reads) == [("one", "a"), ("named", "x"), ("listed", 0)]


def test_what_says_what_holds_anyway_needs_no_reader() -> None:
    assert paths(Outer.model_validate({"plain": 0, "one": {}}), Reads()) == []


def test_everything_given_is_read() -> None:
    part, reads = Outer.model_validate({"one": {"a": 1, "b": 2}}), Reads()
    with recording(reads):
        assert part.one.given() == {"a": 1, "b": 2}
    assert paths(part, reads) == []


def test_readings_before_and_after_do_not_count() -> None:
    part, reads = Outer.model_validate({"plain": 1}), Reads()
    assert part.plain == 1
    with recording(reads):
        pass
    assert part.plain == 1
    assert paths(part, reads) == [("plain",)]


def test_what_was_written_is_followed_into_what_it_became() -> None:
    """On top of another document: copies stand for parts that both give, lists are joined."""
    base, own, reads = Outer.model_validate(WRITTEN), Outer.model_validate({"plain": 7, "one": {"a": 9}}), Reads()
    used = base.model_copy(update={"plain": 7, "one": base.one.model_copy(update={"a": 9})})
    assert paths(own, reads, used) == [("plain",), ("one",)]
    with recording(reads):
        assert (used.plain, used.one.a) == (7, 9)
    assert paths(own, reads, used) == []


def test_a_copy_in_another_process_says_nothing() -> None:
    part = Outer.model_validate(WRITTEN)
    assert paths(part, pickle.loads(pickle.dumps(Reads()))) == []


def test_what_is_read_of_a_copy_is_read_of_the_part() -> None:
    part, reads = Outer.model_validate({"plain": 1, "one": {"a": 1}}), Reads()
    with recording(reads):
        assert part.model_copy(update={"listed": ()}).plain == 1
    assert paths(part, reads) == [("one",)]
