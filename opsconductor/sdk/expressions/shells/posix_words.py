"""Commands that read an argument as code: quoting for this shell would not protect that second reading."""

import re
from collections.abc import Sequence
from itertools import pairwise

from .posix_frames import UNQUOTED

_PREFIXES = frozenset(
    {"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "coproc", "function", "command", "builtin"}
)
_WRAPPERS = frozenset(
    {
        "sudo",
        "doas",
        "env",
        "nohup",
        "exec",
        "command",
        "nice",
        "ionice",
        "timeout",
        "time",
        "xargs",
        "setsid",
        "stdbuf",
    }
    | {"chroot", "nsenter", "unshare", "flock", "strace", "busybox", "parallel", "systemd-run"}
    | {"-exec", "-execdir", "-ok", "-okdir"}
)
_CODE_BUILTINS = frozenset(
    {"eval", "let", "trap", "declare", "typeset", "alias", "unset", "read", "source", ".", "mapfile", "readarray"}
)
_CODE_PROGRAMS = frozenset({"ssh", "watch", "parallel"})
_SHELLS = frozenset(
    {"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "csh", "tcsh", "su", "runuser", "script"}
)
_INTERPRETERS = re.compile(r"(?:python|perl|ruby|node|nodejs|php|lua|tclsh|osascript|psql|mysql|sqlite3)[\d.]*")
_PROGRAM_FIRST = frozenset({"awk", "gawk", "mawk", "nawk", "sed"})
_ASSIGNING = frozenset({"export", "readonly", "local"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=")
_EXPANSION = re.compile(rf"{UNQUOTED}|\$[*@]")
_SUBSCRIPT = re.compile(r"(?:[A-Za-z_]\w*)?\[[^\]]*")
_SCRIPT_OPTION = re.compile(r"-[A-Za-z]*c[A-Za-z]*|--command")
_CODE_OPTION = re.compile(r"-[A-Za-z]*[ceErRp]|--(?:eval|print|run|command|execute)")


def rereads(words: Sequence[str], word: str | None) -> str:
    """Why a value must not stand in the current word, or nothing.

    Args:
        words: The words of the simple command before it, without quotes.
        word: What stands before the value in its own word; None when nothing does.
    """
    if word and _SUBSCRIPT.fullmatch(word):
        return "bash runs code in array subscripts"
    start = _command_at(words)
    for at in range(min(start + 1, len(words))):  # words before the command may turn out to be the command
        problem = _builtin(_name(words[at]), words[at + 1 :], word)
        if problem:
            return problem
    return _programs(words, start, word)


def reads_input(words: Sequence[str]) -> str:
    """The program that takes its standard input for code, if a simple command runs one; else nothing.

    Args:
        words: All words of the simple command, without quotes.
    """
    wrapped = False
    start = _command_at(words)
    for at in range(start, len(words)):
        name, arguments = _name(words[at]), words[at + 1 :]
        operands = [argument for argument in arguments if not argument.startswith(("-", "+"))]
        if (at == start or wrapped) and _takes_code_from_input(name, arguments, operands):
            return name
        wrapped = wrapped or name in _WRAPPERS
    return ""


def _takes_code_from_input(name: str, arguments: Sequence[str], operands: Sequence[str]) -> bool:
    if any(_CODE_OPTION.fullmatch(argument) for argument in arguments):
        return False
    if name in {"su", "runuser", "ssh"}:
        return len(operands) <= 1
    if name in _SHELLS or name.startswith("$"):
        return not operands or any(re.fullmatch(r"-[A-Za-z]*s[A-Za-z]*", argument) for argument in arguments)
    return _INTERPRETERS.fullmatch(name) is not None and not operands


def _command_at(words: Sequence[str]) -> int:
    at = 0
    while at < len(words) and _precedes_command(words[at]):
        at += 2 if words[at] == "function" else 1
    return at


def _precedes_command(word: str) -> bool:
    return word in _PREFIXES or word.startswith(("-", UNQUOTED)) or bool(_ASSIGNMENT.match(word))


def _name(word: str) -> str:
    return _EXPANSION.sub("", word).rpartition("/")[2]


def _may_vanish(word: str) -> bool:
    return word.startswith(UNQUOTED)


def _builtin(name: str, arguments: Sequence[str], word: str | None) -> str:
    if name in _CODE_BUILTINS:
        return f"`{name}` reads its arguments as code"
    if name in _ASSIGNING and "=" not in (word or ""):
        return f"`{name}` needs a name here; write the value after `=`"
    if name in {"test", "[", "printf", "wait"} and arguments and arguments[-1] in {"-v", "-p"}:
        return f"`{name} {arguments[-1]}` takes the name of a variable, and bash runs code in its subscript"
    return ""


def _programs(words: Sequence[str], start: int, word: str | None) -> str:
    wrapped = False
    for at in range(len(words)):
        name = _name(words[at])
        leads = at == start or wrapped
        if _runs_option(name, words[at + 1 :], word) or (leads and _reads_code(name, words[at + 1 :])):
            return f"`{name}` reads this argument as code; hand the value over as an argument of its own, or in a file"
        wrapped = wrapped or name in _WRAPPERS
    return ""


def _runs_option(name: str, arguments: Sequence[str], word: str | None) -> bool:
    """Whether an option such as `-c` makes the word code; looked for anywhere: many programs start others."""
    if name in _SHELLS or name.startswith("$"):
        return _is_script(arguments, word)
    if not _INTERPRETERS.fullmatch(name):
        return False
    return (word or "").startswith("-") or (bool(arguments) and bool(_CODE_OPTION.fullmatch(arguments[-1])))


def _reads_code(name: str, arguments: Sequence[str]) -> bool:
    return name in _CODE_PROGRAMS or (name in _PROGRAM_FIRST and _is_program(arguments))


def _is_script(arguments: Sequence[str], word: str | None) -> bool:
    """Whether the word is what `sh -c` runs: the first operand after the option. The rest are `$0`, `$1`, …."""
    if _SCRIPT_OPTION.match(word or ""):
        return True
    options = [at for at, argument in enumerate(arguments) if _SCRIPT_OPTION.fullmatch(argument)]
    if not options:
        return False
    following = [argument for argument in arguments[options[-1] + 1 :] if not _may_vanish(argument)]
    while following and following[0].startswith(("-", "+")):
        option = following.pop(0)
        if re.fullmatch(r"[-+][A-Za-z]*[oO]|--\w.*", option) and following:
            following.pop(0)
    return not following


def _is_program(arguments: Sequence[str]) -> bool:
    if arguments and arguments[-1] in {"-v", "-F", "-f", "--file", "--assign", "--field-separator"}:
        return False
    if arguments and arguments[-1] in {"-e", "--expression"}:
        return True
    pairs = pairwise(["", *arguments])
    return all(argument.startswith("-") or before in {"-v", "-F"} for before, argument in pairs)
