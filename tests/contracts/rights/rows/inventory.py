import json

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route, Things


def _file(things: Things) -> dict[str, object]:
    """Rights on targets and groups are told row by row; `tests/integration/portal/test_inventory.py` looks at those."""
    rows = [{"name": "another", "address": "another.test", "groups": [things["group"]]}]
    return {"format": "json", "content": json.dumps(rows), "dry_run": True}


ROUTES = {
    "POST /api/v1/inventory/import": Route(Permission.TARGETS_CREATE, body=_file),
    "GET /api/v1/inventory/export": Route(Permission.TARGETS_VIEW, query=lambda _: {"format": "csv"}),
}
