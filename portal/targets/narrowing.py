"""A selector as a condition of the database, so that not every target is read to pick a few."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from opsconductor.sdk.selector import And, Everything, Is, Not, Or, Selector, VariableIs

from .models import Target

_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class Condition:
    """What the database can tell.

    Attributes:
        sql: Every target that the selector picks fulfils it.
        exact: Whether no other target does.
    """

    sql: ColumnElement[bool]
    exact: bool = True


def narrowed(selector: Selector) -> ColumnElement[bool]:
    """A condition that every target fulfils which the selector picks."""
    return condition(selector).sql


def condition(selector: Selector) -> Condition:
    """The selector, as far as the database can follow it."""
    match selector:
        case Everything():
            return Condition(true())
        case And(parts) | Or(parts):
            found = [condition(part) for part in parts]
            join = and_ if isinstance(selector, And) else or_
            return Condition(join(*(part.sql for part in found)), all(part.exact for part in found))
        case Not(inner):
            turned = condition(inner)
            return Condition(not_(turned.sql)) if turned.exact else Condition(true(), exact=False)
        case Is():
            return Condition(_is(selector))
        case VariableIs():
            return _variable_is(selector)


def _is(asked: Is) -> ColumnElement[bool]:
    wild = re.search(r"[*?]", asked.pattern) is not None
    match asked.field:
        case "name" | "os" | "zone":
            column = {"name": col(Target.name), "os": col(Target.platform), "zone": col(Target.zone)}[asked.field]
            return column.like(_like(asked.pattern), escape="\\") if wild else column == asked.pattern
        case "group" | "tag":
            values = col(Target.groups) if asked.field == "group" else col(Target.tags)
            return _any_like(values, asked.pattern) if wild else values.contains([asked.pattern])


def _any_like(values: Any, pattern: str) -> ColumnElement[bool]:
    each = func.jsonb_array_elements_text(values).table_valued("value")
    return select(literal(1)).select_from(each).where(each.c.value.like(_like(pattern), escape="\\")).exists()


def _like(pattern: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%").replace("?", "_")


def _variable_is(asked: VariableIs) -> Condition:
    # Python compares doubles, the database decimals: beyond this they differ.
    if isinstance(asked.value, int | float) and abs(asked.value) >= _EXACT:
        return Condition(true(), exact=False)
    document: Any = asked.value
    for name in reversed(asked.path):
        document = {name: document}
    return Condition(col(Target.variables).contains(literal(document, JSONB)))
