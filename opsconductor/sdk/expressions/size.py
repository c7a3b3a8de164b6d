"""How big a value is: what the cost of an expression is reckoned from."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from opsconductor.errors import ExpressionBudgetError

MAX_WEIGHT = 4_000_000
ELEMENT = 8  # what an element weighs beside a character: it is an object in two languages
MAX_DEPTH = 64  # deeper values overflow the C++ stack when they are compared


class Size(NamedTuple):
    """Upper bounds of a value's size.

    Attributes:
        weight: Characters, and elements eightfold, nested ones included.
        length: Elements of a list or map, characters of a text.
        element: Weight of the heaviest element.
    """

    weight: int
    length: int = 0
    element: int = ELEMENT


SCALAR = Size(ELEMENT)


def measure(value: Any, source: str) -> Size:
    """Measure a JSON value, walking it without recursion.

    Raises:
        ExpressionBudgetError: It is bigger or deeper than an expression may use.
    """
    if isinstance(value, str):
        return _text(value, source)
    if not isinstance(value, list | dict):
        return SCALAR
    elements = _elements(value)
    weight = heaviest = ELEMENT
    for element in elements:
        own = _weigh(element, source, MAX_WEIGHT - weight)
        weight += own
        heaviest = max(heaviest, own)
    return Size(weight, len(elements), heaviest)


def _text(value: str, source: str) -> Size:
    if len(value) > MAX_WEIGHT:
        raise too_big(source)
    return Size(ELEMENT + len(value), len(value))


def _weigh(value: Any, source: str, limit: int) -> int:
    weight, level, depth = 0, [value], 0
    while level:
        weight += sum(ELEMENT + len(found) if isinstance(found, str) else ELEMENT for found in level)
        depth += 1
        if weight > limit or depth > MAX_DEPTH:
            raise too_big(source)
        level = [element for found in level if isinstance(found, list | dict) for element in _elements(found)]
    return weight


def _elements(value: Any) -> list[Any]:
    if isinstance(value, dict):
        found = cast("Mapping[Any, Any]", value)
        return [*found.keys(), *found.values()]
    return cast("list[Any]", value)


def too_big(source: str) -> ExpressionBudgetError:
    """The error for a value that is too long or too deep."""
    return ExpressionBudgetError(
        f"a value is too big for an expression (more than {MAX_WEIGHT:,} characters or {MAX_WEIGHT // ELEMENT:,} "
        f"elements, or nested deeper than {MAX_DEPTH} levels)",
        source=source,
    )
