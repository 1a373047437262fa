"""What kinds of things a deal consists of: one row each.

A row (`abssim.kind.base.Kind`) says a kind's fields, with the unit of each, what happens to it when a date opens, the
phase of the date after which it is final, and its words; and the equalities that hold between fields. The layout of the
state, the names expressions read, the opening of the books, the conservation checks, results, frames, sheets and stored
documents are derived from it, and so is what steps of a waterfall may pay, or pay out of. `abssim.kind.table` lists
them all.

To add a kind: its row here and in the table; its document in `abssim.deal`, and the field of `Deal` that holds them;
where it does more than its row can say (something accrues by a formula), a recipe in `abssim.program.lower.recipes`.
Tests: its twin in `tests/engine/naive_kinds.py`, a case worked by hand, and its place in the case of all observables.
"""
