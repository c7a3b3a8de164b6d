"""Whether the parameters that a job declares make sense."""

from collections.abc import Iterator

from opsconductor.errors import Problem

from .choices import choice_problems
from .document import JobDocument
from .parameters import BOUNDS_OF, Parameter, ValueSchema, name_problem
from .paths import Place, path_of, printable
from .values import pattern_refusal, value_problems

_PAIRS = (("min_length", "max_length"), ("minimum", "maximum"), ("min_items", "max_items"))


def declaration_problems(document: JobDocument) -> list[Problem]:
    """Everything wrong with a document's parameters, each by itself."""
    problems: list[Problem] = []
    for name, parameter in document.parameters.items():
        place: Place = ("parameters", name)
        line = document.line_of(place)
        refusal = name_problem(name)
        if refusal:
            message = f"`{printable(name)}` is no parameter name"
            problems.append(Problem(path_of(place), message, refusal, line))
        found = [*_parameter_problems(parameter)]
        for problem in found or choice_problems(name, document.parameters):
            where = (*place, problem.path) if problem.path else place
            problems.append(Problem(path_of(where), problem.message, problem.hint, document.line_of(where)))
    return problems


def _parameter_problems(parameter: Parameter) -> Iterator[Problem]:
    """Problems of one parameter; their paths are the names of its fields."""
    broken = list(_schema_problems(parameter))
    yield from broken
    if parameter.credential is not None and parameter.type != "secret":
        yield Problem("credential", "only a secret is taken from a credential", "write `type: secret`, or `default`")
    if "default" not in parameter.model_fields_set:
        return
    if parameter.type == "secret":
        hint = "a document holds no secrets; `credential:` names the credential of runs that name none"
        yield Problem("default", "a secret has no default", hint)
    elif not broken:
        for problem in value_problems(parameter.json_schema(), parameter.default, ()):
            where = f"{problem.path} " if problem.path else ""
            yield Problem("default", f"the default {where}{problem.message}", "runs would be refused with it")


def _schema_problems(schema: ValueSchema) -> Iterator[Problem]:
    allowed = BOUNDS_OF[schema.type]
    for bound in schema.given_bounds.keys() - allowed:
        hint = f"such values have {', '.join(sorted(allowed))}" if allowed else "remove it"
        yield Problem(bound, f"`{bound}` says nothing about a value of type {schema.type}", hint)
    for low, high in _PAIRS:
        smallest, largest = getattr(schema, low), getattr(schema, high)
        if smallest is not None and largest is not None and smallest > largest:
            yield Problem(low, f"`{low}` is above `{high}`", "no value could be right")
    if schema.pattern is not None and (refusal := pattern_refusal(schema.pattern)):
        hint = "patterns are RE2: no look-around, no backreferences, so that none can run forever"
        yield Problem("pattern", f"the pattern is refused: {refusal}", hint)
    yield from _enum_problems(schema)
    if schema.items is not None:
        yield from _item_problems(schema.items)


def _enum_problems(schema: ValueSchema) -> Iterator[Problem]:
    if schema.enum is None or schema.type not in {"string", "integer", "number"}:
        return
    for choice in schema.enum:
        if any(value_problems({"type": schema.type}, choice, ())):
            yield Problem("enum", f"`{printable(str(choice))}` is not of type {schema.type}", "quote text, not numbers")


def _item_problems(items: ValueSchema) -> Iterator[Problem]:
    if items.type == "secret":
        yield Problem("items", "a list cannot hold secrets", "declare one parameter for each secret")
    for problem in _schema_problems(items):
        yield Problem("items", f"{problem.path}: {problem.message}", problem.hint)
