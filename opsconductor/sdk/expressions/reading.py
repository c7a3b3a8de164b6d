"""The part of a context that an expression reads."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from .names import Path


def outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The paths that no other path already contains."""
    found = frozenset(paths)
    return tuple(sorted(path for path in found if not any(path[:end] in found for end in range(1, len(path)))))


def extract(context: Mapping[str, Any], paths: Iterable[Path]) -> tuple[dict[str, Any], dict[Path, Any]]:
    """Copy only what the paths reach: the library converts every value it is given, for every evaluation.

    Returns:
        A context that holds the paths and nothing else, and the values at the paths that exist.
    """
    extracted: dict[str, Any] = {}
    values: dict[Path, Any] = {}
    for path in paths:
        source: Mapping[str, Any] = context
        copy = extracted
        for depth, name in enumerate(path, 1):
            if name not in source:
                break
            value = source[name]
            if depth == len(path) or not isinstance(value, Mapping):
                copy[name] = values[path[:depth]] = list(cast("Any", value)) if isinstance(value, tuple) else value
                break
            source = cast("Mapping[str, Any]", value)
            copy = copy.setdefault(name, {})
        extracted.setdefault(path[0], {})
    return extracted, values
