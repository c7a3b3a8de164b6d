import httpx

from portal.authz.permissions import Permission
from tests.contracts.rights.route import Route, Things
from tests.integration.portal.world import add

_ONE = "/api/v1/job-templates/{template_id}"


def _yaml(name: str) -> str:
    steps = "[{id: say, uses: core/log@1, with: {message: hello}}]"
    return f"apiVersion: opsconductor/v1\nkind: Template\nname: {name}\nsteps: {steps}\n"


ROUTES = {
    "GET /api/v1/job-templates": Route(Permission.JOBS_VIEW, lists=("template",)),
    "POST /api/v1/job-templates": Route(
        Permission.JOBS_CREATE, into="template", body=lambda t: {"yaml": _yaml("another"), "folder": t["folder"]}
    ),
    "POST /api/v1/job-templates/validate": Route(Permission.JOBS_VIEW, body=lambda _: {"yaml": _yaml("another")}),
    f"GET {_ONE}": Route(Permission.JOBS_VIEW, of="template"),
    f"PATCH {_ONE}": Route(Permission.JOBS_EDIT, of="template", body=lambda _: {"tags": ["new"]}),
    f"DELETE {_ONE}": Route(Permission.JOBS_DELETE, of="template"),
    f"GET {_ONE}/versions": Route(Permission.JOBS_VIEW, of="template"),
    f"GET {_ONE}/versions/{{version}}": Route(Permission.JOBS_VIEW, of="template"),
    f"GET {_ONE}/uses": Route(Permission.JOBS_VIEW, of="template"),
}


async def make(client: httpx.AsyncClient, things: Things) -> None:
    """A template in the place's folder."""
    body = {"yaml": _yaml(f"of_{things['group']}"), "folder": things["folder"]}
    things["template"] = (await add(client, "/job-templates", body))["id"]
