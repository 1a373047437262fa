"""From deal to arrays: names to indices, expressions to postfix code, steps to tables; a compiled deal in words."""
