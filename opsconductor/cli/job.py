"""`opsconductor job`: author, publish and inspect jobs."""

from pathlib import Path
from typing import Annotated

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import NotFoundError

from .lookup import read_text, resolve
from .output import JsonOption, console, print_json, print_list
from .session import portal

app = cyclopts.App(name="job", help="Author, publish and inspect jobs.")

app.command("opsconductor.cli.job_file:validate", name="validate", help="Check job files; no server is asked.")
app.command("opsconductor.cli.job_file:show", name="show", help="Show what a job file compiles to; no server is asked.")
app.command("opsconductor.cli.job_file:schema", name="schema", help="Print the JSON Schema of job files, for editors.")

_COLUMNS = ("name", "version", "folder", "tags", "description", "updated_at")


@app.command(name="list")
def list_(search: str | None = None, *, json_: JsonOption = False) -> None:
    """List the published jobs.

    Args:
        search: Part of a name or description.
    """
    with portal() as client:
        found = client.pages("/jobs", q=search, size=500)
        print_list(found, _COLUMNS, as_json=json_, empty="No jobs yet. Publish one: opsconductor job publish FILE")


@app.command
def publish(file: Path, *, folder: str | None = None) -> None:
    """Publish a job file: a new job, or the next version of the job of that name.

    Args:
        file: YAML; `-` reads standard input.
        folder: Folder to keep it in.
    """
    text = read_text(file)
    with portal() as client:
        checked = client.post("/jobs/validate", {"yaml": text})
        body = {"yaml": text, **({"folder": folder} if folder is not None else {})}
        try:
            known = resolve(client, "/jobs", "job", checked["name"]) if checked["name"] else None
        except NotFoundError:
            known = None
        done = client.patch(f"/jobs/{known['id']}", body) if known else client.post("/jobs", body)
    for warning in done["warnings"]:
        console.print(f"[yellow]warning[/yellow] {warning['path']}: {warning['message']}", highlight=False)
    console.print(f"Published {done['name']}, version {done['version']}.", highlight=False)


@app.command
def get(name: str, *, version: int | None = None, json_: JsonOption = False) -> None:
    """Print a published job as YAML, comments included.

    Args:
        name: Name or id.
        version: Which version; the newest when absent.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        path = f"/jobs/{found['id']}" + (f"/versions/{version}" if version else "")
        job = client.get(path)
    if json_:
        print_json(job)
    else:
        console.out(job["yaml"], end="", highlight=False)


@app.command
def versions(name: str, *, json_: JsonOption = False) -> None:
    """List the versions of a job, the newest first.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        rows = client.get(f"/jobs/{found['id']}/versions")
    print_list(rows, ("version", "created_by", "created_at"), as_json=json_, empty="No versions.")


@app.command
def diff(
    name: str,
    before: Annotated[int, Parameter(help="Older version.")],
    after: Annotated[int, Parameter(help="Newer version.")],
) -> None:
    """Show what changed between two versions.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        text = client.get(f"/jobs/{found['id']}/diff", before=before, after=after)["diff"]
    console.out(text or "They are the same.", highlight=False)


@app.command
def delete(*names: str) -> None:
    """Take jobs away. Their runs stay, and running ones go on.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            found = resolve(client, "/jobs", "job", name)
            client.delete(f"/jobs/{found['id']}")
            console.print(f"Removed {found['name']}.", highlight=False)
