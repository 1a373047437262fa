"""What kinds of things a deal consists of: one row each.

A row (`abssim.kind.base.Kind`) says a kind's fields, with the unit of each, what happens to it when a date opens, the
phase of the date after which it is final, and its words; and the equalities that hold between fields. The layout of the
state, the names expressions read, the opening of the books, the conservation checks, results, frames, sheets and stored
documents are derived from it. `abssim.kind.table` lists them all.
"""
