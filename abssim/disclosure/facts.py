"""What the deal's document says for reports: values by field, no-data codes, parties."""

from __future__ import annotations

from collections.abc import Iterator

from abssim.deal.deal import Deal
from abssim.deal.disclosure import Disclosure, Parties
from abssim.errors import DisclosureError, Problem, did_you_mean
from abssim.template.field import SEPARATOR, Field
from abssim.template.load import load_template, template_names

PARTY = "party"


class Facts:
    """The deal's `parties:` and `disclosure:`, checked against all templates. DisclosureError: E803, E804, E805."""

    def __init__(self, deal: Deal) -> None:
        self.deal = deal
        self.said = deal.disclosure or Disclosure()
        self._parties = deal.parties or Parties()
        if problems := list(self._problems()):
            raise DisclosureError(problems)

    def _problems(self) -> Iterator[Problem]:
        known = {field.code: field for name in template_names() for field in load_template(name).fields}
        for block, codes in (("values", self.said.values), ("no_data", self.said.no_data)):
            for code in codes:
                path = ("disclosure", block, code)
                if code not in known:
                    yield self.deal.problem("E803", path, "no template has this field", did_you_mean(code, known))
                elif known[code].computed:
                    yield self.deal.problem("E805", path, "this field is computed", "leave it out")
        for code, reason in self.said.no_data.items():
            if code in known and not known[code].computed and not known[code].allows(reason):
                allowed = ", ".join(sorted(known[code].no_data)) or "none"
                yield self.deal.problem("E804", ("disclosure", "no_data", code), reason, f"allowed here: {allowed}")

    def value(self, field: Field) -> str:
        """What the deal says of a field; empty where it says nothing."""
        said = self.said.values.get(field.code, ())
        return SEPARATOR.join(said) or self._named(field.source)

    def _named(self, source: str) -> str:
        """A fact that has a name in the deal: of a party, the identifier, the deal's own name."""
        kind, _, rest = source.partition(".")
        if kind == PARTY:
            role, _, what = rest.partition(".")
            found = getattr(getattr(self._parties, role), what, None) or ""
            return found if isinstance(found, str) else SEPARATOR.join(found)
        if source == "deal.identifier":
            return self.said.identifier or ""
        return self.deal.name if source == "deal.name" else ""

    def nothing(self, field: Field) -> str:
        """The no-data code that stands for a value that is not there; empty where none may."""
        return self.said.no_data.get(field.code, field.default)
