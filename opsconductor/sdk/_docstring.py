"""Reading Google-style docstrings."""

import inspect
import re

_ENTRY = re.compile(r"^(\w+)(?: \([^)]*\))?:\s*(.*)$")
_SECTION = re.compile(r"^[A-Z]\w+:$")


def summary(text: str) -> str:
    """The first line, which must be a sentence of its own; empty when it is not."""
    lines = inspect.cleandoc(text).splitlines()
    first = lines[0].strip() if lines else ""
    followed = len(lines) > 1 and lines[1].strip() != ""
    return "" if followed or _SECTION.match(first) else first


def section(text: str, title: str) -> dict[str, str]:
    """Names and descriptions of the section `Args:` or `Attributes:`."""
    found: dict[str, str] = {}
    name = ""
    for line in _section_lines(text, title):
        entry = _ENTRY.match(line.strip())
        if entry and not line.startswith(" " * 5):
            name = entry.group(1)
            found[name] = entry.group(2)
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _section_lines(text: str, title: str) -> list[str]:
    lines = inspect.cleandoc(text).splitlines()
    if f"{title}:" not in lines:
        return []
    body: list[str] = []
    for line in lines[lines.index(f"{title}:") + 1 :]:
        if line and not line.startswith(" "):
            break
        if line.strip():
            body.append(line)
    return body
