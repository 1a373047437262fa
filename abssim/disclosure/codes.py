"""Codes of what can be wrong with a disclosure; never reused."""

CODES = {
    "E800": "no template of this name",
    "E801": "a field that must be told has no value",
    "E802": "a value that the field does not take",
    "E803": "a value of a field that no template has",
    "E804": "a no-data code where the template allows none",
    "E805": "a value of a field that is computed",
    "E806": "a loan-level template of a deal without loans",
    "E807": "a loan-level report of a date of which no loan is known",
    "E808": "a report of a payment date that the run does not have",
    "E809": "more rows than a sheet holds",
    "E810": "identifiers that are the same once written in capitals",
    "E812": "items of cash that do not add up",
    "E813": "a schema that cannot be read",
    "E814": "a message that the user's copy of the schema does not take",
    "E815": "a kind of file that a template is not written as",
}
