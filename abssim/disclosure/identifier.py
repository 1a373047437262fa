"""Identifiers with check digits, and codes of countries."""

from __future__ import annotations

import re

_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
COUNTRIES = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2."""
STATISTICAL = COUNTRIES | {"EL", "UK"}
"""First letters of regions in Eurostat's classification, which has its own for Greece and the United Kingdom."""
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


def is_lei(text: str) -> bool:
    """True of a legal entity identifier whose check digits are right (ISO 17442, by ISO 7064 MOD 97-10)."""
    return _LEI.fullmatch(text) is not None and int(_digits(text)) % 97 == 1


def is_isin(text: str) -> bool:
    """True of a securities identification number whose check digit is right (ISO 6166, by the Luhn formula)."""
    if _ISIN.fullmatch(text) is None:
        return False
    figures = [int(figure) for figure in reversed(_digits(text))]
    doubled = [sum(divmod(2 * figure, 10)) for figure in figures[1::2]]
    return (sum(figures[::2]) + sum(doubled)) % 10 == 0


def _digits(text: str) -> str:
    """Letters as numbers: A is 10."""
    return "".join(str(int(letter, 36)) for letter in text)
