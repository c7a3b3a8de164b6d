"""From what a request holds to a template that is sound."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.compiler import ActionCatalogue, TemplateCheck, check_template
from opsconductor.errors import DocumentError, Problem
from opsconductor.sdk.job import (
    TemplateDocument,
    TemplateReading,
    dump_template,
    template_refs,
    try_template_data,
    try_template_yaml,
)
from portal.authz.actor import Actor

from .catalogue import Catalogue
from .repository import TemplateRepository


@dataclass(frozen=True, slots=True)
class Sound:
    """A template in which nothing is wrong.

    Attributes:
        source: Its YAML, as the author wrote it where they wrote YAML.
        catalogue: What it uses itself.
    """

    document: TemplateDocument
    source: str
    warnings: Sequence[Problem]
    catalogue: Catalogue


async def check(
    templates: TemplateRepository, actions: ActionCatalogue, actor: Actor, yaml: str | None, data: Any
) -> tuple[TemplateReading, TemplateCheck, Catalogue]:
    """Find everything wrong with a template."""
    reading = await asyncio.to_thread(_read, yaml, data)
    catalogue = await templates.load(actor, template_refs(reading.body) if reading.body else ())
    return reading, await asyncio.to_thread(check_template, reading, actions, catalogue), catalogue


async def check_sound(
    templates: TemplateRepository,
    actions: ActionCatalogue,
    actor: Actor,
    yaml: str | None,
    data: Any,
    *,
    former: str | None = None,
) -> Sound:
    """A template that can be kept; one given as data keeps the comments of the former text.

    Raises:
        DocumentError: Every problem at once.
    """
    reading, found, catalogue = await check(templates, actions, actor, yaml, data)
    if found.problems or reading.template is None:
        raise DocumentError(found.problems)
    source = yaml if yaml is not None else await asyncio.to_thread(dump_template, reading.template, former)
    return Sound(reading.template, source, found.warnings, catalogue)


def _read(yaml: str | None, data: Any) -> TemplateReading:
    return try_template_yaml(yaml) if yaml is not None else try_template_data(data)
