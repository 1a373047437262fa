"""Codes of what can be wrong with a calibration; its cells are reported with the codes of tapes."""

CODES = {
    "E701": "the file is none of the kinds a calibration reads",
    "E702": "a status is not known",
    "E703": "a loan has two rows for one month, or a vintage two for one age",
    "E704": "a cumulative curve falls or passes 100 %",
    "E705": "a loan ends before it begins",
    "E706": "a setting that cannot be read, or is not for this kind of file",
    "E707": "nothing is left to estimate from, or to test on",
}
"""What each code means."""
