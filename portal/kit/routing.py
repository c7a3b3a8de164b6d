"""Routers whose guards have their say before anybody looks at the body."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

UNREADABLE: Final = object()
"""Stands for a body that is not JSON. No schema accepts it, so it is refused with 422 like any other wrong body."""


class _LateRequest(Request):
    """FastAPI reads the body first and would refuse it before it knows who asks."""

    async def json(self) -> Any:
        """The body, or what no schema accepts."""
        try:
            return await super().json()
        except (ValueError, RecursionError):
            return UNREADABLE


class GuardedRoute(APIRoute):
    """A route that tells nobody what is wrong with their body before its guard let them in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The same handler, over a request whose body is refused late."""
        handle = super().get_route_handler()

        async def handle_late(request: Request) -> Response:
            return await handle(_LateRequest(request.scope, request.receive))

        return handle_late


Router = partial(APIRouter, route_class=GuardedRoute)
"""What every room makes its router with."""
