"""The POSIX sh texts that start a command on a host.

A command of effect `once` runs under a wrapper that first claims the marker file `~/.opsconductor/ops/<token>`:

    run <boot id> <pid> <sudo|-> .    before the command starts
    rc <n> .                          when it has ended; the dot proves that the whole line arrived
    void .                            claimed by a probe or a stop: nothing starts any more

The shell itself makes the file with O_EXCL (`set -C`), so of any number of starts and probes of one token exactly
one wins. Every command has its token in `OPSC_OP` in its environment, where a stop finds it (see `verdict`).

The texts are one line without single quote, backslash and `!`, so that plain quoting carries them through every
login shell. Names begin with `_`: a variable that the login exported must reach the command unchanged.
"""

import re
from functools import cache

REFUSED = 254
"""Exit code of the wrapper itself; its stderr is then exactly `opsc <REASON> <token>`."""

_REFUSAL = re.compile(r"opsc ([A-Z]+) ([0-9a-f]{32})\n")


def join_lines(text: str) -> str:
    """Shell lines as one line."""
    joined = ";".join(line.strip() for line in text.strip().splitlines())
    for opening in ("{", "do", "then", "&&", "||"):
        joined = joined.replace(f"{opening};", f"{opening} ")
    return joined


_MARKER = "_d=${HOME:-.}/.opsconductor/ops/$1"
# Not `:`, a special builtin: POSIX ends the shell when its redirection fails.
MAKE_MARKER = '{ true >"$_d"||{ [ ! -e "$_d" ]&&(umask 077;mkdir -p "${_d%/*}")&&true >"$_d";};} 2>/dev/null'
_REFUSE = '_x(){ echo "opsc $1 $_t">&2;exit 254;}'

# A command that may run again: only a stop that came first keeps it from starting.
_GATE = join_lines(f"""
_t=$1
{_MARKER}
{_REFUSE}
[ ! -e "$_d" ]||_x STOPPED
shift
""")

# Says who we are, then claims. A marker that cannot be written is taken away again: nothing ran.
_CLAIM = join_lines(f"""
_t=$1
_u=$2
_y=$3
{_MARKER}
{_REFUSE}
_b=-
read -r _b 2>/dev/null </proc/sys/kernel/random/boot_id
set -C
{MAKE_MARKER}||{{ [ -e "$_d" ]&&_x DUP;_x NOMARK;}}
set +C
echo "run $_b $$ $_u ." 2>/dev/null >>"$_d"||{{ rm -f "$_d";_x NOMARK;}}
[ "$_y" = - ]||sync "$_d" "${{_d%/*}}" 2>/dev/null||{{ rm -f "$_d";_x NOSYNC;}}
shift 3
""")

_RECORD_HEAD = "trap : HUP INT QUIT TERM;{ ("
_RECORD_TAIL = ') 2>&3 3>&-;_r=$?;echo "rc $_r .">>"$_d";} 3>&2 2>/dev/null;exit $_r'

# $1 prompt, $2 script for the shell that sudo starts, then that script's parameters.
_SUDO = join_lines("""
_p=$1
_i=$2
shift 2
OPSC_OP=$_t
export OPSC_OP
exec sudo -S -p "$_p" -- /bin/sh -c "$_i" opsc "$_t" "$_d" "$@"
""")
SAY_READY = 'echo "opsc READY $_i">&2'
_UNDER_SUDO = join_lines(f"""
_t=$1
_d=$2
_i=$3
{_REFUSE}
shift 3
{SAY_READY}
""")

_ENVIRONMENT = '_n="\n";IFS= read -r _e||_x NOSTDIN;eval "$_e"'
_SPOOL = join_lines("""
(umask 077;cat >"$_d.in") 2>/dev/null
[ "$(wc -c <"$_d.in")" -eq "$1" ] 2>/dev/null||{ rm -f "$_d.in";_x NOSTDIN;}
exec <"$_d.in"
rm -f "$_d.in"
shift
""")
_DIRECTORY = 'cd -- "$1" 2>/dev/null||_x NODIR;shift'
_EXPORT = "OPSC_OP=$_t;export OPSC_OP"
_START = f'{_EXPORT};exec "$@"'
_READ = f"{_EXPORT};unset -f _x;unset _t _d _n _e"


@cache
def start_script(
    *, environment: bool, spool: bool, directory: bool, sudo: bool = False, is_script: bool = False
) -> str:
    """What becomes the command; with `is_script` what comes before its text, in one shell with it.

    Parameters: under sudo first token, marker and nonce; then the size of standard input if it is spooled, the
    directory if there is one, and the command. The environment is the first line of standard input.
    """
    parts = [_UNDER_SUDO] if sudo else []
    parts += [_ENVIRONMENT] * environment + [_SPOOL] * spool + [_DIRECTORY] * directory
    return ";".join([*parts, _READ if is_script else _START])


@cache
def gate(start: str) -> str:
    """A command that may run again. Parameters: token, then those of `start`."""
    return f"{_GATE};{start}"


@cache
def wrapper(start: str) -> str:
    """A command that starts once only. Parameters: token, `sudo` or `-`, `sync` or `-`, then those of `start`."""
    return f"{_CLAIM};{_RECORD_HEAD}{start}{_RECORD_TAIL}"


SUDO_START = _SUDO
"""The start that asks for a password first. Parameters: prompt, a start script for sudo, nonce, then its own."""


def read_refusal(stderr: str, token: str) -> str:
    """The reason why the wrapper did not start the command; empty when stderr is the command's own."""
    match = _REFUSAL.fullmatch(stderr)
    return match[1] if match and match[2] == token else ""
