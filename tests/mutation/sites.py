"""Places in functions of the portal, and how to change a function while the portal runs."""

import ast
import importlib
import inspect
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Site:
    """A place in a function of the portal.

    Attributes:
        qualname: The function or method, at the top of its module or class.
        number: Which node of the tree, in the order of `ast.walk`.
        what: What is changed there; no two sites say the same.
    """

    path: Path
    qualname: str
    number: int
    what: str

    @property
    def function(self) -> str:
        """Names the function among all of the portal's."""
        return f"{self.path.relative_to(ROOT)}:{self.qualname}"


Change = Callable[[ast.Module, Site], None]
_held: dict[str, list[tuple[Site, Change]]] = defaultdict(list)


@contextmanager
def changed(site: Site, change: Change) -> Generator[None]:
    """The site's function with other code; callers keep the function that they imported. Changes of one add up."""
    function = _function(site)
    kept, held = function.__code__, _held[site.function]
    held.append((site, change))
    try:
        function.__code__ = _code(site, held)
        yield
    finally:
        held.pop()
        function.__code__ = kept


def _code(site: Site, held: list[tuple[Site, Change]]) -> CodeType:
    tree = ast.parse(site.path.read_text())
    # The last first: a change moves only nodes that `ast.walk` comes to later.
    for one, change in sorted(held, key=lambda pair: -pair[0].number):
        change(tree, one)
    compiled = compile(ast.fix_missing_locations(tree), str(site.path), "exec")
    return next(code for code in _codes(compiled) if code.co_qualname == site.qualname)


def definition(tree: ast.Module, qualname: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The function in the tree of its module."""
    found: Any = tree
    for part in qualname.split("."):
        found = next(node for node in found.body if getattr(node, "name", None) == part)
    return found


def _function(site: Site) -> FunctionType:
    name = ".".join(site.path.relative_to(ROOT).with_suffix("").parts)
    found: Any = importlib.import_module(name)
    for part in site.qualname.split("."):
        found = inspect.getattr_static(found, part)
    function = inspect.unwrap(getattr(found, "__func__", found))
    assert isinstance(function, FunctionType)
    return function


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
