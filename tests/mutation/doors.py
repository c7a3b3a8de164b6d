"""Mutants of guards: one route at a time lets in whom it should not."""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from opsconductor.errors import NotAuthenticatedError
from portal.authz.actor import Actor
from portal.authz.guard import Guard, PersonGuard
from portal.authz.permissions import Permission
from portal.identity.authentication import get_actor, get_actor_briefly
from portal.identity.repository import IdentityRepository
from portal.kit.database import Sessions
from portal.prefect_ui.deps import CookieGuard


@dataclass(frozen=True)
class Mutant:
    """A change that gives somebody what they should not have.

    Attributes:
        what: What was changed, for people.
        lines: The routes that may notice, the likeliest first.
        applied: Gives the context in which it holds.
        function: The function that it changes; None for a door.
    """

    what: str
    lines: tuple[str, ...]
    applied: Callable[[], AbstractContextManager[None]]
    function: str | None = None

    def __call__(self) -> AbstractContextManager[None]:
        return self.applied()


def door_mutants(app: FastAPI) -> Iterator[Mutant]:
    """Two of each guarded endpoint: whoever is signed in passes; nobody is asked who they are."""
    seen: dict[Any, list[str]] = {}
    dependants: dict[Any, list[Dependant]] = {}
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        if dependant is None:
            continue
        for method in sorted(route.methods or {"WEBSOCKET"}):
            seen.setdefault(route.endpoint, []).append(f"{method} {route.path}")
        dependants.setdefault(route.endpoint, []).append(dependant)
    for endpoint, lines in seen.items():
        found = [inner for outer in dependants[endpoint] for inner in _guards(outer)]
        yield from _of_one(endpoint.__name__, tuple(lines), found)


def _of_one(name: str, lines: tuple[str, ...], found: list[Dependant]) -> Iterator[Mutant]:
    guards = [inner for inner in found if isinstance(inner.call, Guard)]
    if any(inner.call.permission or isinstance(inner.call, PersonGuard) for inner in guards):
        yield Mutant(f"{name} ({lines[0]}): its permission is not asked for", lines, lambda: _opened(guards))
    actors = [inner for guard in guards for inner in guard.dependencies if inner.call in (get_actor, get_actor_briefly)]
    actors = actors or [inner for inner in guards if isinstance(inner.call, CookieGuard)]
    if actors:
        yield Mutant(f"{name} ({lines[0]}): nobody is asked who they are", lines, lambda: _anybody(actors))


def _guards(dependant: Dependant) -> Iterator[Dependant]:
    if isinstance(dependant.call, Guard):
        yield dependant
    for inner in dependant.dependencies:
        yield from _guards(inner)


@contextmanager
def _opened(guards: list[Dependant]) -> Generator[None]:
    kept = [guard.call for guard in guards]
    for guard in guards:
        kind = Guard if isinstance(guard.call, PersonGuard) else type(guard.call)
        guard.call = kind(None)
    try:
        yield
    finally:
        for guard, call in zip(guards, kept, strict=True):
            guard.call = call


@contextmanager
def _anybody(actors: list[Dependant]) -> Generator[None]:
    kept = [actor.call for actor in actors]
    for actor, call in zip(actors, kept, strict=True):
        actor.call = _trusting(call)
    try:
        yield
    finally:
        for actor, call in zip(actors, kept, strict=True):
            actor.call = call


def _trusting(authenticate: Any) -> Any:
    async def trust(**given: Any) -> Actor:
        try:
            return await authenticate(**given)
        except NotAuthenticatedError:
            return await _the_admin(given["sessions"])

    return trust


async def _the_admin(sessions: Sessions) -> Actor:
    async with sessions() as session:
        user = await IdentityRepository(session).find_by_username("admin")
    assert user is not None
    return Actor(user.id, user.username, uuid4(), frozenset(Permission))
