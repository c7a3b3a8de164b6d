"""A selector as far as the database can follow it, so that not every target is read to pick a few.

What it leaves through is a superset: the selector itself decides afterwards.
"""

from sqlalchemy import ColumnElement, and_, or_, true
from sqlmodel import col

from opsconductor.sdk.selector import And, Is, Or, Selector

from .models import Target


def narrowed(selector: Selector) -> ColumnElement[bool]:
    """A condition that every target fulfils which the selector picks."""
    match selector:
        case And(parts):
            return and_(true(), *map(narrowed, parts))
        case Or(parts):
            return or_(*map(narrowed, parts))
        case Is() if "*" not in selector.pattern and "?" not in selector.pattern:
            return _is(selector)
        case _:
            return true()


def _is(condition: Is) -> ColumnElement[bool]:
    match condition.field:
        case "name":
            return col(Target.name) == condition.pattern
        case "group":
            return col(Target.groups).contains([condition.pattern])
        case "tag":
            return col(Target.tags).contains([condition.pattern])
        case "os":
            return col(Target.platform) == condition.pattern
        case "zone":
            return true()
