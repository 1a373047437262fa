"""The clock: whole numbers about the date itself."""

from enum import IntEnum

from abssim.kind.base import Field, Kind, Opening, Phase, Unit


class Regime(IntEnum):
    """The waterfall in force, by severity: a date takes the most severe that the calendar or a trigger asks for."""

    REVOLVING = 0
    AMORTIZATION = 1
    EARLY_AMORTIZATION = 2
    ENFORCEMENT = 3


class ClockField(IntEnum):
    """One row per period."""

    PERIOD = 0
    MONTH = 1
    MONTHS = 2
    REGIME = 3
    CALLED = 4
    FINAL = 5
    REGIME_PERIOD = 6
    OFFERED = 7


_C = ClockField
_ZERO, _CARRY = Opening.ZERO, Opening.CARRY

CLOCK = Kind(
    "clock",
    "clock",
    {
        _C.PERIOD: Field(
            "number of the payment date in the deal's life, 1 is the first", "期数", _CARRY, unit=Unit.COUNT
        ),
        _C.MONTH: Field(
            "months from the cut-off to the end of the collection period", "封包后月数", _CARRY, unit=Unit.COUNT
        ),
        _C.MONTHS: Field("months in the collection period", "收款期月数", _CARRY, unit=Unit.COUNT),
        _C.REGIME: Field("regime in force, 0 to 3", "分配阶段", _CARRY, Phase.ACT, Unit.COUNT),
        _C.CALLED: Field(
            "a call is exercised on this date, or was before", "已清仓回购", _CARRY, Phase.CALL, Unit.FLAG
        ),
        _C.FINAL: Field(
            "the last date of the projection, or of the last legal final", "最后一期", _CARRY, unit=Unit.FLAG
        ),
        _C.REGIME_PERIOD: Field(
            "payment dates in the present regime, this one included", "本阶段期数", _CARRY, Phase.ACT, Unit.COUNT
        ),
        _C.OFFERED: Field(
            "there are receivables to buy: the deal has a replenishment and no policy keeps it all back",
            "有可购资产",
            _CARRY,
            unit=Unit.FLAG,
        ),
    },
)
