"""From what a request holds to a document and its Plan."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.compiler import ActionCatalogue, check_reading
from flows.plan import Plan
from opsconductor.errors import DocumentError, Problem
from opsconductor.sdk.job import JobDocument, dump_yaml, try_data, try_yaml


@dataclass(frozen=True, slots=True)
class Compiled:
    """A document that compiles.

    Attributes:
        source: Its YAML, as the author wrote it where they wrote YAML.
    """

    document: JobDocument
    source: str
    plan: Plan
    warnings: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Checked:
    """What compiling a document found, whether it compiles or not."""

    name: str | None
    plan: Plan | None
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


async def compile_source(
    actions: ActionCatalogue, yaml: str | None, data: dict[str, Any] | None, *, former: str | None = None
) -> Compiled:
    """Compile a document.

    Args:
        actions: What it may use.
        yaml: The document as text.
        data: The document as data; used when there is no text.
        former: The text of the version before, whose comments a document given as data keeps.

    Raises:
        DocumentError: Every problem at once.
    """
    return await asyncio.to_thread(_compile, actions, yaml, data, former)


async def check_source(actions: ActionCatalogue, yaml: str | None, data: dict[str, Any] | None) -> Checked:
    """Find everything wrong with a document."""
    return await asyncio.to_thread(_check, actions, yaml, data)


def _check(actions: ActionCatalogue, yaml: str | None, data: dict[str, Any] | None) -> Checked:
    reading = try_yaml(yaml) if yaml is not None else try_data(data)
    found = check_reading(reading, actions)
    name = reading.document.name if reading.document else None
    return Checked(name, found.plan, found.problems, found.warnings)


def _compile(actions: ActionCatalogue, yaml: str | None, data: dict[str, Any] | None, former: str | None) -> Compiled:
    reading = try_yaml(yaml) if yaml is not None else try_data(data)
    found = check_reading(reading, actions)
    if found.plan is None or reading.document is None:
        raise DocumentError(found.problems)
    source = yaml if yaml is not None else dump_yaml(reading.document, former)
    return Compiled(reading.document, source, found.plan, found.warnings)
