"""The micro-operations of the deal machine, by the kernel that interprets them.

An operation is a row of eight whole numbers: its number, then `a` to `g`. They name slots `S[slot]` (whole numbers, a
lane a path), registers `F[register]` (float64), columns of the tables by date, or entries `[first, last)` of the side
list; the text of each says which. A mask is a slot that is 1 in the lanes an operation is for, and 0 elsewhere.
"""

from enum import IntEnum

WIDTH = 8
"""Numbers of an operation."""


class Whole(IntEnum):
    """On slots alone (`whole.py`)."""

    MOVE = 0
    """S[a] = S[b]"""
    ADD = 1
    """S[a] = S[b] + S[c]"""
    SUBTRACT = 2
    """S[a] = S[b] - S[c]"""
    MINIMUM = 3
    """S[a] = min(S[b], S[c])"""
    DEFICIT = 4
    """S[a] = max(0, S[b] - S[c])"""
    ABSOLUTE = 5
    """S[a] = |S[b]|"""
    WEIGHT = 6
    """S[a] = S[b], at least 1 and at most the heaviest weight"""
    CHOOSE = 7
    """S[a] = S[c] where the mask S[b] is set, else S[d]"""
    BOTH = 8
    """S[a] = 1 where S[b] and S[c] are not 0, else 0"""
    TRANSFER = 9
    """S[a] goes from S[b] to S[c]"""
    DEPOSIT = 10
    """S[a] is added to S[b] and to S[c]"""
    TAKE = 11
    """S[a] = the smaller of S[b] and S[c], and leaves S[b]"""
    DRAW = 12
    """Of S[a] what is positive in S[b] goes from there to S[c] and S[d], and leaves S[a]"""
    RECORD = 13
    """Step: S[a] = S[b] due, S[a + 1] = S[c] paid, S[a + 2] = their difference, in the lanes of the mask S[d]"""


class List(IntEnum):
    """On slots named in the side list (`list.py`)."""

    CASH = 16
    """S[a] = sum of what is positive in the slots [b, c) of the list"""
    SUM = 17
    """S[a] = sum of the slots [b, c) of the list, less those of [c, d)"""
    ADD_UP = 18
    """S[a] = sum of the slots [b, c) of the list, at most UNLIMITED"""
    SOME = 19
    """S[a] = 1 where any slot [b, c) of the list is not 0, else 0"""
    ADD_EACH = 20
    """S[a] is added to each slot [b, c) of the list"""
    SUBTRACT_EACH = 21
    """S[a] is subtracted from each slot [b, c) of the list"""
    CLEAR = 22
    """0 into each slot [a, b) of the list"""
    COPY = 23
    """Pairs [a, b) of the list: the second slot into the first"""
    COPY_WHERE = 24
    """As COPY with the pairs [b, c), in the lanes of the mask S[a]"""
    ADD_ROW = 25
    """S[a + i] += S[b + i] for i < c"""


class Number(IntEnum):
    """On registers (`number.py`)."""

    LOAD = 32
    """F[a] = S[b]"""
    LOAD_MARK = 33
    """F[a] = S[c] if the mark S[d] was set before this date, else S[b]"""
    DATE = 34
    """F[a] = the date's number in column b"""
    MOVE = 35
    """F[a] = F[b]"""
    CHOOSE = 36
    """F[a] = F[c] where F[b] is not 0, else F[d]"""
    CHOOSE_WHERE = 37
    """F[a] = F[c] where the mask S[b] is set"""
    NEGATE = 38
    NOT = 39
    ABSOLUTE = 40
    ADD = 41
    """F[a] = F[b] + F[c], and so on"""
    SUBTRACT = 42
    MULTIPLY = 43
    DIVIDE = 44
    """F[a] = F[b] / F[c]: 0 for nothing over nothing, no number for something over nothing"""
    RATIO = 45
    """The same, but something over nothing is without bound"""
    MINIMUM = 46
    MAXIMUM = 47
    LESS = 48
    LESS_EQUAL = 49
    GREATER = 50
    GREATER_EQUAL = 51
    EQUAL = 52
    NOT_EQUAL = 53
    AND = 54
    OR = 55


class Past(IntEnum):
    """On registers: what looks back on the values kept of each date, and what goes lane by lane (`number.py`)."""

    PAST = 64
    """F[a] = the value kept in column b, c dates ago; 0 before row d"""
    MARKED = 65
    """F[a] = the value kept in column b on the date of the mark S[c], F[d] if that is not past"""
    AVERAGE = 66
    """F[a] = average of F[b] and the values kept in column c, d dates in all, none before row e"""
    HIGHEST = 67
    LOWEST = 68
    TOTAL = 69
    ROUND = 70
    FLOOR = 71
    CEIL = 72
    TABLE = 73
    """F[a] = F[b] looked up in the c-th and the d - 1 following steps of the tables"""


