"""`opsconductor job validate|show|schema`: job documents in files, without any server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .output import JsonOption, print_json

if TYPE_CHECKING:
    from flows.compiler import Check

REFUSED = 2
"""Exit code when a document is refused, as for every other refusal of the command line."""


def validate(
    *files: Annotated[Path, Parameter(help="YAML or JSON files; `-` reads standard input.")],
    as_json: JsonOption = False,
) -> int:
    """Check job documents: every problem with its place, line and hint. No server is asked."""
    if not files:
        raise InvalidInputError([Problem("", "name at least one file", "`-` reads standard input")])
    checks = [(file, *_check(file)) for file in files]
    if as_json:
        print_json([_report(file, found) for file, _, found in checks])
    else:
        from .job_view import print_check

        for file, text, found in checks:
            print_check(str(file), text, found)
    return 0 if all(found.plan for _, _, found in checks) else REFUSED


def show(
    file: Annotated[Path, Parameter(help="YAML or JSON file; `-` reads standard input.")],
    /,
    *,
    as_json: JsonOption = False,
) -> int:
    """Show what a job document compiles to: its parameters, targets and graph."""
    from opsconductor.sdk.job import parse_yaml

    from .job_view import print_check, print_job

    text, found = _check(file)
    if found.plan is None:
        print_check(str(file), text, found)
        return REFUSED
    if as_json:
        print_json(found.plan.model_dump(mode="json"))
    else:
        print_job(parse_yaml(text), found.plan, found.warnings)
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
