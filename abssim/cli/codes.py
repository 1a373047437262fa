"""Problems of what is asked for, on the command line or in Python: well formed, and it still cannot be carried out."""

CODES = {
    "E001": "no deal of this name or path",
    "E002": "a file ending no writer knows, or a name without letters",
    "E003": "a speed that cannot be read",
    "E004": "the folder of a new deal exists already, or its template is missing",
    "E005": "no payment date of this number",
    "E006": "no note of this name, or one that is named twice",
    "E007": "options that exclude or need each other",
    "E008": "a list of prices, yields or margins that cannot be read",
    "E009": "a discount margin of a note without an index",
    "E010": "two scenarios of one name",
    "E015": "an option that needs loans, for a deal whose pools are a servicer's figures",
    "E016": "a settlement day that is no date, or on which a note has no cash to come",
    "E020": "an optional library that is not installed",
    "E021": "a number of synthetic loans for a deal that has no synthetic pool",
    "E022": "a file or folder that cannot be written there",
    "E023": "a file or folder that the system refuses",
    "E024": "a folder that holds what abssim did not write, or was edited",
    "E025": "an output that is another output, or an input",
    "E026": "more than the machine's memory holds",
    "E027": "two tapes of one name",
}
