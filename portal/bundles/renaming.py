"""Documents of a bundle with the names that things have here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opsconductor.errors import InvalidInputError
from opsconductor.sdk.job import children, is_mapping
from opsconductor.sdk.selector import And, Is, Not, Or, Selector, VariableIs, parse_selector

from .needs import VARIABLE
from .schemas import Renaming


def renamed_job(data: Mapping[str, Any], mapping: Renaming, refs: Mapping[str, str]) -> dict[str, Any]:
    """A job's document with the names of this installation.

    Args:
        data: The document.
        mapping: Names of things outside of the bundle.
        refs: References to templates of the bundle, and what they became.
    """
    document = {**data, "steps": _with_variables(_with_refs(data.get("steps"), refs), mapping.variables)}
    targets = data.get("targets")
    if is_mapping(targets) and isinstance(targets.get("select"), str):
        document["targets"] = {**targets, "select": renamed_selector(targets["select"], mapping)}
    parameters = data.get("parameters")
    if is_mapping(parameters):
        document["parameters"] = {name: _parameter(name, facts, mapping) for name, facts in parameters.items()}
    return document


def renamed_template(data: Mapping[str, Any], mapping: Renaming, refs: Mapping[str, str]) -> dict[str, Any]:
    """A template's document with the names and references of this installation."""
    return {**data, "steps": _with_variables(_with_refs(data.get("steps"), refs), mapping.variables)}


def renamed_selector(select: str, mapping: Renaming) -> str:
    """A selector with the names of this installation; one that cannot be read stays for the compiler to refuse."""
    if select in mapping.selectors:
        return mapping.selectors[select]
    try:
        selector = parse_selector(select)
    except InvalidInputError:
        return select
    changed = _renamed(selector, mapping)
    return select if changed == selector else str(changed)


def _renamed(selector: Selector, mapping: Renaming) -> Selector:
    match selector:
        case And(parts):
            return And(tuple(_renamed(part, mapping) for part in parts))
        case Or(parts):
            return Or(tuple(_renamed(part, mapping) for part in parts))
        case Not(inner):
            return Not(_renamed(inner, mapping))
        case Is(field="group", pattern=pattern) if pattern in mapping.groups:
            return replace(selector, pattern=mapping.groups[pattern])
        case Is(field="name", pattern=pattern) if pattern in mapping.targets:
            return replace(selector, pattern=mapping.targets[pattern])
        case VariableIs(path=(name, *inner)) if name in mapping.variables:
            return replace(selector, path=(mapping.variables[name], *inner))
        case _:
            return selector


def _parameter(name: str, facts: Any, mapping: Renaming) -> Any:
    if not is_mapping(facts):
        return facts
    changes: dict[str, Any] = {}
    credential = facts.get("credential")
    if isinstance(credential, str) and credential in mapping.credentials:
        changes["credential"] = mapping.credentials[credential]
    if name in mapping.parameters and facts.get("type") != "secret":
        changes["default"] = mapping.parameters[name]
    return {**facts, **changes}


def _with_variables(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: found[1] + names.get(found[2], found[2]), value)
    if is_mapping(value):
        return {key: _with_variables(inner, names) for key, inner in value.items()}
    return [_with_variables(inner, names) for inner in children(value).values()] if isinstance(value, list) else value


def _with_refs(value: Any, refs: Mapping[str, str]) -> Any:
    if is_mapping(value):
        changed = {key: inner if key == "with" else _with_refs(inner, refs) for key, inner in value.items()}
        uses = value.get("uses")
        return {**changed, "uses": refs[uses]} if isinstance(uses, str) and uses in refs else changed
    return [_with_refs(inner, refs) for inner in children(value).values()] if isinstance(value, list) else value
