"""`opsconductor job validate|show|schema`: job documents in files, without any server unless it is asked for."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, NotAuthenticatedError, NotFoundError, Problem

from .dash import FileOrDash, TargetOrDash
from .output import JsonOption, print_json

if TYPE_CHECKING:
    from flows.compiler import Check

REFUSED = 2
"""Exit code when a document is refused, as for every other refusal of the command line."""


def validate(
    file: Annotated[FileOrDash, Parameter(help="YAML or JSON file; `-` reads standard input.")],
    *more: Annotated[Path, Parameter(help="More files.")],
    server: Annotated[
        bool, Parameter(help="Ask the portal: also for its templates, credentials, groups and libraries.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Check job documents: every problem with its place, line and hint. Without --server nobody is asked."""
    files = (file, *more)
    if server:
        return _validate_there(files, as_json=as_json)
    checks = [(each, *_check(each)) for each in files]
    if as_json:
        print_json([_report(each, found) for each, _, found in checks])
    else:
        from .job_view import print_check

        for each, text, found in checks:
            print_check(str(each), text, found)
    return 0 if all(found.plan for _, _, found in checks) else REFUSED


def show(
    job: Annotated[
        TargetOrDash, Parameter(help="YAML or JSON file, `-` for standard input; or name or id of a published job.")
    ],
    /,
    *,
    as_json: JsonOption = False,
) -> int:
    """Show a job: of a file what it compiles to, of a published one what the portal knows about it."""
    if job != "-" and not Path(job).exists():
        return _show_published(job, as_json=as_json)
    from opsconductor.sdk.job import parse_yaml

    from .job_view import print_check, print_job

    file = Path(job)
    text, found = _check(file)
    if found.plan is None:
        print_check(str(file), text, found)
        return REFUSED
    if as_json:
        print_json(found.plan.model_dump(mode="json"))
    else:
        print_job(parse_yaml(text), found.plan, found.warnings)
    return 0


def _show_published(name: str, *, as_json: bool) -> int:
    from .lookup import resolve
    from .output import print_record
    from .session import portal

    try:
        with portal() as client:
            job = client.get(f"/jobs/{resolve(client, '/jobs', 'job', name)['id']}")
    except (NotFoundError, NotAuthenticatedError) as error:
        hint = f"there is no such file either: {error}"
        raise InvalidInputError([Problem(name, "is neither a file nor a published job", hint)]) from None
    if as_json:
        print_json(job)
        return 0
    run: dict[str, Any] = job["last_run"] or {}
    templates = [use["ref"] + (f" (newer: {use['newer_version']})" if use["newer_version"] else "")
                 for use in job["templates"] if use["direct"]]  # fmt: skip
    shown = {key: job[key] for key in ("name", "id", "description", "folder", "tags", "version", "active")}
    shown |= {"templates": templates, "last_run": run.get("outcome") or run.get("status")}
    shown |= {key: job[key] for key in ("created_at", "updated_at", "deployed_version", "deployment_error")}
    print_record(shown)
    return 0


def schema() -> None:
    """Print the JSON Schema of job documents, for editors that complete and check YAML."""
    from opsconductor.sdk.job import json_schema

    print_json(json_schema())


def _check(file: Path) -> "tuple[str, Check]":
    from flows.compiler import Check, check_reading
    from opsconductor.sdk.job import try_yaml
    from steplib.loader import load

    try:
        text = _read(file)
    except InvalidInputError as error:  # one bad file leaves the others their turn
        return "", Check(None, error.problems, ())
    return text, check_reading(try_yaml(text), load())


def _validate_there(files: Iterable[Path], *, as_json: bool) -> int:
    from .job_view import print_findings
    from .session import portal

    reports: list[dict[str, Any]] = []
    with portal() as client:
        for file in files:
            text = _read(file)
            found = client.post("/jobs/validate", {"yaml": text})
            reports.append({"file": str(file), **{key: found[key] for key in ("valid", "problems", "warnings")}})
            if not as_json:
                problems, warnings = (
                    [Problem(item["path"], item["message"], item["hint"], item["line"]) for item in found[key]]
                    for key in ("problems", "warnings")
                )
                print_findings(str(file), text, problems, warnings)
    if as_json:
        print_json(reports)
    return 0 if all(report["valid"] for report in reports) else REFUSED


def _read(file: Path) -> str:
    from opsconductor.sdk.job import MAX_BYTES

    try:
        with sys.stdin.buffer if str(file) == "-" else file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInputError([Problem("", f"cannot be read: {error.strerror}")]) from None
    try:
        # One byte more than is allowed may cut a character in two; the reader says that it is too long.
        return raw.decode("utf-8-sig", "strict" if len(raw) <= MAX_BYTES else "replace")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidInputError([Problem("", "is not UTF-8 text", "save it as UTF-8", line)]) from None


def _report(file: Path, found: "Check") -> dict[str, Any]:
    return {
        "file": str(file),
        "valid": found.plan is not None,
        "problems": [_entry(problem) for problem in found.problems],
        "warnings": [_entry(problem) for problem in found.warnings],
    }


def _entry(problem: Problem) -> dict[str, Any]:
    return {"path": problem.path, "line": problem.line, "message": problem.message, "hint": problem.hint}
