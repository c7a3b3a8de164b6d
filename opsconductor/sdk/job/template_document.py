"""Template documents, version 1: steps that many jobs use, as one node with parameters and outputs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from opsconductor.errors import DocumentError, Problem

from .document import MAX_NODES, ExpressionText, JobDocument, Node, Part, Position, Scope, walk
from .parameters import Parameter
from .parsing import try_data
from .paths import Place, SourceLines, did_you_mean, path_of, printable
from .plain import is_mapping
from .reader import read_yaml
from .sentences import say

TEMPLATES: Literal["template"] = "template"
"""What references to templates begin with, in the place of a library's name."""

MAX_VERSION = 99_999
_SHARED = frozenset({"apiVersion", "name", "description", "parameters", "steps", "layout"})
_OWN = frozenset({"kind", "scope", "outputs"})
_NAME = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_REF = re.compile(rf"template/({_NAME})@([1-9][0-9]{{0,4}})")

TemplateName = Annotated[str, StringConstraints(max_length=100, pattern=f"^{_NAME}$")]
OutputName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
_HINTS = {
    "kind": "write `kind: Template`",
    "name": "names are words in lower case with `_` and dots, such as `web.restart`",
    "scope": "write `target` or `run`",
    "outputs": 'write `name: "steps.probe.active"`: an expression in quotes',
}


class TemplateDocument(Part):
    """Steps that jobs use by `uses: template/name@2`, as written.

    Attributes:
        api_version: Version of this format (`apiVersion` in the document).
        kind: `Template`.
        name: How jobs name it.
        description: What it is for.
        parameters: What a use must or may give, in `with`.
        scope: `target` (default): each target walks through it on its own. `run`: as a block of that scope.
        outputs: What later steps may read of it, each an expression over its steps.
        steps: The graph.
        layout: Positions on the canvas.
    """

    api_version: Annotated[Literal["opsconductor/v1"], Field(alias="apiVersion")]
    kind: Literal["Template"]
    name: TemplateName
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    parameters: Annotated[dict[str, Parameter], Field(max_length=200)] = Field(default_factory=dict[str, Parameter])
    scope: Scope = "target"
    outputs: Annotated[dict[OutputName, ExpressionText], Field(max_length=100)] = Field(
        default_factory=dict[OutputName, ExpressionText]
    )
    steps: Annotated[tuple[Node, ...], Field(min_length=1, max_length=MAX_NODES, strict=False)]
    layout: Annotated[dict[str, Position], Field(max_length=MAX_NODES)] = Field(default_factory=dict[str, Position])

    def to_data(self) -> dict[str, Any]:
        """The document as JSON data, holding exactly what was given."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


@dataclass(frozen=True, slots=True)
class TemplateReading:
    """A template and what is wrong with it.

    Attributes:
        template: The template; None when it could not be read.
        body: Its parameters and steps as a job, as far as they could be read.
        problems: Everything wrong with it that can be known without its actions.
    """

    template: TemplateDocument | None
    body: JobDocument | None
    problems: tuple[Problem, ...]


def template_ref(name: str, version: int) -> str:
    """How jobs name a version of a template."""
    return f"{TEMPLATES}/{name}@{version}"


def parse_template_ref(ref: str) -> tuple[str, int] | None:
    """Name and version of a template that a step uses; None when it uses an action."""
    match = _REF.fullmatch(ref)
    return (match[1], int(match[2])) if match else None


def template_refs(document: JobDocument | TemplateDocument) -> frozenset[str]:
    """The templates that the steps of a document use themselves."""
    used = (getattr(node, "uses", "") for _, node in walk(document.steps))
    return frozenset(ref for ref in used if parse_template_ref(ref))


def try_template_yaml(text: str) -> TemplateReading:
    """Read a template's YAML as far as it goes."""
    try:
        source = read_yaml(text)
    except DocumentError as error:
        return TemplateReading(None, None, error.problems)
    return try_template_data(source.data, source.lines)


def try_template_data(data: Any, lines: SourceLines | None = None) -> TemplateReading:
    """Read a template's data as far as it goes."""
    lines = lines or SourceLines()
    if not is_mapping(data):
        return TemplateReading(None, None, (Problem("", "must be a mapping", "write `key: value` lines", 1),))
    # Its parameters and steps are read as those of a job, so that everything is said in the same words.
    shared = {key: value for key, value in data.items() if key in _SHARED}
    reading = try_data({"name": "", **shared, "kind": "Job", "name": _shown_name(data)}, lines)  # noqa: F601
    problems = [*reading.problems, *_own_problems(data, lines)]
    if problems:
        ordered = sorted(problems, key=lambda problem: problem.line or 0)
        return TemplateReading(None, reading.document, tuple(ordered))
    return TemplateReading(TemplateDocument.model_validate(data), reading.document, ())


def parse_template(data: Mapping[str, Any]) -> TemplateDocument:
    """The template that JSON data holds.

    Raises:
        DocumentError: Every problem at once.
    """
    reading = try_template_data(dict(data))
    if reading.template is None:
        raise DocumentError(reading.problems)
    return reading.template


def _shown_name(data: Mapping[str, Any]) -> str:
    name = data.get("name")
    return name if isinstance(name, str) and re.fullmatch(_NAME, name) else "template"


def _own_problems(data: dict[str, Any], lines: SourceLines) -> list[Problem]:
    """Problems of what only templates have, and of what they do not have."""
    known = _SHARED | _OWN
    problems = [
        _problem((key,), f"`{printable(key)}` is no field of a template", did_you_mean(key, known), lines)
        for key in data.keys() - known
    ]
    own = {"apiVersion": "opsconductor/v1", "steps": [{"id": "x", "uses": "x/x@1"}]}
    own |= {key: data[key] for key in (*_OWN, "name") if key in data}
    try:
        TemplateDocument.model_validate(own)
    except ValidationError as error:
        problems += [_own_problem(details, lines) for details in error.errors(include_url=False)]
    return problems


def _own_problem(details: Any, lines: SourceLines) -> Problem:
    place: Place = tuple(part for part in details["loc"] if part != "[key]")
    key = str(place[0])
    if details["type"] == "missing":
        return _problem(place, f"`{key}` is missing", _HINTS[key], lines)
    message, hint = say(details["type"], details.get("ctx", {}), details["input"], "is not what belongs here")
    return _problem(place, message, _HINTS[key] or hint, lines)


def _problem(place: Place, message: str, hint: str, lines: SourceLines) -> Problem:
    return Problem(path_of(place), message, hint, lines.find(place))
