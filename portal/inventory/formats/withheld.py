"""Secrets in inventories: known by their names or their looks, told by name, never kept.

Targets' variables are shown to everybody who may look at the target; secrets belong into credentials.
"""

import re
from typing import Any, Final, cast

from .rows import refusal

_MAX_DEPTH: Final = 40
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NAME = re.compile(
    r"(?:^|_)(?:pass|passwd|password|passphrase|pwd|secret|token|api_?key|access_?key|secret_?key|private_?key"
    r"|credential|vault)s?$"
)
_VALUE = re.compile(
    r"\$ANSIBLE_VAULT;"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/@]+@"  # a password inside an address (RFC 3986, 3.2.1)
)


class Vaulted:
    """A text that Ansible's vault has sealed; what it says is nobody's business here."""


VAULTED: Final = Vaulted()


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret, such as `ansible_become_pass` or `dbPassword`."""
    return bool(_NAME.search(_CAMEL.sub("_", name).replace("-", "_").lower()))


def without_secrets(variables: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Variables that may be kept, and the paths of those that may not."""
    found: list[str] = []
    kept = {name: value for name, value in variables.items() if _keep(variables, name, name, found)}
    return {name: _cleaned(value, name, found, _MAX_DEPTH) for name, value in kept.items()}, tuple(found)


def _keep(holder: dict[str, Any], name: str, path: str, found: list[str]) -> bool:
    if is_secret_name(name) or _is_secret(holder[name], _MAX_DEPTH):
        found.append(path)
        return False
    return True


def _check_levels(levels: int) -> None:
    if not levels:
        raise refusal("a variable is nested too deeply", f"at most {_MAX_DEPTH} levels")


def _is_secret(value: Any, levels: int) -> bool:
    """Also a list that holds one: without it, the others would stand in wrong places."""
    if isinstance(value, list):
        _check_levels(levels)
        return any(_is_secret(item, levels - 1) for item in cast("list[Any]", value))
    return value is VAULTED or (isinstance(value, str) and _VALUE.search(value) is not None)


def _cleaned(value: Any, path: str, found: list[str], levels: int) -> Any:
    _check_levels(levels)
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value)
        return {
            name: _cleaned(part, f"{path}.{name}", found, levels - 1)
            for name, part in inner.items()
            if _keep(inner, name, f"{path}.{name}", found)
        }
    if isinstance(value, list):
        items = enumerate(cast("list[Any]", value))
        return [_cleaned(item, f"{path}[{place}]", found, levels - 1) for place, item in items]
    return value
