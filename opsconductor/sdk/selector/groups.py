"""The groups that a selector speaks of."""

from dataclasses import replace

from .conditions import And, Is, Not, Or, Selector


def group_patterns(selector: Selector) -> frozenset[str]:
    """What it asks of groups: names, and patterns with `*` or `?`."""
    match selector:
        case Is("group", pattern):
            return frozenset({pattern})
        case Not(inner):
            return group_patterns(inner)
        case And(parts) | Or(parts):
            return frozenset[str]().union(*map(group_patterns, parts))
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
