"""Who asks."""

from dataclasses import dataclass

from portal.authz.permissions import Permission

from .route import CONFERS, PLACE, Route, Where, named

EVERYTHING = frozenset(Permission)
NOTHING: frozenset[Permission] = frozenset()
VIEWER = named("jobs:view", "targets:view", "credentials:view")
OPERATOR = EVERYTHING - named(
    "credentials:create", "credentials:edit", "credentials:delete", "credentials:reveal", "libraries:manage",
    "users:manage", "roles:manage", "settings:edit", "audit:view",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, or nobody.

    Attributes:
        everywhere: What they may do everywhere.
        built_in: The built-in role that gives them this; a role of their own otherwise.
        granted: What they are granted in the own place besides.
        places: Kinds of places they have that grant in.
        by_token: An API token of theirs asks, not they themselves.
    """

    name: str
    everywhere: frozenset[Permission] = NOTHING
    built_in: str | None = None
    granted: frozenset[Permission] = NOTHING
    places: tuple[str, ...] = tuple(CONFERS)
    signed_in: bool = True
    by_token: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether they have it anywhere."""
        given = {item for place in self.places for item in self.granted & CONFERS[place]}
        return permission in self.everywhere or permission in given

    def covers(self, permission: Permission, kind: str, where: Where) -> bool:
        """Whether they have it for a thing of this kind there."""
        if permission in self.everywhere:
            return True
        place = PLACE.get(kind)
        return (
            where in (Where.OWN, Where.ANYWHERE)  # a request that names no thing of its own names the own place's
            and place is not None
            and place in self.places
            and permission in self.granted & CONFERS[place]
        )


FIXED = (
    Identity("anonymous", signed_in=False),
    Identity("disabled", EVERYTHING, "admin", signed_in=False),
    Identity("nobody"),
    Identity("viewer", VIEWER, "viewer"),
    Identity("operator", OPERATOR, "operator"),
    Identity("admin", EVERYTHING, "admin"),
    Identity("token-of-admin", EVERYTHING, "admin", by_token=True),
    Identity("all-granted", granted=EVERYTHING),
    Identity("operator-granted", granted=OPERATOR),
    Identity("viewer-granted", granted=VIEWER),
    Identity("viewer-and-granted", VIEWER, granted=EVERYTHING),
    *(Identity(f"viewer-and-{place}", VIEWER, granted=EVERYTHING, places=(place,)) for place in CONFERS),
)
STRANGERS = tuple(identity for identity in FIXED if not identity.signed_in)


def identities(route: Route) -> list[Identity]:
    """Everybody who asks a route, with those who have, or lack, just one permission that plays a part there.

    Some lack it in others' places only: nothing else then refuses them there.
    """
    if route.public:
        return [*STRANGERS, *(identity for identity in FIXED if identity.name in ("nobody", "admin"))]
    only = [Identity(f"only-{name}", frozenset({name})) for name in route.permissions]
    without = [Identity(f"all-but-{name}", EVERYTHING - {name}) for name in route.permissions]
    here = [
        Identity(f"all-but-{name}-elsewhere", EVERYTHING - {name}, granted=frozenset({name}))
        for name in route.permissions
        if any(name in conferred for conferred in CONFERS.values())
    ]
    return [*(who for who in FIXED if not (who.by_token and route.cookie)), *only, *without, *here]
