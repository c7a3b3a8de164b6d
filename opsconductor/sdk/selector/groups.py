"""The groups and targets that a selector speaks of by name."""

from dataclasses import replace

from .conditions import And, Field, Is, Not, Or, Selector


def group_patterns(selector: Selector) -> frozenset[str]:
    """What it asks of groups: names, and patterns with `*` or `?`."""
    return _patterns(selector, "group")


def name_patterns(selector: Selector) -> frozenset[str]:
    """What it asks of targets' own names: names, and patterns with `*` or `?`."""
    return _patterns(selector, "name")


def _patterns(selector: Selector, field: Field) -> frozenset[str]:
    match selector:
        case Is(asked, pattern) if asked == field:
            return frozenset({pattern})
        case Not(inner):
            return _patterns(inner, field)
        case And(parts) | Or(parts):
            return frozenset[str]().union(*(_patterns(part, field) for part in parts))
        case _:
            return frozenset()


def with_group_renamed(selector: Selector, old: str, new: str) -> Selector:
    """The same selector for when a group has another name; patterns stay."""
    match selector:
        case Is("group", pattern) if pattern == old:
            return replace(selector, pattern=new)
        case Not(inner):
            return Not(with_group_renamed(inner, old, new))
        case And(parts):
            return And(tuple(with_group_renamed(part, old, new) for part in parts))
        case Or(parts):
            return Or(tuple(with_group_renamed(part, old, new) for part in parts))
        case _:
            return selector
