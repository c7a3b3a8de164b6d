"""From text or data to a JobDocument."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsconductor.errors import DocumentError, Problem

from .declarations import declaration_problems
from .document import JobDocument
from .paths import MAX_NAMED, SourceLines
from .plain import plain_problems
from .reader import read_yaml
from .salvage import salvage
from .shape import validate


@dataclass(frozen=True, slots=True)
class Reading:
    """A document and what is wrong with it.

    Attributes:
        document: The document; with problems, as much of it as could be read.
        problems: Everything wrong with it that can be known without its actions.
    """

    document: JobDocument | None
    problems: tuple[Problem, ...]


def parse_yaml(text: str) -> JobDocument:
    """The document a YAML text holds; every place in it knows its line.

    Raises:
        DocumentError: Every problem at once, with path, line and hint.
    """
    return _document(try_yaml(text))


def parse(data: Mapping[str, Any]) -> JobDocument:
    """The document that JSON data holds.

    Raises:
        DocumentError: Every problem at once, with path and hint.
    """
    return _document(try_data(data))


def try_yaml(text: str) -> Reading:
    """Read a YAML text as far as it goes, for those who collect problems."""
    try:
        source = read_yaml(text)
    except DocumentError as error:
        return Reading(None, error.problems)
    return try_data(source.data, source.lines)


def try_data(data: Any, lines: SourceLines | None = None) -> Reading:
    """Read data as far as it goes, for those who collect problems."""
    lines = lines or SourceLines()
    problems = plain_problems(data)
    if problems:
        return Reading(None, tuple(problems))
    document, problems = validate(data, lines)
    readable = document or (salvage(data, lines) if len(problems) <= MAX_NAMED else None)
    if readable is not None:
        problems += declaration_problems(readable)
    return Reading(readable, tuple(sorted(problems, key=lambda problem: problem.line or 0)))


def _document(reading: Reading) -> JobDocument:
    if reading.problems or reading.document is None:
        raise DocumentError(reading.problems)
    return reading.document
