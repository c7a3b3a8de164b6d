"""Types of parameters that several actions share."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOADS_CODE = re.compile(
    r"LD_.*|DYLD_.*|BASH_.*|SHELLOPTS|BASHOPTS|ENV|IFS|PATH|PS4|PROMPT_COMMAND|GLOBIGNORE|CDPATH|SHELL|HOME"
    r"|PERL5OPT|PERL5LIB|PERLLIB|PYTHON(PATH|HOME|STARTUP|INSPECT|USERBASE)|RUBYOPT|RUBYLIB|NODE_OPTIONS|NODE_PATH"
    r"|JAVA_TOOL_OPTIONS|GCONV_PATH|LOCPATH|OPSCONDUCTOR_.*"
)


def _harmless(environment: dict[str, str]) -> dict[str, str]:
    for name, value in environment.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"`{name[:80]}` is not a name of an environment variable")
        if _LOADS_CODE.fullmatch(name):
            raise ValueError(f"`{name}` is refused: it changes which code runs; set it inside the script")
        if "\0" in value:
            raise ValueError(f"the value of `{name}` holds a NUL character")
    return environment


Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Text without NUL, which no argument and no line can carry."""

AbsolutePath = Annotated[str, Field(pattern=r"^/[^\x00]*$", max_length=4096)]
"""Absolute path on the target."""

Environment = Annotated[dict[str, str], AfterValidator(_harmless)]
"""Environment variables; names that change which code runs are refused."""

ExitCodes = Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=1)]
"""Exit codes."""

FileMode = Annotated[str, Field(pattern=r"^[0-7]{3,4}$")]
"""Permissions in octal, such as `0644`."""

Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?$")]
"""Name or number of a user or group."""
