"""Regulators' templates as data: the fields of a report, what they hold and where they stand in its file."""