class Amount(IntEnum):
    """From registers to slots, and what decides where to go on (`amount.py`)."""

    LIMIT = 80
    """S[a] = F[b] in whole units, what is below zero counted in slot d (-1: not) and taken as 0; 0 outside the mask
    S[c]. g is the place of the expression. UNLIMITED beyond the largest amount; without bound, it ends the path"""
    CLAIM = 81
    """As LIMIT, for an amount that becomes a claim: beyond the largest amount, it ends the path"""
    BOOKING = 82
    """As CLAIM, for an amount that may be below zero"""
    MASK = 83
    """S[a] = 1 where S[b] and F[c] are not 0, else 0"""
    STEP = 84
    """S[a] = 1 where the regime S[e] is one of the bits b, the path is on its way and F[c] is not 0 (-1: no condition);
    jump over d operations where it is no lane"""
    JUMP_NONE = 85
    """Jump over b operations where the mask S[a] is no lane"""
    JUMP_DATE = 86
    """Jump over b operations where the date has 0 in column a"""
    DATE = 87
    """S[a] = the date's whole number in column b"""
    EARN = 88
    """S[a] = S[b] x the date's number in column c, rounded, plus its whole number in column d"""
    ACCRUE = 89
    """S[a] = S[b] x the numbers in columns c and d, rounded, at least 0"""
    COUNT_RATE = 90
    """Count in S[a] that the rate in column c is below zero where S[b] is positive"""
    PREMIUM = 91
    """S[a] = S[b] x the number in column c, rounded, where the mask S[d] is set"""
    SETTLE = 92
    """F[a] = F[c] where F[a] is no number, counted in S[d], in the lanes of the mask S[b]; the path ends where F[c] is
    none either. g is the place of the expression"""


class Judge(IntEnum):
    """Triggers, regimes, calls, what falls due (`judge.py`)."""

    POST = 96
    """S[a] = what policies put into account c, which holds S[b]"""
    TRIGGER = 97
    """Trigger with its row at S[a]: breached where F[b] is not 0, fires after c dates, cured after d, mark S[e]"""
    RAISE = 98
    """S[a] = at least c where S[b] is 1"""
    END_REVOLVING = 99
    """The revolving period ended with the date before: mark S[a], S[b] = 1 in lanes where it had not ended"""
    ENTER = 100
    """Regime S[b] into the clock at S[a] in the lanes of the mask S[c]; mark S[d], S[e] as END_REVOLVING has them"""
    FALLS_DUE = 101
    """S[a] = 1 where S[d] is 1 or the date's whole number in column c + S[b] is, else 0"""
    CLOSE_NOTE = 102
    """What is due to the note at S[a] and unpaid is its shortfall; less than b is put off"""
    PORTION = 103
    """S[a] = S[b] x S[c] / max(1, S[d]), rounded down"""


class Share(IntEnum):
    """Sharing and handing out (`share.py`)."""

    PRO_RATA = 112
    """S[a] among the members [c, d) of the list, in the lanes of the mask S[b]; five entries each: need, weight, given,
    and what earlier steps of the date left the member's group owing it, in units of one over the other"""
    QUANTA = 113
    """S[a] down to a multiple of c, unless d is 1 and it is all of S[b]"""
    MOVE_LEDGER = 114
    """S[b] onto the ledger at S[a]"""
    ROOM = 115
    """S[a] = of S[b], if positive, what the ledger with the balance S[c] takes below the limit S[d]; if not, all"""


class Pool(IntEnum):
    """What months bring, and what is bought (`pool.py`)."""

    COLLECT = 120
    """Pool c into the row that begins at S[a]: flows of the months that ended, stocks at the end of the last. Nothing
    where S[b] is 1"""
    OFFERED = 121
    """S[a] = 1 where something is offered in the vintage of column b"""
    BUY = 122
    """S[b] = face bought for S[a] in the vintage of column c: its flows are added to the months to come"""


class Close(IntEnum):
    """What is kept and checked at the end of a date (`close.py`)."""

    KEEP = 128
    """Pairs [a, b) of the list: register of the second into the column of the first"""
    LATCH = 129
    """As COPY with the pairs [b, c), where the mark S[a] is this date; S[a + 1] is scratch"""
    BOUND = 130
    """The path ends where a slot [b, c) of the list is beyond the largest amount; S[a] is scratch"""
    BALANCED = 131
    """Check e fails where the sum of the slots [b, c) of the list less those of [c, d) is not 0; S[a] is scratch"""
    NOT_NEGATIVE = 132
    """Check e fails where a slot [b, c) of the list is below zero; S[a] is scratch"""
    REMEMBER = 133
    """Slots [a, b) of the list into the record of the date"""
