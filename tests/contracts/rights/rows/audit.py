from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

ROUTES = {
    "GET /api/v1/audit": Route(Permission.AUDIT_VIEW),
    "GET /api/v1/audit/chain": Route(Permission.AUDIT_VIEW),
    "GET /api/v1/audit/events": Route(Permission.AUDIT_VIEW),
    "GET /api/v1/audit/export": Route(Permission.AUDIT_VIEW),
}
