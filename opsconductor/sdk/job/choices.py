"""Choices that depend on the value of another parameter."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opsconductor.errors import Problem

from .parameters import Parameter
from .paths import did_you_mean, printable
from .values import value_problems

Rows = Mapping[str, Sequence[Any]]
_TYPES = ("string", "integer", "number")


def choice_problems(name: str, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    """What is wrong with the choices of a parameter; paths are the names of its fields."""
    parameter = parameters[name]
    for other, rows in (parameter.choices_when or {}).items():
        if parameter.type not in _TYPES:
            yield _problem(f"a value of type {parameter.type} has no choices", f"use {', '.join(_TYPES)}")
        elif other not in parameters:
            yield _problem(
                f"there is no parameter `{printable(other)}`", did_you_mean(other, parameters.keys() - {name})
            )
        elif parameters[other].type != "string":
            yield _problem(
                f"`{other}` is of type {parameters[other].type}", "choices depend on a parameter of type string"
            )
        elif name in _leads_to(other, parameters):
            yield _problem(f"`{name}` and `{other}` depend on each other", "let one of them stand alone")
        else:
            yield from _row_problems(parameter, parameters[other], other, rows)


def unfit_choice(rows: Rows, value: Any, other: str, other_value: Any) -> tuple[str, str] | None:
    """Why a value is not allowed with another parameter's value, and what is; None when it is allowed."""
    choices = rows.get(other_value)
    if choices is None:
        return f"nothing can be chosen with this `{other}`", f"`{other}` is {_listed(list(rows))}"
    if value in choices:
        return None
    return f"must be {_listed(choices)} when `{other}` is {printable(str(other_value))}", ""


def _row_problems(parameter: Parameter, other: Parameter, name: str, rows: Rows) -> Iterator[Problem]:
    known = other.enum
    for value, choices in rows.items():
        if known is not None and value not in known:
            yield _problem(f"`{printable(value)}` is no value of `{name}`", did_you_mean(value, map(str, known)))
        for choice in choices:
            for problem in value_problems(parameter.json_schema(), choice, ()):
                yield _problem(f"`{printable(str(choice))}` {problem.message}", "correct the choice, or the bounds")
    for value in known or ():
        if value not in rows:
            yield _problem(f"nothing can be chosen when `{name}` is {printable(str(value))}", "add its choices")
    if not parameter.required and not other.required and isinstance(other.default, str):
        unfit = unfit_choice(rows, parameter.default, name, other.default)
        if unfit:
            yield Problem("default", f"the default {unfit[0]}, its default", unfit[1] or "let the defaults fit")


def _leads_to(name: str, parameters: Mapping[str, Parameter]) -> set[str]:
    """The parameters that the choices of one depend on, itself included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        at = waiting.pop()
        if at not in found and at in parameters:
            found.add(at)
            waiting.extend(parameters[at].choices_when or {})
    return found


def _problem(message: str, hint: str) -> Problem:
    return Problem("choices_when", message, hint)


def _listed(values: Sequence[Any]) -> str:
    shown = ", ".join(printable(str(value)) for value in values[:12])
    more = ", …" if len(values) > 12 else ""
    return f"{shown}{more}" if len(values) == 1 else f"one of {shown}{more}"
