"""What a tape says of a loan's status: whether it is owed at all, and whether it is in arrears.

A loan that is gone has no balance: one that is said to be paid off and to have a balance contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from abssim.money import to_units
from abssim.tape.draft import Draft
from abssim.word import counted

Float64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

GONE = frozenset(
    {
        *("paid", "paid off", "paid in full", "fully paid", "prepaid", "repaid", "redeemed", "settled", "closed"),
        *("charged off", "charge off", "chargeoff", "written off", "write off", "liquidated", "repurchased"),
        *("terminated", "canceled", "cancelled", "结清", "已结清", "核销", "已核销"),
    }
)
"""No asset of the pool any more."""
CURRENT = frozenset({"current", "performing", "normal", "up to date", "正常"})
ARREARS = frozenset(
    {
        *("late", "past due", "overdue", "delinquent", "arrears", "in arrears", "default", "defaulted"),
        *("non performing", "nonperforming", "foreclosure", "in foreclosure", "逾期"),
    }
)
OWED = frozenset({"active", "open", "live", "outstanding", "in repayment", "issued", ""})
"""An asset, of whose arrears nothing is said."""
LATE_FROM = 30
"""Days past due up to which a loan is often called current."""
_LOOKS = {
    "paid": re.compile(
        r"(?<!un)(?<!not )(?<!partially )(?<!part )paid|complet|clos|settl|redeem|matured|termin|结清|还清"
    ),
    "charged off": re.compile(r"default|charge|writ(?:ten|e|ing)|wrote|liquidat|repurchas|loss|核销"),
}
"""How words look that seem to say that a loan is gone, by the known word that says so."""
_BETWEEN = re.compile(r"[\W_]+")


def check_status(draft: Draft, balance: Float64, days: Float64) -> None:
    """Faults and notes of the column `status` against the balance and the days past due, minor units and days."""
    if not draft.has("status"):
        _suspect(draft, balance)
        return
    codes, words = draft.words("status")
    plain = [_plain(word) for word in words]

    def among(known: frozenset[str]) -> Mask:
        return np.asarray([word in known for word in plain], dtype=np.bool_)[codes]

    draft.fault_words(among(GONE) & (balance > 0), "E273", "status", "gone, and yet a balance", _gone_hint)
    owed = set(codes[balance > 0].tolist())
    known = GONE | CURRENT | ARREARS | OWED
    unknown = [word for code, word in enumerate(words) if code in owed and plain[code] not in known]
    if unknown:
        named = ", ".join(f'"{word}"' for word in unknown[:3]) + (
            f" and {len(unknown) - 3:,} more" * (len(unknown) > 3)
        )
        draft.told.append(f"status {named} is no word that is known: such loans are taken as owed{_otherwise(unknown)}")
    _against_days(draft, among(CURRENT) & (days > LATE_FROM), among(ARREARS) & (days == 0))


def _against_days(draft: Draft, late: Mask, current: Mask) -> None:
    """Loans whose days past due say another thing than their status."""
    count = int((late & ~draft.faults.bad).sum())
    if count:
        draft.told.append(
            f"status of {counted(count, 'loan')} is current, but days_past_due is above {LATE_FROM}: taken as late"
        )
    count = int((current & ~draft.faults.bad).sum())
    if count:
        draft.told.append(
            f"status of {counted(count, 'loan')} says late, but days_past_due is 0 or not given: taken as current"
        )


def _suspect(draft: Draft, balance: Float64) -> None:
    """Columns that may be the status, read under another name because nobody said so."""
    for name in sorted(draft.automatic):
        if "status" in name:
            codes, words = draft.raw[name].words()
            gone = np.asarray([_plain(word) in GONE for word in (*words, "")], dtype=np.bool_)[codes] & (balance > 0)
            if gone.any():
                owed = to_units(float(balance[gone].sum()), draft.currency)
                draft.told.append(
                    f'{draft.label(name)} of {counted(int(gone.sum()), "loan")} is "{words[codes[np.argmax(gone)]]}", '
                    f'with a balance of {owed:,.2f}: if it is their status, --map "status={draft.label(name)}"'
                )


def _plain(word: str) -> str:
    return _BETWEEN.sub(" ", word).strip().lower()


def _gone_hint(word: str) -> str:
    return (
        f"leave such rows out with --on-bad-row drop, or say what the word means: {_mapped(word, 'current')} (or late)"
    )


def _otherwise(words: Sequence[str]) -> str:
    """What to say of unknown words if their loans are not owed: what the first that looks like it seems to mean."""
    for word in words:
        for meaning, look in _LOOKS.items():
            if look.search(_plain(word)):
                return f"; if not, {_mapped(word, meaning)}"
    return f"; say what they are: {_mapped(words[0], 'WORD')}, where WORD is current, late, paid or charged off"


def _mapped(word: str, meaning: str) -> str:
    return f'--map "status={word}:{meaning}"'
