"""`opsconductor job`: author, publish and inspect jobs."""

from collections.abc import Iterator
from typing import Annotated, Literal

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import NotFoundError

from .dash import FileOrDash
from .lookup import given, read_text, resolve
from .output import Done, JsonOption, changing, console, print_json, print_list, print_record, removed, warned
from .session import portal

app = cyclopts.App(name="job", help="Author, publish and inspect jobs.")

app.command("opsconductor.cli.job_new:new", name="new", help="Write a job file to begin with.")
app.command("opsconductor.cli.job_file:validate", name="validate", help="Check job files, without or with the portal.")
app.command("opsconductor.cli.job_file:show", name="show", help="Show a job file as a graph, or what the portal knows.")
app.command("opsconductor.cli.job_file:schema", name="schema", help="Print the JSON Schema of job files, for editors.")
app.command("opsconductor.cli.job_version:versions", name="versions", help="List the versions of a job.")
app.command("opsconductor.cli.job_version:diff", name="diff", help="Show what changed between two versions.")
app.command("opsconductor.cli.job_version:restore", name="restore", help="Bring an old version back as a new one.")
app.command(
    "opsconductor.cli.job_bundle:export", name="export", help="Write jobs with their templates into a file or folder."
)
app.command("opsconductor.cli.job_bundle:import_", name="import", help="Bring exported jobs into this portal.")

_COLUMNS = ("name", "version", "folder", "tags", "active", "last_run", "description")
_FOLDER_COLUMNS = ("path", "jobs", "jobs_below", "templates", "templates_below")

IfVersionOption = Annotated[
    int | None, Parameter(help="Refuse when it is at another version by now: somebody else changed it.")
]
FolderOption = Annotated[str | None, Parameter(help="Folder, such as web/prod.")]
TagOption = Annotated[list[str] | None, Parameter(name="--tag", help="A tag; can be given again.")]


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    folder: Annotated[str | None, Parameter(help="Only jobs of this folder and those below.")] = None,
    tag: Annotated[str | None, Parameter(help="Only jobs with this tag.")] = None,
    last: Annotated[
        str | None, Parameter(help="Only jobs whose last run ended so, such as failed; or running, never.")
    ] = None,
    active: Annotated[bool | None, Parameter(negative="--inactive", help="Only jobs that may be started.")] = None,
    sort: Annotated[
        str,
        Parameter(help="name, folder, created_at, updated_at, last_run_at; `-` before it.", allow_leading_hyphen=True),
    ] = "name",
    json_: JsonOption = False,
) -> None:
    """List the published jobs.

    Args:
        search: Part of a name or description.
    """
    asked = given(q=search, folder=folder, tag=tag, last_outcome=last, active=active)
    empty = "No job matches." if asked else "No jobs yet. Begin with: opsconductor job new FILE, then job publish FILE"
    with portal() as client:
        found = client.pages("/jobs", **asked, sort=sort, size=500)
        rows = found if json_ else ({**job, "last_run": _outcome(job["last_run"])} for job in found)
        print_list(rows, _COLUMNS, as_json=json_, empty=empty)


@app.command
@changing
def publish(
    file: FileOrDash, *, folder: FolderOption = None, tag: TagOption = None, if_version: IfVersionOption = None
) -> Done:
    """Publish a job file: a new job, or the next version of the job of that name.

    Args:
        file: YAML; `-` reads standard input.
    """
    text = read_text(file)
    with portal() as client:
        checked = client.post("/jobs/validate", {"yaml": text})
        body = given(yaml=text, folder=folder, tags=tag)
        try:
            known = resolve(client, "/jobs", "job", checked["name"]) if checked["name"] else None
        except NotFoundError:
            known = None
        if if_version is not None and known is None:
            raise NotFoundError("job", repr(checked["name"]), hint="leave out --if-version to publish a new one")
        if known is None:
            done = client.post("/jobs", body)
        else:
            done = client.patch(f"/jobs/{known['id']}", given(**body, expected_version=if_version))
    return Done(done, *warned(done["warnings"]), f"Published {done['name']}, version {done['version']}.")


app.command(publish, name="create", show=False)


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
@changing
def clone(name: str, new_name: str, *, folder: FolderOption = None, tag: TagOption = None) -> Done:
    """Copy a job under another name.

    Args:
        name: Name or id.
        new_name: Name of the copy.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        done = client.post(f"/jobs/{found['id']}/clone", given(name=new_name, folder=folder, tags=tag))
    return Done(done, f"Copied {found['name']} to {done['name']}, in {done['folder'] or '/'}.")


@app.command
@changing
def move(name: str, folder: str) -> Done:
    """Put a job into another folder.

    Args:
        name: Name or id.
        folder: Such as web/prod; `/` is the top.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        done = client.patch(f"/jobs/{found['id']}", {"folder": folder})
    return Done(done, f"{done['name']} is in {done['folder'] or '/'} now.")


