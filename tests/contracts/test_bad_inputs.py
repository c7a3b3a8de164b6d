"""`docs/reference/bad-inputs.md` names tests that exist; some promises hold by how the code is written."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "bad-inputs.md"
PACKAGES = ("opsconductor", "flows", "blocks", "steplib", "portal")
RUN_CODE = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "jsonpickle", "yaml"}


@cache
def _tests_of(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_test_on_the_page_exists():
    named = re.findall(r"`(tests/[^`]+)`", PAGE.read_text())
    assert len(named) > 100
    missing = [name for name in named if name.partition("::")[2] not in _tests_of(name.partition("::")[0])]
    assert not missing


def test_every_line_of_the_page_names_a_test():
    rows = [row for row in PAGE.read_text().splitlines() if row.startswith("| ") and not row.startswith("| what")]
    assert not [row for row in rows if "`tests/" not in row]


def test_nothing_reads_what_can_run_code():
    found: list[str] = []
    for path in (file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path}: {name}" for name in names if name.partition(".")[0] in RUN_CODE]
    assert not found
