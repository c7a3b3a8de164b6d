"""From what a request holds to a document and its Plan."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.compiler import check_reading
from flows.plan import Plan
from opsconductor.errors import DocumentError, Problem
from opsconductor.sdk.job import JobDocument, Reading, dump_yaml, template_refs, try_data, try_yaml
from portal.authz.actor import Actor
from portal.authz.permissions import Permission
from portal.authz.reach import check_credentials
from portal.credentials.models import Credential
from portal.templates.catalogue import Catalogue

from .desk import Desk
from .surroundings import Found, look_around


@dataclass(frozen=True, slots=True)
class Compiled:
    """A document that compiles.

    Attributes:
        source: Its YAML, as the author wrote it where they wrote YAML.
        templates: References of the templates in it, those inside other templates included.
        catalogue: These templates.
    """

    document: JobDocument
    source: str
    plan: Plan
    warnings: Sequence[Problem]
    templates: frozenset[str]
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a document found, whether it compiles or not; fields as in `Compiled`."""

    reading: Reading
    plan: Plan | None
    problems: Sequence[Problem]
    warnings: Sequence[Problem]
    templates: frozenset[str]
    catalogue: Catalogue
    credentials: Sequence[Credential]


async def compile_source(
    desk: Desk, actor: Actor, yaml: str | None, data: dict[str, Any] | None, *, former: str | None = None
) -> Compiled:
    """Compile a document.

    Args:
        desk: Where what it may use is found.
        actor: Who wants it; templates and credentials out of their sight are not there.
        yaml: The document as text.
        data: The document as data; used when there is no text.
        former: The text of the version before, whose comments a document given as data keeps.

    Raises:
        DocumentError: Every problem at once.
        PermissionDeniedError: They may not use a credential that it names.
    """
    found = await check_source(desk, actor, yaml, data)
    document = found.reading.document
    if found.plan is None or found.problems or document is None:
        raise DocumentError(found.problems)
    check_credentials(actor, Permission.CREDENTIALS_USE, [(row.id, row.name) for row in found.credentials])
    source = yaml if yaml is not None else await asyncio.to_thread(dump_yaml, document, former)
    return Compiled(document, source, found.plan, found.warnings, found.templates, found.catalogue)


async def check_source(desk: Desk, actor: Actor, yaml: str | None, data: dict[str, Any] | None) -> Checked:
    """Find everything wrong with a document, also with what it names here."""
    reading = await asyncio.to_thread(_read, yaml, data)
    document = reading.document
    catalogue = await desk.templates.load(actor, template_refs(document) if document else ())
    found = await asyncio.to_thread(check_reading, reading, desk.actions, catalogue)
    around = await look_around(desk.surroundings, actor, document) if document else Found()
    return Checked(
        reading,
        found.plan,
        _by_line([*found.problems, *around.problems]),
        _by_line([*found.warnings, *around.warnings]),
        found.templates,
        catalogue,
        around.credentials,
    )


def _by_line(problems: Sequence[Problem]) -> Sequence[Problem]:
    return sorted(problems, key=lambda problem: problem.line or 0)


def _read(yaml: str | None, data: dict[str, Any] | None) -> Reading:
    return try_yaml(yaml) if yaml is not None else try_data(data)
