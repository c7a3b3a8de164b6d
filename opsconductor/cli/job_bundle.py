"""`opsconductor job export|import`: jobs with their templates, from one installation to another."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .lookup import given, pairs, read_text, resolve
from .output import JsonOption, console, print_json, print_list
from .session import portal

_MANIFEST = "bundle.json"
_COLUMNS = ("kind", "name", "folder", "change", "version")
_KINDS = ("jobs", "templates")

MapOption = Annotated[list[str] | None, Parameter(help="THERE=HERE; can be given again.")]


def export(
    *names: str,
    to: Annotated[Path, Parameter(help="A file that ends in .json, or a new folder of YAML files.")],
    folder: Annotated[str | None, Parameter(help="All jobs of this folder and those below, in place of names.")] = None,
) -> None:
    """Write jobs with their templates into a bundle. It holds no secrets, only the names of credentials.

    Args:
        names: Names or ids.
    """
    if bool(names) == (folder is not None):
        raise InvalidInputError([Problem("", "name jobs, or a folder by --folder")])
    with portal() as client:
        ids = [resolve(client, "/jobs", "job", name)["id"] for name in names]
        bundle = client.post("/job-bundles/export", {"folder": folder} if folder is not None else {"jobs": ids})
    if to.suffix == ".json":
        to.write_text(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        _write_folder(to, bundle)
    console.print(
        f"Wrote {len(bundle['jobs'])} jobs and {len(bundle['templates'])} templates to {to}.", highlight=False
    )
    _print_names("They name", bundle["needs"])


def import_(
    source: Path,
    *,
    into: Annotated[str | None, Parameter(help="Folder to put the bundle's folders into.")] = None,
    group: MapOption = None,
    target: MapOption = None,
    variable: MapOption = None,
    select: MapOption = None,
    credential: MapOption = None,
    param: Annotated[list[str] | None, Parameter(help="NAME=DEFAULT of a parameter here; can be given again.")] = None,
    existing: Annotated[
        Literal["refuse", "update", "skip"], Parameter(help="What becomes of jobs of the same name.")
    ] = "refuse",
    dry_run: Annotated[bool, Parameter(help="Only say what would become of it.")] = False,
    json_: JsonOption = False,
) -> int:
    """Bring exported jobs into this portal: all of them, or none.

    Args:
        source: What `job export` wrote: a file or a folder.
        group: Groups of targets that are called otherwise here.
        target: Targets named in selectors that are called otherwise here.
        variable: Target variables that are called otherwise here.
        select: Whole selectors that are written otherwise here.
        credential: Credentials that are called otherwise here.
    """
    mapping = {
        "groups": _texts(group, "--group"),
        "targets": _texts(target, "--target"),
        "variables": _texts(variable, "--variable"),
        "selectors": _texts(select, "--select"),
        "credentials": _texts(credential, "--credential"),
        "parameters": pairs(param or (), "--param"),
    }
    body = given(bundle=_read(source), mapping=mapping, folder=into, existing=existing, dry_run=dry_run)
    with portal() as client:
        done = client.post("/job-bundles/import", body)
    refused = any(item["change"] == "refused" for item in done["items"])
    if json_:
        print_json(done)
        return 2 if refused else 0
    print_list(done["items"], _COLUMNS, as_json=False, empty="The bundle is empty.")
    for item in done["items"]:
        for found in (*item["problems"], *item["warnings"]):
            console.print(f"{item['name']}: {found['path']}: {found['message']}", highlight=False, soft_wrap=True)
    _print_names("Not here:", done["unresolved"])
    if dry_run:
        console.print("Nothing was kept: this was a dry run.")
    return 2 if refused else 0


def _texts(options: list[str] | None, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in options or ():
        there, equals, here = text.rpartition("=")
        if not equals or not there or not here:
            raise InvalidInputError([Problem(name, f"{text!r} is not THERE=HERE")])
        found[there] = here
    return found


def _print_names(title: str, needs: Mapping[str, list[str]]) -> None:
    for kind, names in needs.items():
        if names:
            console.print(f"{title} {kind}: {', '.join(names)}", highlight=False, soft_wrap=True)


def _write_folder(folder: Path, bundle: dict[str, Any]) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInputError([Problem(str(folder), "is not empty", "name a new folder")])
    manifest = {"format": bundle["format"], "needs": bundle["needs"]}
    for kind in _KINDS:
        (folder / kind).mkdir(parents=True, exist_ok=True)
        manifest[kind] = []
        for index, entry in enumerate(bundle[kind], 1):
            file = f"{kind}/{index:03d}-{_file_name(entry)}.yaml"
            (folder / file).write_text(entry["yaml"], encoding="utf-8")
            facts = {key: value for key, value in entry.items() if key != "yaml"}
            manifest[kind].append({"file": file, **facts})
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / _MANIFEST).write_text(text + "\n", encoding="utf-8")


def _file_name(entry: Mapping[str, Any]) -> str:
    name = entry.get("ref", "").removeprefix("template/") or _name_line(entry["yaml"])
    return re.sub(r"[^A-Za-z0-9@.]+", "-", name).strip("-.")[:60] or "job"


def _name_line(yaml: str) -> str:
    found = re.search(r"^name:(.*)$", yaml, re.MULTILINE)
    return found[1] if found else ""


def _read(source: Path) -> dict[str, Any]:
    if not source.is_dir():
        return _parsed(source)
    manifest = _parsed(source / _MANIFEST)
    for kind in _KINDS:
        for entry in manifest.get(kind, []):
            entry["yaml"] = read_text(_inside(source, str(entry.pop("file", ""))))
    return manifest


def _inside(folder: Path, file: str) -> Path:
    """A file of a bundle; the bundle may come from a stranger."""
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InvalidInputError([Problem(_MANIFEST, f"names a file outside of the bundle: {file!r}")])
    return path


def _parsed(file: Path) -> dict[str, Any]:
    try:
        data = json.loads(read_text(file))
    except ValueError as error:
        raise InvalidInputError([Problem(str(file), f"is not JSON: {error}")]) from None
    if not isinstance(data, dict):
        raise InvalidInputError([Problem(str(file), "is no bundle", "name what `opsconductor job export` wrote")])
    return data  # pyright: ignore[reportUnknownVariableType] (JSON)
