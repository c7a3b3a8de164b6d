"""One file a room: `ROUTES` says what each route promises; `make` adds the things that its requests name."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.contracts.rights.route import Route, Things

Make = Callable[[httpx.AsyncClient, Things], Awaitable[None]]
_rooms: list[Any] = [
    importlib.import_module(f"{__name__}.{found.name}") for found in sorted(pkgutil.iter_modules(__path__))
]
ROUTES: dict[str, Route] = {line: route for room in _rooms for line, route in room.ROUTES.items()}
MAKE: list[Make] = [room.make for room in _rooms if hasattr(room, "make")]


def hint(missing: list[str]) -> str:
    """What to write where, for routes that have no line."""
    lines = [f"{_file(line)}:    {line!r}: Route(Permission.…, of=…)," for line in missing]
    return "routes without a line in the rights matrix; add:\n" + "\n".join(lines)


def _file(line: str) -> str:
    parts = [part for part in line.partition(" ")[2].split("/") if part and part not in ("api", "v1")]
    return f"tests/contracts/rights/rows/{(parts or ['root'])[0].replace('-', '_')}.py"
