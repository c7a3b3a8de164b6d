"""Write plain values as YAML: mappings and lists in blocks, JSON within, so that no text is mistaken."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
# What JSON leaves as it is and YAML 1.2 does not take (5.1, character set).
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def yaml_text(value: dict[str, Any]) -> str:
    """The value as YAML, which reads back as the same in YAML 1.1 and 1.2."""
    return "\n".join(_lines(value, "")) + "\n"


def _lines(value: dict[str, Any], indent: str) -> Iterator[str]:
    for key, part in value.items():
        name = f"{indent}{_key(key)}:"
        if isinstance(part, dict) and part:
            yield name
            yield from _lines(cast("dict[str, Any]", part), f"{indent}  ")
        elif _is_records(part):
            yield name
            yield from _records(cast("list[dict[str, Any]]", part), indent)
        else:
            yield name if part is None else f"{name} {_leaf(part)}"


def _records(parts: list[dict[str, Any]], indent: str) -> Iterator[str]:
    for part in parts:
        first, *rest = _lines(part, f"{indent}  ")
        yield f"{indent}- {first.lstrip(' ')}"
        yield from rest


def _is_records(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    parts = cast("list[Any]", value)
    return all(isinstance(part, dict) and len(cast("dict[str, Any]", part)) > 0 for part in parts)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) and key.lower() not in _WORDS else _leaf(key)


def _leaf(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
