"""What command and script have in common: the shells, the input, and what comes out."""

import json
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, Field, JsonValue

from opsconductor.errors import ActionFailedError, CheckNotSupportedError
from opsconductor.sdk.action import Result, ShellLine
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.transport import CommandOutput, Host

Interpreter = Literal["sh", "bash", "dash"]
Parse = Literal["json"]
ShellText = Annotated[ShellLine, Field(min_length=1, max_length=100_000, pattern=r"^[^\x00]+$")]


class CommandResult(BaseModel):
    """What a command left behind.

    Attributes:
        exit_code: Its exit code; None when it did not run because `creates` was there.
        stdout: Its standard output, capped.
        stderr: Its standard error, capped.
        data: Its standard output read as JSON, when `parse` asks for it.
    """

    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    data: JsonValue = None


def program(interpreter: Interpreter) -> str:
    """The interpreter as a host is asked for it."""
    return "/bin/sh" if interpreter == "sh" else interpreter


def standard_input(stdin: str | None, secret: Secret | None) -> bytes | None:
    """Bytes for standard input, from the text or the credential."""
    if stdin is not None and secret is not None:
        raise ActionFailedError("give `stdin` or `secret_stdin`, not both")
    text = secret.reveal() if secret else stdin
    return None if text is None else text.encode()


async def is_there(host: Host, path: str | None, *, sudo: bool) -> bool:
    """Whether a path exists; no path does not."""
    if path is None:
        return False
    found = await host.run("test", "-e", path, accept=(0, 1), sudo=sudo)
    return found.exit_code == 0


async def look(what: str, host: Host, creates: str | None, *, sudo: bool) -> Result[CommandResult]:
    """The dry run of a line or script: only known when `creates` is given."""
    if creates is None:
        raise CheckNotSupportedError(what)
    if await is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    return Result.changed(f"would run: {creates} does not exist", CommandResult())


def result(host: Host, output: CommandOutput, *, changes: bool, parse: str | None) -> Result[CommandResult]:
    """What a command left, as result of the action."""
    outputs = CommandResult(
        exit_code=output.exit_code,
        stdout=output.stdout,
        stderr=output.stderr,
        data=_json(host, output) if parse == "json" else None,
    )
    return Result(did_change=changes, summary=f"exit code {output.exit_code}", outputs=outputs, command=output)


def _json(host: Host, output: CommandOutput) -> JsonValue:
    if output.truncated:
        raise ActionFailedError(f"{host.name}: the output is too long to be read as JSON; its middle was cut")
    try:
        return json.loads(output.stdout, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ActionFailedError(f"{host.name}: the output is not JSON: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
