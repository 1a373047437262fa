"""Policies of one's own that tests run: at the top of a module, so that they can be pickled."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from abssim.kind.move import Move
from abssim.policy.hooks import Float64, Moves, PolicyHooks, Seen


class Tighten(PolicyHooks):
    """Offers less of some grades while more of the path is late than at a level, and collects harder from then on."""

    version = "1"

    def __init__(self, level: float, grades: tuple[str, ...] = ("3",), name: str = "tighten") -> None:
        self.level, self.name, self.where = level, name, {"grade": list(grades)}

    def offer(self, seen: Seen) -> Float64:
        late = seen.series["dpd_30_plus_ratio"][:, -1:]
        return np.where((late > self.level).any(axis=1), 0.0, 1.0)

    def moves(self, seen: Seen) -> Moves:
        found = seen.moves()
        warned = (seen.series["dpd_30_plus_ratio"] > self.level).any(axis=1)
        found.multiple[warned, :, Move.CURE] = 1.2
        return found


class Shrink(PolicyHooks):
    """Offers the less the more of a path was late on the last date: another share on every path and in every month."""

    name, version, where = "shrink", "1", {"grade": "1"}

    def offer(self, seen: Seen) -> Float64:
        late = seen.series["dpd_30_plus_ratio"][:, -1:].sum(axis=1)
        return np.maximum(0.0, 1.0 - 10.0 * late)


class Watched:
    """A rule of documents written by hand, with nothing inherited: from the month after a trigger's date on."""

    name, version, where = "watched", "2", {"grade": ["2", "3"]}

    def offer(self, seen: Seen) -> Float64:
        return np.ones(seen.paths)

    def moves(self, seen: Seen) -> Moves:
        found = seen.moves()
        found.multiple[seen.first_active["bad_debt"] >= 0] = 0.3, 1.4, 1.0
        return found

    def cash(self, seen: Seen) -> Mapping[str, Float64]:
        return {}


class Support(PolicyHooks):
    """Pays in each month what the path's defaults have come to."""

    name, version = "support", "1"

    def cash(self, seen: Seen) -> Mapping[str, Float64]:
        return {"reserve": 1000.0 * seen.series["default_ratio"][:, -1:].sum(axis=1)}


class Collect(PolicyHooks):
    """Ten points more of those 1-30 days late cure, who would have rolled on; it goes by the calendar."""

    name, version, reacts = "collect", "1", False

    def moves(self, seen: Seen) -> Moves:
        found = seen.moves(added=True)
        assert found.added is not None
        found.added[:, 1, [0, 2]] = 0.1, -0.1
        return found


class Nothing(PolicyHooks):
    """Hooks are set on the object; `used` is a name of its own."""

    name, version, reacts = "nothing", "1", False

    def __init__(self) -> None:
        self.used = 7


def collected(seen: Seen) -> Moves:
    return Collect().moves(seen)


class Answers(PolicyHooks):
    """Gives a fixed answer to one hook."""

    name, version = "answers", "1"

    def __init__(self, hook: str, answer: object) -> None:
        self.hook, self.answer = hook, answer

    def offer(self, seen: Seen) -> Float64:
        return self._answer("offer", super().offer(seen))

    def moves(self, seen: Seen) -> Moves:
        return self._answer("moves", super().moves(seen))

    def cash(self, seen: Seen) -> Mapping[str, Float64]:
        return self._answer("cash", super().cash(seen))

    def _answer(self, hook: str, usual: object) -> object:
        return self.answer if hook == self.hook else usual


class Moody(PolicyHooks):
    """Answers the same past in another way each time."""

    name, version = "moody", "1"
    asked = 0

    def moves(self, seen: Seen) -> Moves:
        self.asked += 1
        found = seen.moves()
        found.multiple[:] = 1.0 + 1e-3 * self.asked
        return found


class Broken(PolicyHooks):
    """Looks where nothing is."""

    name, version = "broken", "1"

    def offer(self, seen: Seen) -> Float64:
        return seen.series["arrears"][:, -1]
