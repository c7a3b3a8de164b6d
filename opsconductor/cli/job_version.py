"""`opsconductor job versions|diff|restore`: what a job was before."""

from typing import Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from .lookup import resolve
from .output import Done, JsonOption, changing, console, print_json, print_list
from .session import portal

_COLUMNS = ("version", "created_by", "created_at", "restored_from")
_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


def versions(name: str, *, json_: JsonOption = False) -> None:
    """List the versions of a job, the newest first.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        rows = client.pages(f"/jobs/{found['id']}/versions", size=500)
        print_list(rows, _COLUMNS, as_json=json_, empty="No versions.")


def diff(
    name: str,
    before: Annotated[int, Parameter(help="Older version.")],
    after: Annotated[int, Parameter(help="Newer version.")],
    *,
    steps: Annotated[bool, Parameter(help="Step by step and key by key, not line by line.")] = False,
    json_: JsonOption = False,
) -> None:
    """Show what changed between two versions.

    Args:
        name: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        changes = client.get(f"/jobs/{found['id']}/diff", before=before, after=after)
    if json_:
        print_json(changes)
    elif steps:
        _print_steps(changes)
    else:
        console.out(changes["diff"] or "They are the same.", highlight=False)


@changing
def restore(name: str, version: int) -> Done:
    """Bring an old version back as a new one.

    Args:
        name: Name or id.
        version: The version to bring back.
    """
    with portal() as client:
        found = resolve(client, "/jobs", "job", name)
        body = {"expected_version": found["version"]}
        done = client.post(f"/jobs/{found['id']}/versions/{version}/restore", body)
    return Done(done, f"{done['name']} is as in version {version} again: version {done['version']}.")


def _print_steps(changes: dict[str, Any]) -> None:
    if not changes["settings"] and not changes["steps"]:
        console.print("They say the same.")
    for key in changes["settings"]:
        _print_key(key, "")
    for step in changes["steps"]:
        sign, style = _SIGNS[step["change"]]
        moved = ", moved" if step["moved"] else ""
        console.print(Text.assemble((f"{sign} {step['id']}", style), f"  {step['lane']}{moved}"), soft_wrap=True)
        for key in step["keys"] if step["change"] == "changed" else ():
            _print_key(key, "    ")


def _print_key(key: dict[str, Any], indent: str) -> None:
    sign, style = _SIGNS[key["change"]]
    values = {"added": f"{key['after']}", "removed": f"{key['before']}", "changed": f"{key['before']} → {key['after']}"}
    console.print(Text.assemble(indent, (f"{sign} {key['key']}", style), f"  {values[key['change']]}"), soft_wrap=True)
