"""Prefect's pages show every run there is: a grant in one place does not open them."""

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

_PAGE = Route(Permission.JOBS_RUN, everywhere=True, cookie=True)
_WRITE = Route(Permission.JOBS_RUN, everywhere=True, cookie=True, answers=(403,))

ROUTES = {
    f"{method} {path}": _PAGE if method in ("GET", "HEAD") else _WRITE
    for path in ("/prefect", "/prefect/{path:path}")
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
}
