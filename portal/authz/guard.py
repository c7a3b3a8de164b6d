"""Guards: what every route declares, and what start-up checks."""

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.requests import HTTPConnection
from fastapi.routing import iter_route_contexts

from portal.identity.authentication import ActorDep, BriefActorDep
from portal.identity.errors import PasswordChangeRequiredError

from .actor import Actor
from .errors import ApiTokenNotAllowedError, PermissionDeniedError
from .permissions import Permission


class UnguardedRouteError(RuntimeError):
    """A route declares no guard; the portal does not start."""

    def __init__(self, routes: list[str]) -> None:
        super().__init__(f"routes without a guard: {', '.join(routes)}")
        self.routes = routes


class Guard:
    """Lets a request through when its user has the permission somewhere; services ask where (`portal.authz.reach`)."""

    def __init__(self, permission: Permission | None, *, while_password_is_due: bool = False) -> None:
        self.permission = permission
        self.while_password_is_due = while_password_is_due

    async def __call__(self, actor: ActorDep, connection: HTTPConnection) -> Actor:
        return await self._admit(actor, connection)

    async def _admit(self, actor: Actor, connection: HTTPConnection) -> Actor:
        connection.state.username = actor.username  # for the log of requests
        await connection.app.state.rates.count_user(actor.user_id)
        return self.check(actor)

    def check(self, actor: Actor) -> Actor:
        """The actor, if they may.

        Raises:
            PasswordChangeRequiredError: They have to change their password first.
            PermissionDeniedError: They may not.
        """
        if actor.must_change_password and not self.while_password_is_due:
            raise PasswordChangeRequiredError
        if self.permission is not None and not actor.may(self.permission):
            raise PermissionDeniedError(self.permission, actor)
        return actor


def require(permission: Permission) -> Guard:
    """The route is for those who have the permission."""
    return Guard(permission)


class BriefGuard(Guard):
    """A guard for requests that last: it holds no transaction while they do."""

    async def __call__(self, actor: BriefActorDep, connection: HTTPConnection) -> Actor:
        return await self._admit(actor, connection)


def require_briefly(permission: Permission) -> Guard:
    """The route is for those who have the permission, and may last for hours."""
    return BriefGuard(permission)


signed_in = Guard(None)
"""The route is for everybody who is signed in."""


class PersonGuard(Guard):
    """A guard that no API token passes."""

    def check(self, actor: Actor) -> Actor:
        """The actor, if they are here themselves and may.

        Raises:
            ApiTokenNotAllowedError: A token acts for them.
        """
        if actor.token_id is not None:
            raise ApiTokenNotAllowedError(actor)
        return super().check(actor)


in_person = PersonGuard(None)
"""The route is for everybody who signed in themselves, not for their API tokens."""

barely_in_person = PersonGuard(None, while_password_is_due=True)
"""The same, also while they have to change their password."""


class BriefPersonGuard(PersonGuard):
    """The same for requests that count attempts in a transaction of their own.

    Two connections at once, the request's and that of the count, would let a few requests use the pool up against
    each other; so who asks is found in a transaction that is over before the count begins.
    """

    async def __call__(self, actor: BriefActorDep, connection: HTTPConnection) -> Actor:
        return await self._admit(actor, connection)


in_person_with_password = BriefPersonGuard(None)
"""The route is for those who signed in themselves and give their password again."""

barely_in_person_with_password = BriefPersonGuard(None, while_password_is_due=True)
"""The same, also while they have to change their password."""


async def public(connection: HTTPConnection) -> None:
    """The route is for everybody, and says so."""
    connection.state.public = True


async def guarded_inside(connection: HTTPConnection) -> None:
    """The route checks a credential of its own kind, such as a one-time link or a cookie."""
    connection.state.public = False


_OPEN = (public, guarded_inside)


def guards(dependant: Dependant) -> Iterator[str]:
    """What guards a route: permissions, or the name of a declared exception."""
    if isinstance(dependant.call, Guard):
        yield str(dependant.call.permission or "signed in")
    yield from (guard.__name__ for guard in _OPEN if guard is dependant.call)
    for inner in dependant.dependencies:
        yield from guards(inner)


def route_table(app: FastAPI) -> list[tuple[str, str, str]]:
    """Method, path and guard of every route, in order."""
    table: list[tuple[str, str, str]] = []
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        guard = ", ".join(guards(dependant)) if dependant is not None else ""
        methods = sorted(route.methods or {"WEBSOCKET"})
        table += [(method, route.path or "", guard) for method in methods]
    return table


def refuse_unguarded_routes(app: FastAPI) -> None:
    """Fail start-up when a route says nothing about who may use it.

    Raises:
        UnguardedRouteError: Names the routes.
    """
    open_routes = [f"{method} {path}" for method, path, guard in route_table(app) if not guard]
    if open_routes:
        raise UnguardedRouteError(open_routes)
