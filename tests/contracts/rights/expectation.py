"""What a route must answer: derived from its line, and from nothing in the portal."""

from dataclasses import dataclass

from .identities import Identity, identities
from .route import VIEW, Route, Where

SUCCESS = tuple(range(200, 300))


@dataclass(frozen=True, slots=True)
class Cell:
    """One request of the matrix."""

    identity: Identity
    where: Where

    def __str__(self) -> str:
        return f"{self.identity.name} on {self.where}"


def cells(route: Route) -> list[Cell]:
    """Every request that a route is asked."""
    return [Cell(identity, where) for identity in identities(route) for where in route.places()]


def expected(route: Route, cell: Cell) -> tuple[int, ...]:
    """The statuses that are right."""
    allowed = route.answers or SUCCESS
    if route.public:
        return allowed
    refusal = _refusal(route, cell.identity, cell.where)
    return allowed if refusal is None else (refusal,)


def _refusal(route: Route, who: Identity, where: Where) -> int | None:
    if not who.signed_in:
        return 401
    if route.in_person and who.by_token:
        return 403
    if route.permission and not who.may(route.permission):
        return 403
    if where is Where.MALFORMED:
        return 422
    if route.of and (where is Where.ABSENT or not _sees(who, route.of, where)):
        return 404
    if not _permitted(route, who, where):
        return 403
    lacking = (need for need in route.needs if not who.covers(need.permission, need.kind, where))
    return next((need.status for need in lacking), None)


def _sees(who: Identity, kind: str, where: Where) -> bool:
    return kind not in VIEW or who.covers(VIEW[kind], kind, where)


def _permitted(route: Route, who: Identity, where: Where) -> bool:
    if route.permission is None or route.anywhere:
        return True
    if route.everywhere:
        return route.permission in who.everywhere
    kind = route.of or route.into
    return kind is None or who.covers(route.permission, kind, where)


def visible(who: Identity, kind: str) -> set[Where]:
    """In which places somebody sees things of a kind."""
    return {where for where in (Where.OWN, Where.OTHERS) if who.covers(VIEW[kind], kind, where)}
