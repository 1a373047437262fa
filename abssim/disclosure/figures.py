"""Figures of one payment date as the EU's investor report wants them (Delegated Regulation (EU) 2020/1224, Annex XII).

P is the principal of the pool with what is in default and not yet written off, N that of the notes, n the collection
periods of a year: 12 over the months that this one had. A rate p of a period is 1 - (1 - p)^n a year.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from abssim.dates import months_after
from abssim.disclosure.loan_view import amount_text, plain_text
from abssim.engine.state import block
from abssim.kind.account import AccountField
from abssim.kind.clock import ClockField
from abssim.kind.ledger import LedgerField
from abssim.kind.note import NoteField
from abssim.kind.pool import PoolField
from abssim.kind.trigger import TriggerField
from abssim.money import minor_digits
from abssim.result import RunResult

_P = PoolField
_LATE = {"1_29": _P.DPD_1_30_BALANCE, "30_59": _P.DPD_31_60_BALANCE, "60_89": _P.DPD_61_90_BALANCE}
"""Instalments that the projection knows to be late, by the days of arrears that stand for them."""
_IN_DEFAULT = ("90_119", "120_149", "150_179")
"""Arrears of what went into default in the last three months; what is older has 180 days and more."""
SETTLED = (_P.RECOVERY, _P.LOSS, _P.ADVANCED_PRINCIPAL)
"""What leaves the assets in default: gross charge-offs, before recoveries."""


@dataclass(frozen=True)
class Figures:
    """Row `t` of a run. Amounts in minor units, rates in percent."""

    result: RunResult
    t: int

    @property
    def pool(self) -> list[int]:
        """The date's figures of all pools together."""
        figures: list[int] = self.result.pool_flow[self.t, 0].tolist()
        return figures

    def _before(self, field: PoolField) -> int:
        """A stock at the end of the date before, or at the start of the run."""
        if self.t:
            return int(self.result.pool_flow[self.t - 1, 0, field])
        return int(block(self.result.initial[None], self.result.layout, "pool")[0, 0, field])

    @property
    def cut_off(self) -> date:
        """Day on which the collection period has ended."""
        return months_after(self.result.dates.cut_off, self.result.dates.month[self.t])

    @property
    def opening(self) -> int:
        """P at the start of the period."""
        return self.pool[_P.OPENING_BALANCE] + self._before(_P.NON_PERFORMING_BALANCE)

    @property
    def closing(self) -> int:
        """P at its end."""
        return self.pool[_P.CLOSING_BALANCE] + self.pool[_P.NON_PERFORMING_BALANCE]

    @property
    def notes(self) -> int:
        """N after the payments of the date."""
        return int(self.result.note_flow[self.t, :, NoteField.BALANCE].sum())

    def annual(self, amount: int, base: int) -> float:
        """Percent a year of an amount of the period; 0 of nothing."""
        share = min(amount / base, 1.0) if base > 0 else 0.0
        periods = 12.0 / max(int(self.result.clock[self.t, ClockField.MONTHS]), 1)
        return float(100.0 * (1.0 - (1.0 - share) ** periods))

    def values(self) -> dict[str, str]:
        """Texts by source."""
        found = {f"run.{name}": amount_text(amount, self._digits) for name, amount in self._amounts()}
        found |= {f"run.{name}": plain_text(round(rate, 8)) for name, rate in self._rates()}
        found |= {f"run.{name}": str(flag).lower() for name, flag in self._flags()}
        return {**found, "report.cut_off": self.cut_off.isoformat()}

    @property
    def _digits(self) -> int:
        return minor_digits(self.result.currency)

    def _amounts(self) -> Iterator[tuple[str, int]]:
        pool = self.pool
        yield "principal_recoveries", pool[_P.RECOVERY]
        yield "principal_collections", pool[_P.SCHEDULED_PRINCIPAL] + pool[_P.PREPAYMENT] + pool[_P.REPURCHASE]
        yield "interest_collections", pool[_P.INTEREST] + pool[_P.FEE] + pool[_P.PENALTY]
        yield "dilution", pool[_P.DILUTION]
        yield "charge_offs", sum(pool[field] for field in SETTLED)
        yield "repurchased", pool[_P.REPURCHASE]
        yield "restructured", max(pool[_P.RESTRUCTURED_BALANCE] - self._before(_P.RESTRUCTURED_BALANCE), 0)
        yield "defaulted_balance", pool[_P.NON_PERFORMING_BALANCE]

    def _rates(self) -> Iterator[tuple[str, float]]:
        pool = self.pool
        yield "overcollateralisation_pct", 100.0 * pool[_P.CLOSING_BALANCE] / self.notes if self.notes else math.nan
        yield "cpr_pct", self.annual(pool[_P.PREPAYMENT], self.opening)
        yield "cdr_pct", self.annual(pool[_P.DEFAULT], pool[_P.OPENING_BALANCE])
        for days, amount in self.arrears().items():
            yield f"arrears_{days}_pct", 100.0 * amount / self.closing if self.closing else 0.0

    def arrears(self) -> dict[str, int]:
        """Principal in arrears by days. One, two, three late instalments stand for 1-29, 30-59, 60-89 days; of what is
        in default the latest is taken to be left: it went so in the last months, a third of a quarter in each."""
        found = {days: self.pool[field] for days, field in _LATE.items()}
        left = self.pool[_P.NON_PERFORMING_BALANCE]
        for days, defaulted in zip(_IN_DEFAULT, self._last_defaults(), strict=True):
            found[days] = min(defaulted, left)
            left -= found[days]
        return {**found, "180": left}

    def _last_defaults(self) -> list[int]:
        """What went into default in each of the last three months, the latest first."""
        months: list[int] = []
        for t in range(self.t, -1, -1):
            length = max(int(self.result.clock[t, ClockField.MONTHS]), 1)
            each, rest = divmod(int(self.result.pool_flow[t, 0, _P.DEFAULT]), length)
            months += [each + rest, *[each] * (length - 1)]
            if len(months) >= len(_IN_DEFAULT):
                break
        return (months + [0] * len(_IN_DEFAULT))[: len(_IN_DEFAULT)]

    def _flags(self) -> Iterator[tuple[str, bool]]:
        result, t = self.result, self.t
        fired = result.trigger_flow[t, :, [TriggerField.ACTIVE, TriggerField.BREACHED]].any()
        deficient = (result.ledger_flow[t, :, LedgerField.BALANCE] > 0).any()
        yield "exposure_trigger", bool(fired or deficient or self.pool[_P.CLOSING_BALANCE] < self.notes)
        kept = [place for place, name in enumerate(result.names["account"]) if name in result.supports]
        yield "spread_trapped", bool((result.account_flow[t, kept, AccountField.PAID_IN] > 0).any())
