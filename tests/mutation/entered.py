"""Which routes enter which functions: only those can notice what is gone there."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from tests.contracts.rights.expectation import cells
from tests.contracts.rights.rows import ROUTES
from tests.contracts.rights.stage import Stage

from .checks import check_sites
from .sites import Site, changed, definition

_seen: set[str] = set()


def note(function: str) -> None:
    """The function runs."""
    _seen.add(function)


async def routes_by_function(stage: Stage) -> Mapping[str, list[str]]:
    """Function → the lines that enter it, the cheapest first; nothing is changed yet and so nothing may be wrong."""
    found: dict[str, list[str]] = defaultdict(list)
    with ExitStack() as noted:
        for site in {site.function: site for site in check_sites()}.values():
            noted.enter_context(changed(site, _announced))
        for line in sorted(ROUTES, key=lambda line: len(cells(ROUTES[line]))):
            _seen.clear()
            wrong = await stage.wrong(line)
            if wrong:
                raise AssertionError(f"the matrix is wrong before anything is changed: {wrong[0]}")
            _add(found, line, _seen)
    return found


def _add(found: dict[str, list[str]], line: str, functions: Iterable[str]) -> None:
    for function in functions:
        found[function].append(line)


def _announced(tree: ast.Module, site: Site) -> None:
    call = f"__import__({__name__!r}, fromlist=['note']).note({site.function!r})"
    definition(tree, site.qualname).body.insert(0, ast.parse(call).body[0])
