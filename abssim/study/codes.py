"""Problems of what is asked for in Python, where no command line has checked the words."""

CODES = {
    "E549": "a setting of a function that is none of its choices, or no number of its kind",
}
