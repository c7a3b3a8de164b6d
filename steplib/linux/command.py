"""Command lines and scripts of the job's author."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from opsconductor.errors import ActionFailedError, CheckNotSupportedError
from opsconductor.sdk.action import Result, ShellLine, action
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.transport import CommandOutput, Host

from .parameters import AbsolutePath, Environment, ExitCodes, Text

Interpreter = Literal["sh", "bash", "dash"]
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


async def _check_command(
    host: Host,
    *,
    line: ShellText,
    interpreter: Interpreter = "sh",
    directory: AbsolutePath | None = None,
    environment: Environment | None = None,
    stdin: Text | None = None,
    secret_stdin: Secret | None = None,
    accept: ExitCodes | None = None,
    creates: AbsolutePath | None = None,
    changes: bool = True,
    parse: Literal["json"] | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    return await _look(command.ref, host, creates, sudo=sudo)


@action("command", effect="once", platforms=("linux", "unix", "macos"), check=_check_command)
async def command(
    host: Host,
    *,
    line: ShellText,
    interpreter: Interpreter = "sh",
    directory: AbsolutePath | None = None,
    environment: Environment | None = None,
    stdin: Text | None = None,
    secret_stdin: Secret | None = None,
    accept: ExitCodes | None = None,
    creates: AbsolutePath | None = None,
    changes: bool = True,
    parse: Literal["json"] | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    """Run a command line in a shell, at most once.

    Its dry run is only known when `creates` is given and there.

    Args:
        host: Where to run it.
        line: The command line. An expression in it arrives as one quoted word.
        interpreter: The shell that reads it.
        directory: Working directory; the login directory when absent.
        environment: Extra environment variables; names that change which code runs are refused.
        stdin: Text for standard input.
        secret_stdin: A credential's text for standard input: in no argument list and no environment.
        accept: Exit codes that are good; only 0 when absent.
        creates: A path; when it exists, the command does not run.
        changes: Whether the command changes the target; false lets a good end count as `ok`.
        parse: `json` reads standard output as JSON into the output `data`.
        sudo: Run as root by sudo.
    """
    if await _is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    output = await host.shell(
        line,
        interpreter=_program(interpreter),
        accept=accept or (0,),
        stdin=_input(stdin, secret_stdin),
        environment=environment,
        directory=directory,
        sudo=sudo,
        once=True,
    )
    return _result(host, output, changes=changes, parse=parse)


async def _check_script(
    host: Host,
    *,
    text: ShellText,
    arguments: list[Text] | None = None,
    interpreter: Interpreter = "sh",
    directory: AbsolutePath | None = None,
    environment: Environment | None = None,
    stdin: Text | None = None,
    secret_stdin: Secret | None = None,
    accept: ExitCodes | None = None,
    creates: AbsolutePath | None = None,
    changes: bool = True,
    parse: Literal["json"] | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    return await _look(script.ref, host, creates, sudo=sudo)


@action("script", effect="once", platforms=("linux", "unix", "macos"), check=_check_script)
async def script(
    host: Host,
    *,
    text: ShellText,
    arguments: list[Text] | None = None,
    interpreter: Interpreter = "sh",
    directory: AbsolutePath | None = None,
    environment: Environment | None = None,
    stdin: Text | None = None,
    secret_stdin: Secret | None = None,
    accept: ExitCodes | None = None,
    creates: AbsolutePath | None = None,
    changes: bool = True,
    parse: Literal["json"] | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    """Run a script of several lines with arguments, at most once.

    Its dry run is only known when `creates` is given and there.

    Args:
        host: Where to run it.
        text: The script. An expression in it arrives as one quoted word; arguments are the better way.
        arguments: Its arguments, `$1` and on; each reaches it as it is, whatever it holds.
        interpreter: The shell that reads it.
        directory: Working directory; the login directory when absent.
        environment: Extra environment variables; names that change which code runs are refused.
        stdin: Text for standard input.
        secret_stdin: A credential's text for standard input: in no argument list and no environment.
        accept: Exit codes that are good; only 0 when absent.
        creates: A path; when it exists, the script does not run.
        changes: Whether the script changes the target; false lets a good end count as `ok`.
        parse: `json` reads standard output as JSON into the output `data`.
        sudo: Run as root by sudo.
    """
    if await _is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    output = await host.run(
        _program(interpreter),
        "-c",
        text,
        "script",
        *(arguments or ()),
        accept=accept or (0,),
        stdin=_input(stdin, secret_stdin),
        environment=environment,
        directory=directory,
        sudo=sudo,
        once=True,
    )
    return _result(host, output, changes=changes, parse=parse)


def _program(interpreter: Interpreter) -> str:
    return "/bin/sh" if interpreter == "sh" else interpreter


def _input(stdin: str | None, secret: Secret | None) -> bytes | None:
    if stdin is not None and secret is not None:
        raise ActionFailedError("give `stdin` or `secret_stdin`, not both")
    text = secret.reveal() if secret else stdin
    return None if text is None else text.encode()


async def _is_there(host: Host, path: str | None, *, sudo: bool) -> bool:
    if path is None:
        return False
    found = await host.run("test", "-e", path, accept=(0, 1), sudo=sudo)
    return found.exit_code == 0


async def _look(ref: str, host: Host, creates: str | None, *, sudo: bool) -> Result[CommandResult]:
    if creates is None:
        raise CheckNotSupportedError(ref)
    if await _is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    return Result.changed(f"would run: {creates} does not exist", CommandResult())


def _result(host: Host, output: CommandOutput, *, changes: bool, parse: str | None) -> Result[CommandResult]:
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
        return json.loads(output.stdout)
    except ValueError as error:
        raise ActionFailedError(f"{host.name}: the output is not JSON: {error}") from error
