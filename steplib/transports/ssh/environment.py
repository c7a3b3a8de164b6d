"""Environment variables for a command: what is refused, and how they travel."""

import re
from collections.abc import Mapping

from opsconductor.errors import InvalidInputError, Problem

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_REFUSED = re.compile(
    r"LD_.*|DYLD_.*|_RLD.*|LIBPATH|SHLIB_PATH|GCONV_PATH|GLIBC_TUNABLES|LOCPATH|NLSPATH|MALLOC_.*|"  # loaders
    r"HOSTALIASES|RES_OPTIONS|RESOLV_.*|LOCALDOMAIN|GETCONF_DIR|KRB5_.*|"  # name services
    r"PATH|IFS|ENV|BASH_.*|BASHOPTS|SHELLOPTS|CDPATH|GLOBIGNORE|PS4|PROMPT_COMMAND|FPATH|ZDOTDIR|KSH_.*|SHELL|HOME|"
    r"PYTHON.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|NODE_.*|NPM_.*|JAVA_.*|_JAVA_.*|JDK_.*|CLASSPATH|LUA_.*|PHP.*|TCL.*|"
    r"GIT_.*|SUDO_.*|SSH_.*|LESS.*|PAGER|MANPAGER|EDITOR|VISUAL|BROWSER|TERMINFO.*|TERMCAP|OPENSSL_.*|OPSC_.*",
)


def check_environment(environment: Mapping[str, str]) -> None:
    """Refuse variables that change which code runs, and what no variable can be.

    Raises:
        InvalidInputError: With every variable that is refused.
    """
    problems = [
        Problem(f"environment.{name}", message)
        for name, value in environment.items()
        if (message := _problem(name, value))
    ]
    if problems:
        raise InvalidInputError(problems)


def _problem(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        return "is no name of an environment variable"
    if _REFUSED.fullmatch(name.upper()):
        return "is refused: it changes how programs are found or loaded"
    return "holds a NUL character, which no environment variable can" if "\0" in value else ""


def export_line(environment: Mapping[str, str]) -> bytes:
    """One line of POSIX sh that sets the variables; sent by standard input, so that no process list shows it.

    A newline in a value is written as `$_n`, which the script that reads the line defines.
    """
    words = " ".join(f"{name}={_value(value)}" for name, value in environment.items())
    return f"export {words}\n".encode()


def _value(text: str) -> str:
    lines = ("'" + line.replace("'", "'\"'\"'") + "'" for line in text.split("\n"))
    return '"$_n"'.join(lines)
