"""Small POSIX scripts of this library, with their arguments as arguments."""

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.transport import CommandOutput, Host

REFUSED = 64
"""Exit code by which a script says no; its standard error says why."""

C_LOCALE = {"LC_ALL": "C"}
"""For output that is parsed."""


async def sh(
    host: Host, name: str, script: str, *arguments: str, stdin: bytes | None = None, sudo: bool = False
) -> CommandOutput:
    """Run a script.

    Args:
        host: Where.
        name: Its `$0`, which the shell puts before its own messages.
        script: POSIX shell text that never changes: values reach it as `$1`, `$2` …
        arguments: The values.
        stdin: Bytes for standard input.
        sudo: Run as root.

    Raises:
        ActionFailedError: The script said no, or wrote more than can be kept.
        CommandFailedError: It failed.
    """
    output = await host.run(
        "/bin/sh",
        "-c",
        script,
        name,
        *arguments,
        accept=(0, REFUSED),
        stdin=stdin,
        environment=C_LOCALE,
        sudo=sudo,
    )
    if output.exit_code == REFUSED:
        raise ActionFailedError(f"{host.name}: {output.stderr.strip() or f'{name} refused'}")
    if output.truncated:
        raise ActionFailedError(f"{host.name}: {name} wrote more output than is kept; ask for less")
    return output


def pairs(text: str) -> dict[str, str]:
    """Lines `key=value` as a mapping."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
