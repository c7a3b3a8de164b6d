"""What an expression would cost, reckoned before it runs.

The library's own budget counts iterations only; it does not see that a loop over a thousand elements may build a
gigabyte of text, or that one regular expression may take seconds. So the tree is walked with upper bounds of
sizes, taken from the values at hand, and an expression that could cost too much is refused. One unit of work is
about 25 ns; the constants are measured (docs/adr/0010-expressions.md).
"""

import math
import re
from collections.abc import Mapping

from opsconductor.errors import ExpressionBudgetError

from .size import ELEMENT, MAX_WEIGHT, SCALAR, Size, too_big
from .syntax import Call, Constant, Items, Loop, Name, Node, Select, children, path_of

MAX_WORK = 10_000_000  # also bounds memory: a growing list leaves 16 bytes behind for each unit

_NODE = 10
_REGEX_COMPILE = 16
_LINEAR = frozenset({"@in", "_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "startsWith", "endsWith"})
_SEARCH = frozenset({"contains", "indexOf", "lastIndexOf", "split"})
_SAME_SIZE = frozenset({"lowerAscii", "upperAscii", "trim", "reverse", "substring", "charAt", "dyn", "bytes"})
_GROWING = frozenset({"_+_", "matches", "replace", "join", "strings.quote", "base64.encode", "base64.decode"})
_SCALAR_TEXT = 40  # the longest text of a number, a date or a duration

Sizes = Mapping[tuple[str, ...], Size]


def needs_reckoning(node: Node) -> bool:
    """Whether an expression can cost more than its values weigh."""
    if isinstance(node, Loop | Items) or (isinstance(node, Call) and node.function in _GROWING | _SEARCH):
        return True
    return any(needs_reckoning(child) for child in children(node))


def reckon(node: Node, sizes: Sizes, source: str) -> int:
    """Upper bound of the work, in units.

    Raises:
        ExpressionBudgetError: The expression might cost more than it may.
    """
    account = _Account(sizes, source)
    account.size(node, {})
    return account.work


class _Account:
    def __init__(self, sizes: Sizes, source: str) -> None:
        self.work = 0
        self._sizes = sizes
        self._source = source
        self._times = 1

    def size(self, node: Node, names: Mapping[str, Size]) -> Size:
        self._spend(_NODE)
        size = self._size(node, names)
        if size.weight > MAX_WEIGHT:
            raise too_big(self._source)
        return size

    def _size(self, node: Node, names: Mapping[str, Size]) -> Size:
        match node:
            case Constant(value=value):
                return Size(ELEMENT + len(value), len(value)) if isinstance(value, str | bytes) else SCALAR
            case Name(name=name):
                return names.get(name, SCALAR)
            case Select(test=True):
                return SCALAR
            case Items(elements=elements):
                return _joined([self.size(element, names) for element in elements])
            case Loop():
                return self._loop(node, names)
            case _:
                return self._known(node, names) or self._reached(node, names)

    def _known(self, node: Select | Call, names: Mapping[str, Size]) -> Size | None:
        path = path_of(node)
        return self._sizes.get(path) if path and path[0] not in names else None

    def _reached(self, node: Select | Call, names: Mapping[str, Size]) -> Size:
        if isinstance(node, Select):
            return _inside(self.size(node.operand, names))
        return self._call(node, [self.size(argument, names) for argument in node.arguments])

    def _call(self, node: Call, sizes: list[Size]) -> Size:
        function, total = node.function, sum(size.weight for size in sizes)
        if function == "_[_]":
            return _inside(sizes[0])
        if function == "_?_:_":
            return _either(sizes[1], sizes[2])
        if function == "_+_":
            self._spend(total // 8)
            return Size(total, sizes[0].length + sizes[1].length, max(sizes[0].element, sizes[1].element))
        if function == "matches":
            self._matches(node.arguments[1], *sizes)
        elif function in _LINEAR:
            self._spend(total)
        elif function in _SEARCH | {"replace"}:
            self._spend(sizes[0].weight * (1 + sizes[1].weight // 16))
        else:
            self._spend(total // 8)
        return _result_of(function, sizes)

    def _matches(self, pattern: Node, text: Size, pattern_size: Size) -> None:
        program = program_size(pattern.value) if isinstance(pattern, Constant) else pattern_size.weight * 1000
        self._spend(program * _REGEX_COMPILE + text.weight * program // 2)

    def _loop(self, node: Loop, names: Mapping[str, Size]) -> Size:
        over = self.size(node.range, names)
        initial = self.size(node.initial, names)
        inner = {**names, **dict.fromkeys(node.variables, Size(over.element, over.element, over.element))}
        inner[node.accumulator] = Size(0)
        outer, self._times = self._times, self._times * over.length
        step = self.size(node.step, inner)
        self.size(node.condition, inner)
        if isinstance(node.initial, Items):  # a growing list is copied at every turn
            self._spend(over.length * max(1, step.length))
        self._times = outer
        length = initial.length + over.length * step.length
        return Size(initial.weight + over.length * step.weight, length, max(initial.element, step.element))

    def _spend(self, units: int) -> None:
        self.work += units * self._times
        if self.work > MAX_WORK:
            raise ExpressionBudgetError(
                "the expression would do too much work on these values; loop over fewer elements, or compute it in a "
                "step of its own",
                source=self._source,
            )


def program_size(pattern: int | str | bytes | None) -> int:
    """Upper bound of the instructions a regular expression compiles to."""
    text = str(pattern)
    repeats = math.prod(max(1, int(high or low)) for low, high in re.findall(r"\{(\d{1,4}),?(\d{0,4})\}", text))
    wide = 100 if re.search(r"\\[pP]|\(\?[a-zA-Z]*i|\[\^", text) else 1  # classes of Unicode are hundreds of ranges
    return (1 + len(text)) * min(repeats, 1000) * wide


def _inside(size: Size) -> Size:
    return Size(size.element, size.element, size.element)


def _either(one: Size, other: Size) -> Size:
    return Size(max(one.weight, other.weight), max(one.length, other.length), max(one.element, other.element))


def _joined(sizes: list[Size]) -> Size:
    weight = ELEMENT + sum(size.weight for size in sizes)
    return Size(weight, len(sizes), max((size.weight for size in sizes), default=ELEMENT))


def _result_of(function: str, sizes: list[Size]) -> Size:
    first = sizes[0] if sizes else SCALAR
    if function == "split":
        return Size((1 + ELEMENT) * first.weight, first.weight, first.weight)
    if function == "replace":
        grown = first.weight * max(1, sizes[2].weight)
        return Size(grown, grown)
    if function == "join":
        separator = sizes[1].weight if len(sizes) > 1 else 0
        grown = first.weight + first.length * separator
        return Size(grown, grown)
    if function == "string":
        return Size(first.weight + _SCALAR_TEXT, first.weight + _SCALAR_TEXT)
    if function in _SAME_SIZE:
        return first
    if function.startswith(("strings.", "base64.")):
        return Size(2 * first.weight + 4, 2 * first.weight + 4)
    return SCALAR
