"""Ansible's INI inventories (ansible-doc -t inventory ini)."""

import ast
import json
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from .ansible_model import ALL, UNGROUPED, Model, from_fields
from .ranges import expand, split_port
from .rows import Export, Inventory, refusal

_SECTION = re.compile(r"^\[(?P<group>[^:\]\s]+)(?::(?P<kind>\w+))?\]\s*(?:[#;].*)?$")
_GROUP = re.compile(r"^(?P<group>[^:\s\[\]]+)\s*(?:[#;].*)?$")
_BARE = re.compile(r"^[A-Za-z_][\w./@%+,:-]*$")
_LONGEST_LITERAL: Final = 8192


def read(text: str) -> Inventory:
    """The hosts of an INI inventory.

    Raises:
        InvalidInputError: A line makes no sense; says which.
    """
    return _Reader().read(text).inventory()


class _Reader:
    def __init__(self) -> None:
        self._model = Model()
        self._section = UNGROUPED
        self._take: Callable[[str, int], None] = self._host_line
        self._model.group(UNGROUPED)
        self._defined = {ALL, UNGROUPED}
        self._wanted: dict[str, tuple[int, str]] = {}

    def read(self, text: str) -> Model:
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            if not line or line[0] in "#;":
                continue
            if line.startswith("[") and (found := _SECTION.match(line)):
                self._begin(found["group"], found["kind"] or "hosts", number)
            elif line.startswith("[") and not self._is_range(line):
                raise refusal("is no section", "write it as [group], [group:vars] or [group:children]", line=number)
            else:
                self._take(line, number)
        for group, (number, kind) in self._wanted.items():
            if group not in self._defined:
                hint = f"add a section [{group}], which may be empty"
                raise refusal(f"{kind} the group {group}, which the file does not have", hint, line=number)
        return self._model

    @staticmethod
    def _is_range(line: str) -> bool:
        """A host line may begin with a range, or with an IPv6 address and its port."""
        return re.match(r"^\[[^\]]*:[^\]]*\]\S", line) is not None

    def _begin(self, group: str, kind: str, line: int) -> None:
        takes = {"hosts": self._host_line, "vars": self._variable_line, "children": self._child_line}
        if kind not in takes:
            raise refusal(f"[{group}:{kind}] is no section", "write :vars or :children", line=line)
        self._section, self._take = group, takes[kind]
        self._model.group(group, line)
        if kind == "vars":
            self._wanted.setdefault(group, (line, "gives variables to"))
        else:
            self._defined.add(group)

    def _host_line(self, line: str, number: int) -> None:
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise refusal(f"has a quote without its end ({error})", line=number) from None
        if not words:
            return
        pattern, port = split_port(words[0])
        variables = {} if port is None else {"ansible_port": port}
        for word in words[1:]:
            name, equals, value = word.partition("=")
            if not equals or not name:
                raise refusal("expected NAME=VALUE after the host", "quote values with spaces", line=number)
            variables[name] = _value(value)
        group = self._model.group(self._section)
        for name in expand(pattern, number):
            group.hosts[name] = None
            self._model.host(name, number).variables.update(variables)

    def _variable_line(self, line: str, number: int) -> None:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            raise refusal("expected NAME=VALUE", line=number)
        self._model.group(self._section).variables[name] = _value(value)

    def _child_line(self, line: str, number: int) -> None:
        found = _GROUP.match(line)
        if found is None:
            raise refusal("expected the name of one group", line=number)
        self._model.group(found["group"], number)
        self._model.group(self._section).children[found["group"]] = None
        self._wanted.setdefault(found["group"], (number, "includes"))


def _value(text: str) -> Any:
    """A value as Ansible takes it: a Python literal where it is one, and text otherwise."""
    if len(text) > _LONGEST_LITERAL or not text:
        return text
    try:
        value = ast.literal_eval(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    return _plain(value, text)


def _plain(value: Any, text: str) -> Any:
    """As JSON holds it; keys that are no texts would not come back as they were."""
    return value if json.loads(json.dumps(value)) == value and not _is_huge(value) else text


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and not -(2**63) <= value < 2**63


def write(export: Export) -> str:
    """Targets as an INI inventory; what an INI value cannot say stands as Python literal."""
    lines: list[str] = []
    members: dict[str, list[str]] = {}
    for target in export.targets:
        words = [f"{name}={_written(value)}" for name, value in from_fields(target.fields, target.username).items()]
        name = str(target.fields["name"])
        lines.append(" ".join([name, *map(_quoted, words)]))
        for group in cast("list[str]", target.fields.get("groups", ())):
            members.setdefault(group, []).append(name)
    for group in sorted({*members, *export.parents}):
        lines += ["", f"[{group}]", *members.get(group, ())]
    for group, children in sorted(group_children(export.parents).items()):
        lines += ["", f"[{group}:children]", *sorted(children)]
    return "\n".join(lines) + "\n"


def group_children(parents: Mapping[str, Any]) -> dict[str, list[str]]:
    """Group → groups right below it."""
    children: dict[str, list[str]] = {}
    for group, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(group)
    return children


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value if _BARE.match(value) and _value(value) == value else repr(value)
    return repr(value)


def _quoted(word: str) -> str:
    """So that shlex gives the word back whole."""
    name, _, value = word.partition("=")
    return f"{name}={shlex.quote(value)}" if value else f"{name}=''"
