"""Which names an expression reads, and whether they exist."""

import re
from collections.abc import Iterator

from opsconductor.errors import ExpressionError

from .scope import ROOTS, Scope
from .syntax import Call, Loop, Node, Select, children, path_of

Path = tuple[str, ...]

_PLAIN = re.compile(r"\s*[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)+\s*", re.ASCII)
_REFUSED = {"format": "join texts with `+` and string(…)"}  # `%s` may repeat a text without end


def paths_in(tree: Node) -> frozenset[Path]:
    """The longest dotted paths that a tree reads, from `params`, `target`, `run` or `steps` on."""
    return frozenset(_paths(tree))


def plain_path(source: str, paths: frozenset[Path]) -> Path | None:
    """The path, when the whole source is nothing but one (`params.unit`): reading it needs no CEL."""
    return next(iter(paths)) if len(paths) == 1 and _PLAIN.fullmatch(source) else None


def check_names(tree: Node, scope: Scope, source: str) -> None:
    """Refuse what is not declared.

    Raises:
        ExpressionError: A path names nothing, or a function or loop variable is not allowed.
    """
    for path in paths_in(tree):
        problem = scope.problem(path)
        if problem:
            raise ExpressionError(problem, source=source)
    for node in _walk(tree):
        if isinstance(node, Loop) and set(node.variables) & set(ROOTS):
            raise ExpressionError(f"`{node.variables[0]}` cannot name the elements of a loop", source=source)
        if isinstance(node, Call) and node.function in _REFUSED:
            raise ExpressionError(f"there is no function `{node.function}`; {_REFUSED[node.function]}", source=source)


def _paths(node: Node) -> Iterator[Path]:
    path = path_of(node)
    if path and path[0] in ROOTS:
        yield path
        return
    if isinstance(node, Select) and node.test:
        tested = path_of(node.operand)
        if tested and tested[0] in ROOTS:
            yield (*tested, node.field)
            return
    if path is None or isinstance(node, Select | Call):
        for child in children(node):
            yield from _paths(child)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walk(child)
