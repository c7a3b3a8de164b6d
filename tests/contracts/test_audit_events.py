"""What the portal records, against the list of events that it publishes."""

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.audit.events import EVENTS

PORTAL = Path(__file__).parents[2] / "portal"


def constants(node: ast.AST) -> Iterator[str]:
    return (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str))


def assigned(module: ast.Module, name: str) -> Iterator[str]:
    """Texts that a name may hold: a variable's values, or what callers give for an argument."""
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield from constants(node.value)


def recorded(module: ast.Module) -> Iterator[tuple[int, set[str]]]:
    """Line and events of each call of `record` of an audit log."""
    for node in ast.walk(module):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record"):
            continue
        holder = node.func.value
        named = holder.id if isinstance(holder, ast.Name) else getattr(holder, "attr", "")
        if "audit" not in named or len(node.args) < 2:
            continue
        event = node.args[1]
        found = {text for text in constants(event) if "." in text}
        if isinstance(event, ast.Name):
            found = {text for text in assigned(module, event.id) if "." in text}
        yield node.lineno, found


def test_every_recorded_event_is_in_the_list_and_every_listed_one_is_recorded():
    seen: set[str] = set()
    for file in sorted(PORTAL.rglob("*.py")):
        for line, events in recorded(ast.parse(file.read_text())):
            place = f"{file.relative_to(PORTAL.parent)}:{line}"
            assert events, f"{place}: the event must be a text, or a variable of texts in the same module"
            unknown = events - EVENTS.keys()
            assert not unknown, f"{place}: add {sorted(unknown)} to portal/audit/events.py, with what it says"
            seen |= events
    assert seen == EVENTS.keys(), f"listed but never recorded: {sorted(EVENTS.keys() - seen)}"


def test_every_event_says_who_did_what_in_a_sentence():
    for event, meaning in EVENTS.items():
        noun, _, verb = event.partition(".")
        assert noun
        assert verb.replace("_", "").isalpha(), event
        assert meaning.endswith("."), event
