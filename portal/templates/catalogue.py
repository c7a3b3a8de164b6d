"""The templates that a document uses, as data for the compiler."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from uuid import UUID

from opsconductor.sdk.job import TemplateDocument, parse_template_ref


@dataclass(frozen=True, slots=True)
class KeptTemplate:
    """One version of a template."""

    template_id: UUID
    version: int
    document: TemplateDocument


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Versions of templates by their references.

    Attributes:
        newest: References to suggest: the newest version of each template.
    """

    kept: Mapping[str, KeptTemplate] = field(default_factory=dict[str, KeptTemplate])
    newest: Sequence[str] = ()

    def find(self, ref: str) -> TemplateDocument | None:
        """The version that a reference names."""
        found = self.kept.get(ref)
        return found.document if found else None

    def suggest(self, ref: str) -> str | None:
        """The newest version of that template, or of one with a name like it."""
        wanted = parse_template_ref(ref)
        same = next((known for known in self.newest if wanted and known.startswith(f"template/{wanted[0]}@")), None)
        return same or next(iter(get_close_matches(ref, self.newest, n=1, cutoff=0.7)), None)

    def pick(self, refs: Iterable[str]) -> list[KeptTemplate]:
        """The versions that some references name."""
        return [self.kept[ref] for ref in sorted(refs)]
