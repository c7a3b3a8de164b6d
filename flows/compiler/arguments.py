"""Arguments of steps against the parameters of their actions."""

from typing import Any

from pydantic import ValidationError

from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.job import Place, Step, children, did_you_mean, is_template, say

from .findings import Findings
from .passing import one_parameter
from .survey import Placed


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
    for name in step.arguments.keys() & fields.keys():
        _check_parameter_type(name, step.arguments[name], action, (*place, name), findings)


def _check_secret(name: str, value: Any, place: Place, findings: Findings) -> None:
    reference = one_parameter(value)
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


def _check_parameter_type(name: str, value: Any, action: AnyAction, place: Place, findings: Findings) -> None:
    """An argument that is nothing but one parameter has that parameter's type."""
    parameter = findings.document.parameters.get(one_parameter(value) or "")
    if parameter is None or parameter.type == "secret" or name in action.shell_parameters:
        return
    takes = _types(action.parameters.model_json_schema()["properties"][name])
    if takes and parameter.type not in takes and not (parameter.type == "integer" and "number" in takes):
        message = f"`{name}` is of type {' or '.join(sorted(takes))}, and the parameter is of type {parameter.type}"
        findings.refuse(place, message, "declare the parameter with that type, or convert it in the expression")


def _types(schema: dict[str, Any]) -> set[str]:
    """Types a JSON Schema takes, null left out; empty when it does not say."""
    if "anyOf" in schema:
        arms = [arm for arm in schema["anyOf"] if arm.get("type") != "null"]
        return {arm["type"] for arm in arms} if all("type" in arm for arm in arms) else set()
    return {schema["type"]} if "type" in schema else set()


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
