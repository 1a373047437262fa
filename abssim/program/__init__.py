"""How a deal becomes arrays: names to indices, expressions to postfix code, tapes to collateral."""
