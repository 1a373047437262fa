"""Triggers: conditions with a consequence."""

from enum import IntEnum

from abssim.kind.base import Field, Kind, Opening, Phase, Unit


class TriggerField(IntEnum):
    """One row per period and trigger."""

    ACTIVE = 0
    BREACHED = 1
    COUNT = 2


_T = TriggerField

TRIGGER = Kind(
    "trigger",
    "triggers",
    {
        _T.ACTIVE: Field(
            "the trigger has fired and is not cured", "已触发", Opening.CARRY, Phase.JUDGE, Unit.FLAG, given="fired"
        ),
        _T.BREACHED: Field("its condition holds on this date", "突破", Opening.CARRY, Phase.JUDGE, Unit.FLAG),
        _T.COUNT: Field(
            "dates in a row with a breach (or without one, once fired)",
            "连续期数",
            Opening.CARRY,
            Phase.JUDGE,
            Unit.COUNT,
            given="count",
        ),
    },
)