@app.command
@changing
def tag(name: str, *tags: str) -> Done:
    """Give a job these tags in place of those it has; without any, it has none.

    Args:
        name: Name or id.
        tags: Every tag that it has from now on.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        done = client.patch(f"/jobs/{found['id']}", {"tags": list(tags)})
    return Done(done, f"{done['name']} has the tags {', '.join(done['tags']) or '(none)'} now.")


@app.command
def folders(*, json_: JsonOption = False) -> None:
    """List the folders of jobs, with how much is in each and below."""
    with portal() as client:
        rows = client.get("/job-folders")["items"]
    shown = rows if json_ else [{**row, "path": row["path"] or "/"} for row in rows]
    print_list(shown, _FOLDER_COLUMNS, as_json=json_, empty="No folders yet: jobs are at the top.")


@app.command
@changing
def move_folder(path: str, new_path: str) -> Done:
    """Rename a folder or put it elsewhere, with everything below it and the roles people have there.

    Args:
        path: The folder as it is called now.
        new_path: Its new path, which nothing is in yet.
    """
    with portal() as client:
        done = client.post("/job-folders/move", {"path": path, "new_path": new_path})
    what = f"{done['jobs']} jobs, {done['templates']} templates and {done['grants']} roles"
    return Done(done, f"Moved {what} to {done['path']}.")


@app.command
@changing
def enable(*names: str) -> Iterator[Done]:
    """Let jobs be started again.

    Args:
        names: Names or ids.
    """
    return _switch(names, active=True)


@app.command
@changing
def disable(*names: str) -> Iterator[Done]:
    """Keep jobs from being started. Runs that go on are not touched.

    Args:
        names: Names or ids.
    """
    return _switch(names, active=False)


@app.command
def params(name: str, *, version: int | None = None, json_: JsonOption = False) -> None:
    """Show what a run of a job may or must give.

    Args:
        name: Name or id.
        version: Of which version; the newest when absent.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        schema = client.get(f"/jobs/{found['id']}/parameters/schema", version=version)
    if json_:
        print_json(schema)
        return
    rows = [_described(key, facts, schema["required"]) for key, facts in schema["properties"].items()]
    columns = ("name", "type", "value", "bounds", "description")
    print_list(rows, columns, as_json=False, empty=f"{found['name']} takes no parameters.")


@app.command
def stats(name: str, *, days: int = 30, json_: JsonOption = False) -> None:
    """Show how a job's runs went.

    Args:
        name: Name or id.
        days: How far to look back.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        counts = client.get(f"/jobs/{found['id']}/statistics", days=days)
    if json_:
        print_json(counts)
        return
    rate = counts["success_rate"]
    shown = {
        **counts,
        "success_rate": None if rate is None else f"{rate:.0%}",
        "last_run": _outcome(counts["last_run"]),
    }
    print_record(shown)


@app.command
@changing
def delete(*names: str) -> Iterator[Done]:
    """Take jobs away. Their runs stay, and running ones go on.

    Args:
        names: Names or ids.
    """
    with portal() as client:
        for name in names:
            found = resolve(client, "/jobs", "job", name)
            client.delete(f"/jobs/{found['id']}")
            yield Done(removed(found), f"Removed {found['name']}.")


def _switch(names: tuple[str, ...], *, active: bool) -> Iterator[Done]:
    with portal() as client:
        for name in names:
            found = resolve(client, "/jobs", "job", name)
            changed = client.patch(f"/jobs/{found['id']}", {"active": active})
            yield Done(changed, f"{found['name']} is {'active' if active else 'inactive'} now.")


def _outcome(run: dict[str, str] | None) -> str | None:
    return None if run is None else run["outcome"] or run["status"]


def _described(name: str, facts: dict[str, object], required: list[str]) -> dict[str, object]:
    kind: Literal["secret"] | object = "secret" if facts.get("format") == "opsconductor-credential" else facts["type"]
    value = "required" if name in required else f"default {facts.get('default')}"
    bounds = {key: bound for key, bound in facts.items() if key not in ("type", "default", "description", "format")}
    return {"name": name, "type": kind, "value": value, "bounds": bounds, "description": facts.get("description")}
