"""What documents name that is kept outside of them."""

import re
from collections.abc import Iterator

from opsconductor.errors import InvalidInputError
from opsconductor.sdk.job import JobDocument, TemplateDocument, parse_template_ref
from opsconductor.sdk.job.document import walk
from opsconductor.sdk.selector import And, Is, Not, Or, Selector, VariableIs, parse_selector

from .schemas import Needs

VARIABLE = re.compile(r"(\btarget\s*\.\s*vars\s*\.\s*)([A-Za-z_]\w*)")
"""A variable of the target in an expression: what is before its name, and the name."""
_FIELDS = {"group": "groups", "name": "targets"}


def collect(documents: list[JobDocument | TemplateDocument]) -> Needs:
    """Everything that some documents name, sorted."""
    found: dict[str, set[str]] = {name: set() for name in Needs.model_fields}
    for document in documents:
        for kind, name in _named(document):
            found[kind].add(name)
    return Needs(**{kind: sorted(names) for kind, names in found.items()})


def _named(document: JobDocument | TemplateDocument) -> Iterator[tuple[str, str]]:
    for _, node in walk(document.steps):
        uses = getattr(node, "uses", None)
        if uses is not None:
            yield ("templates" if parse_template_ref(uses) else "actions"), uses
    for _, variable in VARIABLE.findall(document.model_dump_json(include={"steps"}, by_alias=True)):
        yield "variables", variable
    if isinstance(document, JobDocument):
        for parameter in document.parameters.values():
            if parameter.credential is not None:
                yield "credentials", parameter.credential
        if document.targets is not None:
            yield "selectors", document.targets.select
            yield from _in_selector(document.targets.select)


def _in_selector(select: str) -> Iterator[tuple[str, str]]:
    try:
        yield from _conditions(parse_selector(select))
    except InvalidInputError:
        return


def _conditions(selector: Selector) -> Iterator[tuple[str, str]]:
    match selector:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _conditions(part)
        case Not(inner):
            yield from _conditions(inner)
        case Is() if selector.field in _FIELDS and "*" not in selector.pattern and "?" not in selector.pattern:
            yield _FIELDS[selector.field], selector.pattern
        case VariableIs(path=(name, *_)):
            yield "variables", name
        case _:
            return
