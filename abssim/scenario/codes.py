"""Error codes of scenarios; `E300` to `E309` are those of any document (`abssim.document.CODES`)."""

from abssim import document

CODES = {f"E3{number}": meaning for number, meaning in document.CODES.items()} | {
    "E310": "a curve that cannot be read",
    "E311": "a percentage or multiple out of range",
    "E312": "none or several of the speeds that exclude each other",
    "E313": "a recovery that is given twice or adds up to more than 100 %",
    "E314": "a roll-rate matrix with an unknown state, an impossible move or a row beyond 100 %",
    "E315": "no roll-rate matrix of that name, or seasoning bands that do not start at age 0",
    "E316": "a timing of defaults that is unknown, does not add up to 100 % or ends before a loan can default",
    "E317": "a base scenario that leads back to itself",
    "E318": "no scenario of that name",
    "E319": "servicer advances together with roll rates, or with recoveries that are not of one lag",
    "E320": "a condition on the tape that is empty, or a band from a number to a date",
    "E321": "roll rates that restructure without terms of restructuring, or terms without them",
    "E330": "a column the tape does not have",
    "E331": "no rates for an index",
    "E332": "servicer advances in a simulation loan by loan",
    "E333": "cumulative losses of assets that recover in full",
    "E334": "a band of dates on a column that has none, or of numbers on a column of dates",
    "E335": "a trigger or account of a policy that the deal does not have",
    "E336": "a policy that is decided by nothing, or by two things",
    "E340": "one factor and several factors at once",
    "E341": "a correlation with a factor that the scenario does not have",
    "E342": "degrees of freedom or recentring with a factor that is not the first",
}
"""What each code means."""
