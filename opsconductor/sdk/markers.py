"""Marks on parameter types that tell the engine how to fill them."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

Shell = Literal["posix", "powershell", "cmd"]


@dataclass(frozen=True, slots=True)
class ReadByShell:
    """The text is read by a shell: `${{ … }}` in it is quoted for that shell."""

    shell: Shell


ShellLine: TypeAlias = Annotated[str, ReadByShell("posix")]
"""A text that a POSIX shell reads: a command line or a script."""

PowerShellLine: TypeAlias = Annotated[str, ReadByShell("powershell")]
"""A text that PowerShell reads."""

CmdLine: TypeAlias = Annotated[str, ReadByShell("cmd")]
"""A text that cmd.exe reads; what cannot be quoted for it safely is refused."""
