"""What every part of a scenario's assumptions is built on."""

from __future__ import annotations

from abssim.part import NumericPart
from abssim.validation import fault


class ScenarioPart(NumericPart):
    """A frozen piece of a document."""

    def exactly_one(self, names: tuple[str, ...]) -> str:
        """Name of the one field among `names` that is given."""
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            what = "several of them are given" if given else "none of them is given"
            raise fault("E312", f"one of {', '.join(names)} is needed: {what}")
        return given[0]
