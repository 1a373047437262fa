"""Problems of what is asked for in Python, where no command line has checked the words."""

CODES = {
    "E549": "a setting that is none of its choices",
}
