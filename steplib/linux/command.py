"""Command lines of the job's author."""

from opsconductor.sdk.action import Result, action
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.transport import Host

from .parameters import AbsolutePath, Environment, ExitCodes, Text
from .shell import CommandResult, Interpreter, Parse, ShellText, is_there, look, program, result, standard_input


async def _would_run(
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
    parse: Parse | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    return await look("the command", host, creates, sudo=sudo)


@action("command", effect="once", platforms=("linux", "unix", "macos"), check=_would_run)
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
    parse: Parse | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    """Run a command line in a shell, at most once.

    Its dry run is only known when `creates` is given.

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
    if await is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    output = await host.shell(
        line,
        interpreter=program(interpreter),
        accept=accept or (0,),
        stdin=standard_input(stdin, secret_stdin),
        environment=environment,
        directory=directory,
        sudo=sudo,
        once=True,
    )
    return result(host, output, changes=changes, parse=parse)


@action("command.read", effect="read", platforms=("linux", "unix", "macos"))
async def read(
    host: Host,
    *,
    line: ShellText,
    interpreter: Interpreter = "sh",
    directory: AbsolutePath | None = None,
    environment: Environment | None = None,
    stdin: Text | None = None,
    secret_stdin: Secret | None = None,
    accept: ExitCodes | None = None,
    parse: Parse | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    """Run a command line that only reads: it may run again after a crash, and it runs in a dry run.

    That it changes nothing is the author's word.

    Args:
        host: Where to run it.
        line: The command line. An expression in it arrives as one quoted word.
        interpreter: The shell that reads it.
        directory: Working directory; the login directory when absent.
        environment: Extra environment variables; names that change which code runs are refused.
        stdin: Text for standard input.
        secret_stdin: A credential's text for standard input: in no argument list and no environment.
        accept: Exit codes that are good; only 0 when absent.
        parse: `json` reads standard output as JSON into the output `data`.
        sudo: Run as root by sudo.
    """
    output = await host.shell(
        line,
        interpreter=program(interpreter),
        accept=accept or (0,),
        stdin=standard_input(stdin, secret_stdin),
        environment=environment,
        directory=directory,
        sudo=sudo,
    )
    return result(host, output, changes=False, parse=parse)


@action("command.repeat", effect="idempotent", platforms=("linux", "unix", "macos"), check=_would_run)
async def repeat(
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
    parse: Parse | None = None,
    sudo: bool = False,
) -> Result[CommandResult]:
    """Run a command line that may run again: after a crash it is repeated instead of asking a person.

    That two runs leave what one leaves is the author's word. Its dry run is only known when `creates` is given.

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
    if await is_there(host, creates, sudo=sudo):
        return Result.unchanged(f"{creates} exists", CommandResult())
    output = await host.shell(
        line,
        interpreter=program(interpreter),
        accept=accept or (0,),
        stdin=standard_input(stdin, secret_stdin),
        environment=environment,
        directory=directory,
        sudo=sudo,
    )
    return result(host, output, changes=changes, parse=parse)
