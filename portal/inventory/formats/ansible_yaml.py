"""Ansible's YAML inventories (ansible-doc -t inventory yaml)."""

from typing import Any, Final, cast

from .ansible_ini import group_children
from .ansible_model import ALL, Model, from_fields
from .plain_yaml import Lines, read_yaml
from .ranges import expand, split_port
from .rows import Export, Inventory, refusal
from .yaml_text import yaml_text

_KEYS: Final = ("hosts", "children", "vars")


def read(text: str) -> Inventory:
    """The hosts of a YAML inventory.

    Raises:
        InvalidInputError: It is not one; says where.
    """
    data, lines = read_yaml(text, old_booleans=True)
    if not isinstance(data, dict) or not data:
        raise refusal("is no inventory", "begin with `all:`, and `hosts:` and `children:` below it", line=1)
    model = Model()
    groups = cast("dict[str, Any]", data)
    for name, content in groups.items():
        _group(model, name, content, lines.find(groups, name), lines)
    return model.inventory()


def _group(model: Model, name: str, content: Any, line: int | None, lines: Lines) -> None:
    group = model.group(name, line)
    if content is None:
        return
    parts = _mapping(content, f"the group {name}", line)
    for key in parts:
        if key not in _KEYS:
            hint = "a group has hosts, children and vars"
            raise refusal(f"the group {name} has a key `{key[:100]}`", hint, line=lines.find(parts, key))
    group.variables.update(_part(parts, "vars", name, lines))
    for pattern, variables in _part(parts, "hosts", name, lines).items():
        where = lines.find(parts["hosts"], pattern)
        _hosts(model, name, pattern, _mapping(variables or {}, f"the host {pattern}", where), where)
    children = _part(parts, "children", name, lines)
    for child, inner in children.items():
        group.children[child] = None
        _group(model, child, inner, lines.find(children, child), lines)


def _hosts(model: Model, group: str, pattern: str, variables: dict[str, Any], line: int | None) -> None:
    host, port = split_port(pattern)
    told = variables if port is None else {"ansible_port": port, **variables}
    for name in expand(host, line):
        model.group(group).hosts[name] = None
        model.host(name, line).variables.update(told)


def _part(parts: dict[str, Any], key: str, group: str, lines: Lines) -> dict[str, Any]:
    return _mapping(parts.get(key) or {}, f"`{key}` of the group {group}", lines.find(parts, key))


def _mapping(value: Any, what: str, line: int | None) -> dict[str, Any]:
    if isinstance(value, str):  # Ansible takes a single name for a mapping with nothing in it
        return {value: None}
    if not isinstance(value, dict):
        raise refusal(f"{what} is no mapping", "write `name:` on lines of their own, without dashes", line=line)
    return cast("dict[str, Any]", value)


def write(export: Export) -> str:
    """Targets as a YAML inventory."""
    hosts = {str(target.fields["name"]): from_fields(target.fields, target.username) for target in export.targets}
    groups: dict[str, dict[str, Any]] = {name: {} for name in sorted(export.parents)}
    for target in export.targets:
        for group in cast("list[str]", target.fields.get("groups", ())):
            groups.setdefault(group, {}).setdefault("hosts", {})[str(target.fields["name"])] = None
    for parent, children in sorted(group_children(export.parents).items()):
        groups.setdefault(parent, {})["children"] = dict.fromkeys(sorted(children))
    children = {name: group or None for name, group in sorted(groups.items())}
    return yaml_text({ALL: {"hosts": hosts or None, "children": children or None}})
