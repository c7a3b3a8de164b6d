"""As whom the cases are sent."""

from tests.contracts.rights.identities import FIXED, Identity
from tests.contracts.rights.route import named

_FIXED = {who.name: who for who in FIXED}
CUSTOM = Identity(
    "custom",
    named("targets:view", "targets:edit", "groups:manage", "jobs:view", "jobs:create", "jobs:run", "users:manage"),
)
PEOPLE = {
    "anonymous": _FIXED["anonymous"],
    "viewer": _FIXED["viewer"],
    "operator": _FIXED["operator"],
    "custom": CUSTOM,
    "admin": _FIXED["admin"],
}
