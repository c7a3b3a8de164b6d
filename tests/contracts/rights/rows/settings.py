from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route

ROUTES = {"GET /api/v1/settings": Route(Permission.SETTINGS_VIEW)}
