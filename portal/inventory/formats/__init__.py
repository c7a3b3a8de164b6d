"""Formats of inventories: each is read into an `Inventory` and written from an `Export`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from . import ansible_ini, ansible_yaml, document, table
from .rows import Export, Inventory

FormatName = Literal["csv", "json", "yaml", "ansible-ini", "ansible-yaml"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        read: Text → inventory.
        write: Targets → text.
        media_type: What a browser is told of the text.
        suffix: End of a file's name.
    """

    read: Callable[[str], Inventory]
    write: Callable[[Export], str]
    media_type: str
    suffix: str


FORMATS: Final[dict[FormatName, Format]] = {
    "csv": Format(table.read, table.write, "text/csv", ".csv"),
    "json": Format(document.read_json, document.write_json, "application/json", ".json"),
    "yaml": Format(document.read, document.write, "application/yaml", ".yaml"),
    "ansible-ini": Format(ansible_ini.read, ansible_ini.write, "text/plain", ".ini"),
    "ansible-yaml": Format(ansible_yaml.read, ansible_yaml.write, "application/yaml", ".yaml"),
}
