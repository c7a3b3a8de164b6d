"""Arguments of steps against the parameters of their actions."""

import re
from typing import Any

from pydantic import ValidationError

from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.job import Place, Step, children, did_you_mean, is_template, say

from .findings import Findings
from .survey import Placed

_ONE_PARAMETER = re.compile(r"\$\{\{\s*params\.([A-Za-z][A-Za-z0-9_]*)\s*\}\}")


def check_arguments(placed: Placed, findings: Findings) -> None:
    """Refuse arguments an action does not take, those it misses, and constant values it refuses."""
    step, action = placed.node, placed.action
    if not isinstance(step, Step) or action is None:
        return
    place = (*placed.place, "with")
    fields = action.parameters.model_fields
    for name in step.arguments.keys() - fields.keys():
        findings.refuse((*place, name), f"`{step.uses}` takes no argument `{name}`", did_you_mean(name, fields))
    for name, field in fields.items():
        if field.is_required() and name not in step.arguments:
            where = place if step.arguments else placed.place
            findings.refuse(where, f"the argument `{name}` of `{step.uses}` is missing", field.description or "")
    for name in action.secret_parameters & step.arguments.keys():
        _check_secret(name, step.arguments[name], (*place, name), findings)
    _check_values(step, action, place, findings)


def _secret_reference(value: Any) -> str | None:
    """The parameter that a value names, when it is nothing but one parameter."""
    match = _ONE_PARAMETER.fullmatch(value.strip()) if isinstance(value, str) else None
    return match.group(1) if match else None


def _check_secret(name: str, value: Any, place: Place, findings: Findings) -> None:
    reference = _secret_reference(value)
    if value is None:
        return
    if reference is None:
        message = f"`{name}` is a secret, and a document holds none"
        findings.refuse(place, message, "declare a parameter of `type: secret` and write `${{ params.<its name> }}`")
        return
    parameter = findings.document.parameters.get(reference)
    if parameter is not None and parameter.type != "secret":
        message = f"`{name}` is a secret, and the parameter `{reference}` is of type {parameter.type}"
        findings.refuse(place, message, f"declare `{reference}` as `type: secret`")


def _check_values(step: Step, action: AnyAction, place: Place, findings: Findings) -> None:
    given = {
        name: value
        for name, value in step.arguments.items()
        if name in action.parameters.model_fields and name not in action.secret_parameters
    }
    try:
        action.parameters.model_validate(given)
    except ValidationError as error:
        said: set[Place] = set()
        for details in error.errors(include_url=False):
            where, value = _deepest(given, details["loc"])
            # A missing argument was named above; a templated value is known when it is rendered.
            if not where or where in said or is_template(value):
                continue
            said.add(where)
            findings.refuse((*place, *where), *_refusal(details, value, action, where))


def _refusal(details: Any, value: Any, action: AnyAction, where: Place) -> tuple[str, str]:
    message, hint = say(details["type"], details.get("ctx", {}), value, details["msg"].removeprefix("Value error, "))
    description = action.parameters.model_fields[str(where[0])].description
    return message, hint or f"`{where[0]}`: {description}"


def _deepest(given: dict[str, Any], loc: tuple[str | int, ...]) -> tuple[Place, Any]:
    """The deepest place of an error that is really in the data: locations also name union arms."""
    place: list[str | int] = []
    value: Any = given
    for part in loc:
        inner = children(value)
        if part in inner:
            value = inner[part]
            place.append(part)
    return tuple(place), value
