"""Mutants of code: one check of a service, one condition of a query, one named permission at a time is taken away."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from .doors import Mutant

ROOT = Path(__file__).parents[2]
_CHECKS = ("check_everywhere", "check_targets", "check_job", "check_credentials", "check_within", "check_within_place")
_CONDITIONS = ("in_groups", "in_folders", "among")
_TRUE = "__import__('sqlalchemy').true()"
_LEFT_ALONE = ("portal/authz/",)
Change = Callable[[ast.AST], bool]


@dataclass(frozen=True)
class _Site:
    """A place in a function of the portal.

    Attributes:
        qualname: The function or method, at the top of its module or class.
        number: Which node of the tree, in the order of `ast.walk`.
    """

    path: Path
    qualname: str
    number: int
    what: str


def check_mutants(lines: list[str]) -> Iterator[Mutant]:
    """One of each check, condition and named permission in the portal's rooms."""
    for path in sorted((ROOT / "portal").rglob("*.py")):
        relative = str(path.relative_to(ROOT))
        if relative.startswith(_LEFT_ALONE):
            continue
        for site in _sites(path, relative):
            near = [line for line in lines if f"/{path.parent.name}" in line]
            ordered = tuple(dict.fromkeys([*near, *lines]))
            yield Mutant(site.what, ordered, lambda site=site: _swapped(site))


def _sites(path: Path, relative: str) -> Iterator[_Site]:
    tree = ast.parse(path.read_text())
    owners = dict(_owned(tree))
    for number, node in enumerate(ast.walk(tree)):
        what = _mutable(node)
        if what and node in owners:
            yield _Site(path, owners[node], number, f"{relative}:{node.lineno}: {what}")  # type: ignore[attr-defined]


def _owned(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node inside of a function, with the function's name."""
    for top in tree.body:
        inside = top.body if isinstance(top, ast.ClassDef) else [top]
        for function in inside:
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                name = function.name if function is top else f"{top.name}.{function.name}"  # type: ignore[attr-defined]
                yield from ((node, name) for node in ast.walk(function))


def _mutable(node: ast.AST) -> str | None:
    if isinstance(node, ast.Expr) and _called(node.value) in _CHECKS:
        return f"no {ast.unparse(node)}"
    if not isinstance(node, ast.Call):
        return None
    if _called(node) in _CONDITIONS:
        return f"no {ast.unparse(node)}"
    if _called(node) not in (*_CHECKS, "scope", "may") and any(map(_stronger, node.args)):
        return f"the weaker {ast.unparse(node)}"
    return None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _stronger(node: ast.AST) -> bool:
    """Whether this names a permission other than that to look."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Permission"
        and not node.attr.endswith("_VIEW")
    )


def _mutate(node: ast.AST) -> None:
    if isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.Call) and _called(node) in _CONDITIONS:
        replacement = ast.parse(_TRUE, mode="eval").body
        assert isinstance(replacement, ast.Call)
        node.func, node.args, node.keywords = replacement.func, replacement.args, replacement.keywords
    elif isinstance(node, ast.Call):
        node.args = [argument for argument in node.args if not _stronger(argument)]


@contextmanager
def _swapped(site: _Site) -> Iterator[None]:
    """The function's code without the check; callers keep the function that they imported."""
    tree = ast.parse(site.path.read_text())
    _mutate(next(node for number, node in enumerate(ast.walk(tree)) if number == site.number))
    compiled = compile(ast.fix_missing_locations(tree), str(site.path), "exec")
    function = _function(site)
    kept = function.__code__
    function.__code__ = next(code for code in _codes(compiled) if code.co_qualname == site.qualname)
    yield
    function.__code__ = kept


def _function(site: _Site) -> FunctionType:
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
