"""`opsconductor template validate|versions|move`: what a template would be, was, and where it is kept."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from opsconductor.errors import Problem

from .dash import FileOrDash
from .job_file import REFUSED
from .lookup import read_text, resolve
from .output import Done, JsonOption, changing, print_json, print_list
from .session import portal

PATH = "/job-templates"
_COLUMNS = ("version", "created_by", "created_at")


def validate(
    file: Annotated[FileOrDash, Parameter(help="YAML file; `-` reads standard input.")],
    *more: Annotated[Path, Parameter(help="More files.")],
    json_: JsonOption = False,
) -> int:
    """Check template files with the portal: every problem with its place, line and hint. Nothing is kept."""
    from .job_view import print_findings

    reports: list[dict[str, Any]] = []
    with portal() as client:
        for each in (file, *more):
            text = read_text(each)
            found = client.post(f"{PATH}/validate", {"yaml": text})
            reports.append({"file": str(each), **{key: found[key] for key in ("valid", "problems", "warnings")}})
            if not json_:
                problems, warnings = ([problem(one) for one in found[key]] for key in ("problems", "warnings"))
                print_findings(str(each), text, problems, warnings)
    if json_:
        print_json(reports)
    return 0 if all(report["valid"] for report in reports) else REFUSED


def versions(name: str, *, json_: JsonOption = False) -> None:
    """List the versions of a template, the newest first.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, PATH, "template", name)
        rows = client.pages(f"{PATH}/{found['id']}/versions", size=500)
        print_list(rows, _COLUMNS, as_json=json_, empty="No versions.")


@changing
def move(name: str, folder: str) -> Done:
    """Put a template into another folder.

    Args:
        name: Name or id.
        folder: Such as web/parts; `/` is the top.
    """
    with portal() as client:
        found = resolve(client, PATH, "template", name)
        done = client.patch(f"{PATH}/{found['id']}", {"folder": folder})
    return Done(done, f"{done['name']} is in {done['folder'] or '/'} now.")


def problem(found: dict[str, Any]) -> Problem:
    """A problem as the portal names it."""
    return Problem(found["path"], found["message"], found["hint"], found["line"])
