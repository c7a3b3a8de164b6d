"""Hosts, groups and variables as Ansible understands them, whatever file they came from.

Variables reach a host from `all`, then from its groups, the outer ones first, then from the host itself; the last
word counts (Ansible's user guide, "How variables are merged"). Among groups of one depth `ansible_group_priority`
decides, then the name.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, cast

from .rows import Inventory, Row, check_size, refusal
from .withheld import without_secrets

ALL: Final = "all"
UNGROUPED: Final = "ungrouped"
OWN: Final = "opsconductor_"
"""Before the names of variables that hold a target's own fields in an Ansible inventory."""

_MAX_BYTES: Final = 64 << 20
_PRIORITY: Final = "ansible_group_priority"
_WINDOWS: Final = frozenset({"winrm", "psrp"})
_OWN_FIELDS: Final = frozenset(
    {"platform", "description", "tags", "credential", "host_keys", "encoding", "os_version", "zone", "services"}
)


@dataclass(slots=True)
class Group:
    """A group of hosts.

    Attributes:
        hosts: Names of the hosts right in it.
        children: Names of the groups right below it.
        variables: What its hosts have unless something closer says otherwise.
    """

    name: str
    line: int | None = None
    hosts: dict[str, None] = field(default_factory=dict[str, None])
    children: dict[str, None] = field(default_factory=dict[str, None])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Host:
    """A host with its own variables."""

    name: str
    line: int | None = None
    variables: dict[str, Any] = field(default_factory=dict[str, Any])


