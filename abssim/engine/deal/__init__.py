"""The deal machine: micro-operations on lanes, one lane a path."""
