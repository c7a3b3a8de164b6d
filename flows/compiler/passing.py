"""What a use passes to a template's parameters."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions.rewriting import as_expression
from opsconductor.sdk.job import Parameter, Place, Step, TemplateDocument, did_you_mean, is_template, value_problems

from .findings import Findings

_ONE_PARAMETER = re.compile(r"\$\{\{\s*params\.([A-Za-z][A-Za-z0-9_]*)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Passed:
    """What a parameter of a template stands for.

    Attributes:
        value: A JSON value, with `${{ … }}` where the use has them.
        expression: The same as an expression.
    """

    value: Any
    expression: str

    @property
    def size(self) -> int:
        """Characters of the value."""
        return len(self.expression)


def one_parameter(value: Any) -> str | None:
    """The parameter that a value names, when it is nothing but one parameter."""
    match = _ONE_PARAMETER.fullmatch(value.strip()) if isinstance(value, str) else None
    return match.group(1) if match else None


def pass_arguments(use: Step, template: TemplateDocument, place: Place, findings: Findings) -> Mapping[str, Passed]:
    """What each parameter of the template stands for in this use; refuses what is missing or unknown."""
    with_ = (*place, "with")
    for name in use.arguments.keys() - template.parameters.keys():
        hint = did_you_mean(name, template.parameters)
        findings.refuse((*with_, name), f"`{use.uses}` takes no argument `{name}`", hint or "remove it")
    passed: dict[str, Passed] = {}
    for name, parameter in template.parameters.items():
        if name in use.arguments:
            value = use.arguments[name]
        elif parameter.required:
            where = with_ if use.arguments else place
            hint = parameter.description or f"type {parameter.type}"
            findings.refuse(where, f"the argument `{name}` of `{use.uses}` is missing", hint)
            continue
        else:
            value = parameter.default
        try:
            passed[name] = Passed(value, as_expression(value))
        except ExpressionError as error:
            findings.refuse((*with_, name), error.reason, "write it inside the template's command line")
    return passed


def check_passed(use: Step, template: TemplateDocument, place: Place, findings: Findings) -> None:
    """Refuse values that the template's parameters do not take."""
    for name in use.arguments.keys() & template.parameters.keys():
        where, value, parameter = (*place, "with", name), use.arguments[name], template.parameters[name]
        if not is_template(value):
            _check_constant(value, parameter, where, findings)
        elif (source := findings.document.parameters.get(one_parameter(value) or "")) is not None:
            _check_parameter(name, parameter, source, where, findings)
        elif parameter.type == "secret":
            _refuse_open_secret(name, where, findings)
        else:
            _warn_unchecked(name, parameter, where, findings)


def _check_constant(value: Any, parameter: Parameter, where: Place, findings: Findings) -> None:
    if parameter.type == "secret":
        _refuse_open_secret(str(where[-1]), where, findings)
        return
    for problem in value_problems(parameter.json_schema(), value, ()):
        inner = f"{problem.path} " if problem.path else ""
        findings.refuse(where, f"{inner}{problem.message}", parameter.description or f"type {parameter.type}")


def _check_parameter(name: str, parameter: Parameter, source: Parameter, where: Place, findings: Findings) -> None:
    fits = source.type == parameter.type or (source.type, parameter.type) == ("integer", "number")
    if not fits:
        message = f"`{name}` is of type {parameter.type}, and the parameter is of type {source.type}"
        findings.refuse(where, message, "declare the parameter with that type")
    elif json.dumps(source.given_bounds, default=str) != json.dumps(parameter.given_bounds, default=str):
        _warn_unchecked(name, parameter, where, findings)


def _warn_unchecked(name: str, parameter: Parameter, where: Place, findings: Findings) -> None:
    if parameter.given_bounds:
        message = f"the bounds of `{name}` are not checked for a value that only a run knows"
        findings.warn(where, message, "give the job's own parameter the same bounds")


def _refuse_open_secret(name: str, where: Place, findings: Findings) -> None:
    message = f"`{name}` is a secret, and a document holds none"
    findings.refuse(where, message, "declare a parameter of `type: secret` and write `${{ params.<its name> }}`")
