"""`opsconductor template`: steps that many jobs use."""

from collections.abc import Iterator
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, NotFoundError

from .dash import FileOrDash
from .lookup import given, read_text, resolve
from .output import Done, JsonOption, changing, console, print_json, print_list, removed, warned
from .session import portal
from .template_version import PATH, problem

app = cyclopts.App(name="template", help="Steps that many jobs use, as one step: `uses: template/name@2`.")

app.command("opsconductor.cli.template_version:validate", name="validate", help="Check template files.")
app.command("opsconductor.cli.template_version:versions", name="versions", help="List the versions of a template.")
app.command("opsconductor.cli.template_version:move", name="move", help="Put a template into another folder.")

_COLUMNS = ("name", "version", "folder", "tags", "description", "updated_at")
_USE_COLUMNS = ("kind", "name", "folder", "template_version", "newer_version", "direct")


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    folder: Annotated[str | None, Parameter(help="Only templates of this folder and those below.")] = None,
    tag: Annotated[str | None, Parameter(help="Only templates with this tag.")] = None,
    sort: Annotated[
        str, Parameter(help="name, folder, created_at, updated_at; `-` before it.", allow_leading_hyphen=True)
    ] = "name",
    json_: JsonOption = False,
) -> None:
    """List the templates.

    Args:
        search: Part of a name or description.
    """
    with portal() as client:
        asked = given(q=search, folder=folder, tag=tag)
        found = client.pages(PATH, **asked, sort=sort, size=500)
        empty = "No template matches." if asked else "No templates yet. Publish one: opsconductor template publish FILE"
        print_list(found, _COLUMNS, as_json=json_, empty=empty)


@app.command
def show(name: str, *, version: int | None = None, json_: JsonOption = False) -> None:
    """Print a template as YAML, comments included.

    Args:
        name: Name or id.
        version: Which version; the newest when absent.
    """
    with portal() as client:
        found = resolve(client, PATH, "template", name)
        template = client.get(f"{PATH}/{found['id']}" + (f"/versions/{version}" if version else ""))
    if json_:
        print_json(template)
    else:
        console.out(template["yaml"], end="", highlight=False)


@app.command
@changing
def publish(
    file: FileOrDash,
    *,
    folder: Annotated[str | None, Parameter(help="Folder to keep it in.")] = None,
    tag: Annotated[list[str] | None, Parameter(name="--tag", help="A tag; can be given again.")] = None,
) -> Done:
    """Publish a template file: a new template, or the next version of the template of that name.

    Args:
        file: YAML; `-` reads standard input.
    """
    text = read_text(file)
    with portal() as client:
        checked = client.post(f"{PATH}/validate", {"yaml": text})
        if not checked["valid"]:
            raise InvalidInputError([problem(found) for found in checked["problems"]])
        body = given(yaml=text, folder=folder, tags=tag)
        try:
            known = resolve(client, PATH, "template", checked["name"])
        except NotFoundError:
            known = None
        done = client.patch(f"{PATH}/{known['id']}", body) if known else client.post(PATH, body)
    return Done(done, *warned(done["warnings"]), f"Published {done['ref']}.")


@app.command
def uses(name: str, *, json_: JsonOption = False) -> None:
    """List the jobs and templates that use a template, and for which a newer version is there.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, PATH, "template", name)
        users = client.get(f"{PATH}/{found['id']}/uses")
    rows = [{"kind": kind, **user} for kind in ("job", "template") for user in users[f"{kind}s"]]
    print_list(rows, _USE_COLUMNS, as_json=json_, empty=f"Nothing uses {found['name']}.")


@app.command
@changing
def delete(*names: str) -> Iterator[Done]:
    """Take templates away that nothing uses.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            found = resolve(client, PATH, "template", name)
            client.delete(f"{PATH}/{found['id']}")
            yield Done(removed(found), f"Removed {found['name']}.")


@app.command
def schema() -> None:
    """Print the JSON Schema of template files, for editors that complete and check YAML."""
    from opsconductor.sdk.job import template_json_schema

    print_json(template_json_schema())
