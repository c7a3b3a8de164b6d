"""Scripts of the job's author."""

from opsconductor.sdk.action import Result, action
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.transport import Host

from .parameters import AbsolutePath, Environment, ExitCodes, Text
from .shell import CommandResult, Interpreter, Parse, ShellText, is_there, look, program, result, standard_input


async def _would_run(
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
    parse: Parse | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    return await look("the script", host, creates, sudo=sudo)


@action("script", effect="once", platforms=("linux", "unix", "macos"), check=_would_run)
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
    parse: Parse | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    """Run a script of several lines with arguments, at most once.

    Its dry run is only known when `creates` is given.

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
    if await is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    output = await host.run(
        program(interpreter),
        "-c",
        text,
        "script",
        *(arguments or ()),
        accept=accept or (0,),
        stdin=standard_input(stdin, secret_stdin),
        environment=environment,
        directory=directory,
        sudo=sudo,
        once=True,
    )
    return result(host, output, changes=changes, parse=parse)