class Model:
    """What a file says, while it is read."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {ALL: Group(ALL)}
        self.hosts: dict[str, Host] = {}

    def group(self, name: str, line: int | None = None) -> Group:
        """The group of that name; made when it is new."""
        return self.groups.setdefault(name, Group(name, line))

    def host(self, name: str, line: int | None = None) -> Host:
        """The host of that name; made when it is new."""
        found = self.hosts.get(name)
        if found is None:
            check_size(len(self.hosts) + 1)
            found = self.hosts[name] = Host(name, line)
        return found

    def inventory(self) -> Inventory:
        """Every host with the variables that reach it.

        Raises:
            InvalidInputError: Groups go round in a circle, or their variables grow too large.
        """
        parents = self._parents()
        reach = _Reach(self.groups, parents)
        members = self._members()
        rows = [self._row(host, members.get(host.name, set()), reach) for host in self.hosts.values()]
        return Inventory(rows, {name: above for name, above in parents.items() if name != UNGROUPED})

    def _row(self, host: Host, groups: set[str], reach: "_Reach") -> Row:
        inherited, withheld = reach.variables(groups or {UNGROUPED})
        own, found = without_secrets(_without_fields(host.variables))
        variables = {**inherited, **own}
        for path in found:
            variables.pop(path, None)  # what the group says is not what the host meant
        fields = {**reach.fields(groups or {UNGROUPED}), **_only_fields(host.variables)}
        return _to_row(host, variables, fields, sorted(groups), tuple(dict.fromkeys((*withheld, *found))))

    def _members(self) -> dict[str, set[str]]:
        members: dict[str, set[str]] = {}
        for group in self.groups.values():
            if group.name not in (ALL, UNGROUPED):
                for host in group.hosts:
                    members.setdefault(host, set()).add(group.name)
        return members

    def _parents(self) -> dict[str, set[str]]:
        parents: dict[str, set[str]] = {name: set() for name in self.groups if name != ALL}
        for group in self.groups.values():
            if group.name != ALL:
                for child in group.children:
                    parents.setdefault(child, set()).add(group.name)
        return parents


class _Reach:
    """Variables that reach the members of groups; what the same groups come to is reckoned once."""

    def __init__(self, groups: Mapping[str, Group], parents: Mapping[str, set[str]]) -> None:
        self._groups = groups
        self._parents = parents
        self._depths = _depths(parents, groups)
        self._merged: dict[frozenset[str], dict[str, Any]] = {}
        self._safe: dict[frozenset[str], tuple[dict[str, Any], tuple[str, ...], int]] = {}
        self._bytes = 0

    def variables(self, groups: Iterable[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What a member of exactly these groups gets from them, and which secrets it does not get.

        Raises:
            InvalidInputError: All hosts together get too much.
        """
        key = frozenset(groups)
        if key not in self._safe:
            kept, withheld = without_secrets(_without_fields(self._all(key)))
            self._safe[key] = kept, withheld, len(json.dumps(kept, default=str))
        kept, withheld, size = self._safe[key]
        self._bytes += size
        if self._bytes > _MAX_BYTES:
            raise refusal(
                f"the variables of groups come to more than {_MAX_BYTES >> 20} MiB once every host has them",
                "split the file, or move large values out of the groups",
            )
        return kept, withheld

    def fields(self, groups: Iterable[str]) -> dict[str, Any]:
        """What a target's own fields get from its groups."""
        return _only_fields(self._all(frozenset(groups)))

    def _all(self, key: frozenset[str]) -> dict[str, Any]:
        if key not in self._merged:
            merged = dict(self._groups[ALL].variables)
            for name in sorted(self._above(key), key=self._rank):
                merged.update(self._groups[name].variables)
            merged.pop(_PRIORITY, None)
            self._merged[key] = merged
        return self._merged[key]

    def _above(self, groups: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = [name for name in groups if name in self._groups]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._parents.get(name, ())
        return found

    def _rank(self, name: str) -> tuple[int, int, str]:
        priority = self._groups[name].variables.get(_PRIORITY, 1)
        return self._depths.get(name, 1), priority if isinstance(priority, int) else 1, name


def _depths(parents: Mapping[str, set[str]], groups: Mapping[str, Group]) -> dict[str, int]:
    """Group → the longest way down to it from `all`."""
    depths: dict[str, int] = {}
    try:
        for name in TopologicalSorter(parents).static_order():
            depths[name] = 1 + max((depths[parent] for parent in parents.get(name, ())), default=0)
    except CycleError as error:
        circle: list[str] = error.args[1]
        line = groups[circle[0]].line if circle[0] in groups else None
        raise refusal(f"groups go round in a circle: {' > '.join(circle[:10])}", line=line) from None
    return depths


def _only_fields(variables: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: f"{OWN}{name}" for name in _OWN_FIELDS}
    return {name: variables[told] for name, told in own.items() if told in variables}


def _without_fields(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if not _is_field(name)}


def _is_field(name: str) -> bool:
    return name.startswith(OWN) and name.removeprefix(OWN) in _OWN_FIELDS


def _to_row(
    host: Host, variables: dict[str, Any], fields: dict[str, Any], groups: list[str], withheld: tuple[str, ...]
) -> Row:
    """A host of Ansible as a target."""
    address = _first(variables, "ansible_host", "ansible_ssh_host")
    port = _first(variables, "ansible_port", "ansible_ssh_port")
    username = _first(variables, "ansible_user", "ansible_ssh_user")
    found: dict[str, Any] = {"name": host.name, "groups": groups, "address": host.name if address is None else address}
    if port is not None:
        found["port"] = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() else port
    if str(variables.get("ansible_connection")) in _WINDOWS:
        found["platform"] = "windows"
    return Row(
        host.name,
        host.line,
        {**found, **fields, "variables": variables},
        username if isinstance(username, str) else "",
        withheld,
    )


def _first(variables: dict[str, Any], *names: str) -> Any:
    """The first of these variables that there is; it is no variable of the target any more."""
    found = [variables.pop(name) for name in names if name in variables]
    return found[0] if found else None


def from_fields(fields: Mapping[str, Any], username: str) -> dict[str, Any]:
    """A target's fields as the variables of a host; its name and groups are told elsewhere."""
    variables: dict[str, Any] = {}
    if fields["address"] != fields["name"]:
        variables["ansible_host"] = fields["address"]
    if "port" in fields:
        variables["ansible_port"] = fields["port"]
    if username:
        variables["ansible_user"] = username
    own = {f"{OWN}{name}": fields[name] for name in sorted(_OWN_FIELDS) if name in fields}
    return {**variables, **cast("dict[str, Any]", fields.get("variables", {})), **own}
