"""What a selector can ask of a target."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, cast

Field = Literal["name", "group", "tag", "os", "zone"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a selector can ask of a target.

    Attributes:
        name: Label of the target.
        groups: Names of the groups it is in.
        tags: Tags.
        os: Platform, such as `linux`.
        zone: Zone; empty for none.
        vars: Target variables.
    """

    name: str
    groups: Collection[str] = ()
    tags: Collection[str] = ()
    os: str = ""
    zone: str = ""
    vars: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Everything:
    """`all`."""

    def matches(self, facts: Facts) -> bool:
        """Always."""
        return True

    def __str__(self) -> str:
        return "all"


@dataclass(frozen=True, slots=True)
class Is:
    """`tag:prod`, `name:web-*`."""

    field: Field
    pattern: str

    def matches(self, facts: Facts) -> bool:
        """Whether one of the field's values is like the pattern (`*` and `?`)."""
        if "*" not in self.pattern and "?" not in self.pattern:
            return self.pattern in self._values(facts)
        return any(fnmatchcase(value, self._escaped) for value in self._values(facts))

    def _values(self, facts: Facts) -> Collection[str]:
        match self.field:
            case "name":
                return (facts.name,)
            case "group":
                return facts.groups
            case "tag":
                return facts.tags
            case "os":
                return (facts.os,)
            case "zone":
                return (facts.zone,)

    @property
    def _escaped(self) -> str:
        return self.pattern.replace("[", "[[]")

    def __str__(self) -> str:
        plain = re.fullmatch(r"[^\s()\"':\\]+", self.pattern)
        return f"{self.field}:{self.pattern if plain else _quoted(self.pattern)}"


@dataclass(frozen=True, slots=True)
class VariableIs:
    """`var.site == "fra"`. A variable that is not set equals nothing."""

    path: tuple[str, ...]
    value: str | int | float | bool

    def matches(self, facts: Facts) -> bool:
        """Whether the variable has the value, and the value's type."""
        found: Any = facts.vars
        for name in self.path:
            if not isinstance(found, Mapping) or name not in found:
                return False
            found = cast("Mapping[str, Any]", found)[name]
        return found == self.value and isinstance(found, bool) == isinstance(self.value, bool)

    def __str__(self) -> str:
        value = _quoted(self.value) if isinstance(self.value, str) else str(self.value).lower()
        return f"var.{'.'.join(self.path)} == {value}"


@dataclass(frozen=True, slots=True)
class Not:
    """`not …`."""

    inner: "Selector"

    def matches(self, facts: Facts) -> bool:
        """Whether the inner one does not."""
        return not self.inner.matches(facts)

    def __str__(self) -> str:
        return f"not ({self.inner})" if isinstance(self.inner, And | Or) else f"not {self.inner}"


@dataclass(frozen=True, slots=True)
class And:
    """`… and …`."""

    parts: tuple["Selector", ...]

    def matches(self, facts: Facts) -> bool:
        """Whether all parts do."""
        return all(part.matches(facts) for part in self.parts)

    def __str__(self) -> str:
        return " and ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """`… or …`."""

    parts: tuple["Selector", ...]

    def matches(self, facts: Facts) -> bool:
        """Whether at least one part does."""
        return any(part.matches(facts) for part in self.parts)

    def __str__(self) -> str:
        return " or ".join(str(part) for part in self.parts)


Selector = Everything | Is | VariableIs | Not | And | Or


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
