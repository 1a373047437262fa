"""Disclosure: reports in the forms of regulators, from a deal, its tape and a run."""
