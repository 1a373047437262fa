"""Problems of what is asked for in Python, where no command line has checked the words."""

CODES = {
    "E551": "a value that cannot be set: no path and value, or a value that cannot be read",
    "E552": "a path that is set twice, or as a part of another one",
    "E553": "a path that neither the deal nor the scenario has",
    "E555": "a grid of more cells than are run, or without a cell",
    "E556": "a measure that is not known, or says nothing of the deal, or is named twice",
    "E557": "a condition or a range that cannot be read",
    "E558": "no value in the range at which a condition starts or stops to hold",
    "E554": "a path that both documents have, or one that names another document",
    "E539": "an argument of a function that is not of its kind",
    "E540": "an empty list where there must be something",
    "E541": "simulations to compare that are not of the same paths",
    "E549": "a setting of a function that is none of its choices, or no number of its kind",
}
