"""Selectors: which targets, in words. `group:web and tag:prod and not host:web09`."""

from .conditions import And, Everything, Facts, Is, Not, Or, Selector, VariableIs
from .groups import group_patterns, name_patterns, with_group_renamed
from .parsing import parse_selector

__all__ = [
    "And",
    "Everything",
    "Facts",
    "Is",
    "Not",
    "Or",
    "Selector",
    "VariableIs",
    "group_patterns",
    "name_patterns",
    "parse_selector",
    "with_group_renamed",
]
