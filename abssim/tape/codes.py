"""Codes of what can be wrong with a loan tape; never reused. E200 to E206 are those of any document."""

from __future__ import annotations

from abssim.document import CODES as DOCUMENT_CODES

CODES = {
    **{f"E2{number}": DOCUMENT_CODES[number] for number in ("00", "01", "02", "03", "04", "05", "06")},
    "E210": "a value is missing",
    "E211": "a value is not a number",
    "E212": "a value is not finite",
    "E213": "a value is negative",
    "E214": "a value is larger than any contract's",
    "E215": "a loan id occurs twice",
    "E216": "a balance is outstanding with no remaining term",
    "E217": "a value is not a whole number",
    "E218": "an amortization is not known",
    "E219": "a rate is above 100 % a year",
    "E220": "a date cannot be read",
    "E221": "an instalment contract owes more than it lent",
    "E222": "a custom schedule does not repay the balance over the remaining term",
    "E223": "a balloon is missing or larger than the balance",
    "E224": "a minimum payment rate is missing or above one",
    "E225": "a text is too long or not UTF-8",
    "E226": "the total balance is larger than the engine can add up",
    "E227": "a setting is not one of those known",
    "E228": "a repline has an unknown field",
    "E229": "a synthetic tape cannot be drawn as asked",
    "E230": "the tape has no column of that name",
    "E231": "bands cannot be read or are not for this column",
    "E232": "the output cannot be written",
    "E241": "the tape holds no rows",
    "E242": "the file's kind is not known",
    "E243": "the header is not UTF-8 text",
    "E244": "the file is damaged",
    "E245": "a required column is missing",
    "E246": "a mapping names a column the file does not have",
    "E247": "two columns of the file claim the same name",
    "E248": "a default is unknown or not usable",
    "E249": "a row has too many or too few fields",
}
