"""Codes of what cannot be valued."""

CODES = {
    "E600": "a figure outside the range it can have",
    "E601": "a quote to which no curve can be fitted",
    "E602": "a word that is not known: calendar, day count, roll, rule, engine, side",
    "E603": "days in the wrong order, or curves that start on different days",
    "E604": "the ISDA model cannot value such a contract",
    "E605": "arrays that do not fit together",
    "E606": "no annuity, so no spread is fair",
    "E607": "what QuantLib refuses to value, with its reason",
}
"""What each code means."""
