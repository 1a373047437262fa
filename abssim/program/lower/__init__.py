"""From the tables of a deal to the micro-operations of a date."""
