"""Bind the values of a run to the parameters of its job."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from opsconductor.errors import InvalidInputError, Problem

from .choices import unfit_choice
from .paths import Place, did_you_mean, path_of
from .plain import plain_problems
from .values import value_problems


class Declaration(Protocol):
    """A declared parameter, as a compiled plan also holds it (`flows.plan.PlannedParameter`)."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def json_schema(self) -> Mapping[str, Any]: ...
    @property
    def required(self) -> bool: ...
    @property
    def default(self) -> Any: ...
    @property
    def description(self) -> str: ...
    @property
    def choices_when(self) -> Mapping[str, Mapping[str, Sequence[Any]]]: ...


def bind_parameters(
    declared: Iterable[Declaration], values: Mapping[str, Any], *, around: str = "parameters"
) -> dict[str, Any]:
    """Check the values of a run and fill in defaults. Nothing is coerced: "3" is no integer.

    Args:
        declared: What the job declares: `plan.parameters`.
        values: Values by name. A secret's value is the reference of a credential (a text), never the secret.
        around: Path of the values in the request, for problems.

    Returns:
        A value for every declared parameter.

    Raises:
        InvalidInputError: A problem for each value that is missing, unknown, of another type or out of bounds.
            Messages name fields and bounds and never repeat a value.
    """
    place: Place = (around,) if around else ()
    declarations = {parameter.name: parameter for parameter in declared}
    problems = [
        Problem(path_of((*place, name)), "the job has no such parameter", did_you_mean(name, declarations))
        for name in values
        if name not in declarations
    ]
    bound: dict[str, Any] = {}
    for name, parameter in declarations.items():
        if name in values:
            problems.extend(_value_problems(parameter, values[name], (*place, name)))
            bound[name] = values[name]
        elif parameter.required:
            problems.append(Problem(path_of((*place, name)), "a value is missing", f"type {parameter.type}"))
        else:
            bound[name] = parameter.default
    refused = {problem.path for problem in problems}
    problems += [problem for problem in _choice_problems(declarations, bound, place) if problem.path not in refused]
    if problems:
        raise InvalidInputError(problems)
    return bound


def _choice_problems(
    declarations: Mapping[str, Declaration], bound: Mapping[str, Any], place: Place
) -> Iterator[Problem]:
    """Values that do not go with another one's; one that is missing or no text was refused before."""
    for name in bound.keys() & declarations.keys():
        for other, rows in declarations[name].choices_when.items():
            if isinstance(bound.get(other), str) and (unfit := unfit_choice(rows, bound[name], other, bound[other])):
                yield Problem(path_of((*place, name)), *unfit)


def _value_problems(parameter: Declaration, value: Any, place: Place) -> Iterator[Problem]:
    unfit = plain_problems(value, place)
    if unfit:
        yield from unfit
    elif parameter.type == "secret":
        if not isinstance(value, str) or not value.strip():
            yield Problem(path_of(place), "must be the reference of a credential")
    else:
        yield from value_problems(parameter.json_schema, value, place)
