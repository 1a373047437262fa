"""Codes of what can go wrong between a sound deal and its result; never reused."""

CODES = {
    "E401": "an expression needs more values at once than the interpreter holds",
    "E402": "a deal that does not ship its tape, and no tape given",
    "E403": "no loan of the replenishment passes the eligibility tests",
    "E404": "a concentration limit that no mix of the replenishment can meet",
    "E405": "an eligibility test or concentration limit on a column the tape does not have, or on words as numbers",
    "E406": "no payment date between the cut-off and the legal final",
    "E410": "the run brings cash that no account collects",
    "E411": "an accrual period that begins before the first fixing of its index",
    "E501": "an amount that is no number",
    "E502": "an amount without bound",
    "E503": "a number of paths, threads or sampled loans below one",
    "E504": "a simulation of a deal without loans",
    "E505": "a number of paths that a sampling cannot draw",
    "E506": "a sampling that is unknown, or has nothing to act on",
    "E521": "a simulation on a cluster without the package for it",
    "E522": "a cluster whose scheduler does not answer, or has no workers",
    "E523": "workers that run other versions than the process that asks them",
    "E524": "a cluster that gave up",
    "E531": "a folder that holds results already, and no wish to go on from them",
    "E532": "results of another deal, tape, scenario, seed, setting or version than those to go on from",
    "E533": "a folder that cannot hold results",
    "E550": "a conservation check failed: the figures must not be used",
}
"""What each code means. E4xx: deal, tape and scenario do not fit together; E5xx: a run could not go on."""
