"""Steps of the waterfall."""

from enum import IntEnum

from abssim.kind.base import Field, Identity, Kind, Opening, Phase


class StepField(IntEnum):
    """One row per period and step of the waterfall in force; steps of other regimes stay zero.

    Behind these fields a step's row of the state has what the step took from each account.
    """

    DUE = 0
    PAID = 1
    SHORTFALL = 2


_S = StepField

STEP = Kind(
    "step",
    "steps",
    {
        _S.DUE: Field("owed by the step", "应付", Opening.ZERO, Phase.PAY),
        _S.PAID: Field("paid by it", "实付", Opening.ZERO, Phase.PAY),
        _S.SHORTFALL: Field("owed and unpaid", "缺口", Opening.ZERO, Phase.PAY),
    },
    identities=(Identity("step arithmetic", "due = paid + shortfall", (_S.DUE,), (_S.PAID, _S.SHORTFALL)),),
)
