"""Types of parameters that several actions share."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOADS_CODE = re.compile(
    r"LD_.*|DYLD_.*|_RLD.*|LIBPATH|SHLIB_PATH|GCONV_PATH|GLIBC_TUNABLES|LOCPATH|NLSPATH|MALLOC_.*|"  # loaders
    r"HOSTALIASES|RES_OPTIONS|RESOLV_.*|LOCALDOMAIN|GETCONF_DIR|KRB5_.*|"  # name services
    r"PATH|IFS|ENV|BASH_.*|BASHOPTS|SHELLOPTS|CDPATH|GLOBIGNORE|PS4|PROMPT_COMMAND|FPATH|ZDOTDIR|KSH_.*|SHELL|HOME|"
    r"PYTHON.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|NODE_.*|NPM_.*|JAVA_.*|_JAVA_.*|JDK_.*|CLASSPATH|LUA_.*|PHP.*|TCL.*|"
    r"GIT_.*|SUDO_.*|SSH_.*|LESS.*|PAGER|MANPAGER|EDITOR|VISUAL|BROWSER|TERMINFO.*|TERMCAP|OPENSSL_.*|OPSC.*",
    re.IGNORECASE,
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
