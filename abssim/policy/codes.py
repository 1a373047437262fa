"""Error codes of policies of one's own; those of documents are among the scenario's (`abssim.scenario.codes`)."""

CODES = {
    "E337": "a policy of one's own without a name, a version or a hook, or with the name of another",
    "E338": "a policy of one's own that cannot be pickled",
    "E339": "a hook of a policy that fails, or answers other shapes or figures than it may",
    "E343": "policies that do not settle: they answer the same past in different ways",
}
"""What each code means; never reused."""
