"""What every format is read into, and written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from opsconductor.errors import InvalidInputError, Problem

MAX_ROWS: Final = 50_000
"""Hosts of one file, ranges written out."""


@dataclass(slots=True)
class Row:
    """One host as a file tells of it.

    Attributes:
        name: What it is called there.
        line: Where it stands, counted from 1; None where the format has no lines.
        fields: Values of a target's fields, not yet checked; what is absent was not said.
        username: Whom the file signs in as; empty when it does not say.
        withheld: Variables that hold secrets: their names, never their values.
    """

    name: str
    line: int | None
    fields: dict[str, Any]
    username: str = ""
    withheld: tuple[str, ...] = ()


@dataclass(slots=True)
class Inventory:
    """A whole file.

    Attributes:
        rows: Its hosts, in order.
        parents: Group → groups right above it; every group of the file is in here.
    """

    rows: list[Row] = field(default_factory=list[Row])
    parents: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


@dataclass(frozen=True, slots=True)
class Exported:
    """A target on its way out.

    Attributes:
        fields: Values of its fields, without what is as a new target would have it.
        username: Whom its credential signs in as; empty when there is none in sight.
    """

    fields: Mapping[str, Any]
    username: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """What a format writes.

    Attributes:
        targets: In order.
        parents: Group → groups right above it, for every group that has a target here.
    """

    targets: Sequence[Exported]
    parents: Mapping[str, Sequence[str]]


def refusal(message: str, hint: str = "", *, line: int | None = None, path: str = "content") -> InvalidInputError:
    """The whole file is refused."""
    return InvalidInputError([Problem(path, message, hint, line)])


def check_size(count: int) -> None:
    """Refuse a file of too many hosts while it is still being read.

    Raises:
        InvalidInputError: There are more than MAX_ROWS.
    """
    if count > MAX_ROWS:
        raise refusal(f"names more than {MAX_ROWS:,} hosts", "split the file")
