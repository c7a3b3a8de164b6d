"""The syntax tree of an expression, read from its compiled form.

The library gives no tree to Python, but its compiled form is one: `Any` of `CheckedExpr` of `Expr`, whose field
numbers are those of `cel/expr/syntax.proto` and `cel/expr/checked.proto` in https://github.com/google/cel-spec.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .wire import Message, message


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal; only integers, texts and bytes keep their value."""

    value: int | str | bytes | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """`operand.field`, or `has(operand.field)` when it is a test."""

    operand: "Node"
    field: str
    test: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator; the receiver of a method is its first argument."""

    function: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list or map literal: its elements, or its keys and values one after the other."""

    elements: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A comprehension macro: `map`, `filter`, `all`, `exists` or `exists_one`."""

    variables: tuple[str, ...]
    range: "Node"
    accumulator: str
    initial: "Node"
    condition: "Node"
    step: "Node"
    result: "Node"


Node = Constant | Name | Select | Call | Items | Loop


def parse(compiled: bytes) -> Node:
    """Read the tree from a compiled expression's serialized form."""
    return _node(message(message(compiled).octets(_ANY_VALUE)).octets(_CHECKED_EXPR))


def children(node: Node) -> Iterator[Node]:
    """The nodes right below."""
    match node:
        case Select(operand=operand):
            yield operand
        case Call(arguments=nodes) | Items(elements=nodes):
            yield from nodes
        case Loop():
            yield from (node.range, node.initial, node.condition, node.step, node.result)
        case _:
            return


def path_of(node: Node) -> tuple[str, ...] | None:
    """The dotted path a node spells (`a.b`, `a["b"]`), from its root name on; None for anything else."""
    match node:
        case Name(name=name):
            return (name,)
        case Select(operand=operand, field=field, test=False):
            above = path_of(operand)
        case Call(function="_[_]", arguments=(operand, Constant(value=str(field)))):
            above = path_of(operand)
        case _:
            return None
    return (*above, field) if above else None


_ANY_VALUE = 2
_CHECKED_EXPR = 4


def _node(data: bytes) -> Node:
    for number, value in message(data).items():
        if number in _KINDS:
            return _KINDS[number](message(value))
    return Constant(None)


def _constant(fields: Message) -> Constant:
    if 3 in fields:
        return Constant(fields.signed(3))
    if 6 in fields:
        return Constant(fields.text(6))
    return Constant(fields.octets(7) if 7 in fields else None)


def _name(fields: Message) -> Name:
    return Name(fields.text(1))


def _select(fields: Message) -> Select:
    return Select(_node(fields.octets(1)), fields.text(2), bool(fields.signed(3)))


def _call(fields: Message) -> Call:
    receiver = (_node(fields.octets(1)),) if 1 in fields else ()
    return Call(fields.text(2), (*receiver, *map(_node, fields.repeated(3))))


def _list(fields: Message) -> Items:
    return Items(tuple(map(_node, fields.repeated(1))))


def _map(fields: Message) -> Items:
    entries = [message(entry) for entry in fields.repeated(2)]
    return Items(tuple(_node(entry.octets(number)) for entry in entries for number in (3, 4)))


def _loop(fields: Message) -> Loop:
    variables = (fields.text(1), fields.text(8)) if 8 in fields else (fields.text(1),)
    over, initial, condition, step, result = (_node(fields.octets(number)) for number in (2, 4, 5, 6, 7))
    return Loop(variables, over, fields.text(3), initial, condition, step, result)


_KINDS: dict[int, Callable[[Message], Node]] = {
    3: _constant,
    4: _name,
    5: _select,
    6: _call,
    7: _list,
    8: _map,
    9: _loop,
}
