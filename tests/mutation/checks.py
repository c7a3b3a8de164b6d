"""Mutants of code: one check of a service, one condition of a query, one named permission at a time is taken away."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .doors import Mutant
from .sites import ROOT, Site, changed

_CHECKS = (
    "check_everywhere", "check_targets", "check_groups", "check_job", "check_credentials", "check_within",
    "check_within_place", "refuse_cross_site",
)  # fmt: skip
_CONDITIONS = ("in_groups", "in_folders", "among")
_ANSWERS = ("covers_target", "covers_job", "covers_credential", "may")
_LEFT_ALONE = ("portal/authz/",)
_LOOK = {
    "TARGETS": "TARGETS_VIEW", "GROUPS": "TARGETS_VIEW", "JOBS": "JOBS_VIEW", "SCHEDULES": "JOBS_VIEW",
    "APPROVALS": "JOBS_VIEW", "CREDENTIALS": "CREDENTIALS_VIEW",
}  # fmt: skip
"""Noun of a permission → the permission to look at such things."""


def check_sites() -> Iterator[Site]:
    """Each check, condition and named permission in the portal's rooms."""
    for path in sorted((ROOT / "portal").rglob("*.py")):
        if not str(path.relative_to(ROOT)).startswith(_LEFT_ALONE):
            yield from _sites(path)


def check_mutants(lines: list[str]) -> Iterator[Mutant]:
    """One of each site."""
    for site in check_sites():
        near = [line for line in lines if f"/{site.path.parent.name}" in line]
        ordered = tuple(dict.fromkeys([*near, *lines]))
        yield Mutant(site.what, ordered, lambda site=site: changed(site, _take_away), site.function)


def _sites(path: Path) -> Iterator[Site]:
    tree = ast.parse(path.read_text())
    owners = dict(_owned(tree))
    said: Counter[str] = Counter()
    for number, node in enumerate(ast.walk(tree)):
        change = _mutable(node)
        if change and node in owners:
            what = f"{path.relative_to(ROOT)}: {owners[node]}: {change}"
            said[what] += 1
            again = f" ({said[what]})" if said[what] > 1 else ""
            yield Site(path, owners[node], number, what + again)


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
    if _is_scope_everywhere(node):
        return f"always {ast.unparse(node)}"
    if not isinstance(node, ast.Call):
        return None
    if _called(node) in (*_CONDITIONS, *_ANSWERS):
        return f"no {ast.unparse(node)}"
    if _called(node) not in _CHECKS and any(map(_stronger, node.args)):
        return f"the weaker {ast.unparse(node)}"
    return None


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def _is_scope_everywhere(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "everywhere" and _called(node.value) == "scope"


def _stronger(node: ast.AST) -> bool:
    """Whether this names a permission other than that to look."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Permission"
        and not node.attr.endswith("_VIEW")
    )


def _take_away(tree: ast.Module, site: Site) -> None:
    node = next(node for number, node in enumerate(ast.walk(tree)) if number == site.number)
    if isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.Attribute):
        node.attr = "__class__"
    elif isinstance(node, ast.Call) and _called(node) in (*_CONDITIONS, *_ANSWERS):
        text = "__import__('sqlalchemy').true()" if _called(node) in _CONDITIONS else "bool(1)"
        replacement = ast.parse(text, mode="eval").body
        assert isinstance(replacement, ast.Call)
        node.func, node.args, node.keywords = replacement.func, replacement.args, replacement.keywords
    elif isinstance(node, ast.Call):
        for argument in filter(_stronger, node.args):
            assert isinstance(argument, ast.Attribute)
            argument.attr = _LOOK[argument.attr.partition("_")[0]]
