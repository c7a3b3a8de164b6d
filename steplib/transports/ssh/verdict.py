"""The POSIX sh texts that find out what became of a command and that end it, and what they answer.

A command is found by its token: in the environment or the command line of a process, or because such a process leads
the session. A child that clears its environment and makes a session of its own escapes. The wrapper is the process
that the marker names, if that has the token in its command line: a process that only got its number has not.
"""

import re
from typing import Literal

from opsconductor.sdk.transport import Verdict

from .marker import MAKE_MARKER, SAY_READY, join_lines

_ANSWER = re.compile(r"^opsc ([A-Z]+) ?(.*?) ?boot=(\S+) up=(\S+)$", re.MULTILINE)

# The token comes by standard input: the command line of a probe or stop must not look like the command's.
# $1 home folder when HOME is another user's, $2 tenths of a second between TERM and KILL, $3 word for
# "nothing of it is left and nothing can start", $4 `mark` to claim only.
_HEAD = join_lines(f"""
IFS= read -r _k
_d=${{1:-${{HOME:-.}}}}/.opsconductor/ops/$_k
_B=-
read -r _B 2>/dev/null </proc/sys/kernel/random/boot_id
_U=-
read -r _U _z 2>/dev/null </proc/uptime
_p=0
_u=-
_o(){{ echo "opsc $* boot=$_B up=$_U";exit 0;}}
_void(){{
set -C
{MAKE_MARKER}
_v=$?
set +C
[ $_v = 0 ]&&{{ echo "void .">>"$_d";_g=void;_z=.;}} 2>/dev/null
return $_v
}}
""")

# Reads the marker; an exit code in it is the answer. A half-written marker gets a second to become whole.
_LOAD = join_lines("""
_ld(){
_g=;_z=;_a=;_y=
{ read -r _g _b _p _u _z;read -r _a _r _y;} 2>/dev/null <"$_d"
[ "$_a$_y" = rc. ]&&_o DONE "$_r"
[ "$_g" = void ]&&_z=.
[ "$_z" = . ]&&[ "$_g" = run ]||_p=0
}
_load(){ _ld;[ "$_z" = . ]||{ sleep 1;_ld;};}
""")

# _lead: the wrapper lives. _scan: puts all other processes of the command into _l. A session counts only if a
# process with the token leads it; sessions 0 and 1 (no leader in sight, init) never do.
_SCAN = join_lines("""
_lead(){ [ "$_p" != 0 ]&&echo "$_k"|grep -szFqf - /proc/$_p/cmdline;}
_look(){
set -- ${_s##*") "}
[ "$1" = Z ]&&return
[ "$4" -gt 1 ]&&case "$_f $_P " in *" $4 "*) _l="$_l $_c";return;;esac
case "$_f " in *" $_c "*) _l="$_l $_c";;esac
}
_mine(){ [ "$_c" = "$_p" ]||[ "$_c" = $$ ]||[ "$_c" = 1 ];}
_scan(){
_P=none
_lead&&_P=$_p
_f=
_l=
for _c in $(echo "$_k"|grep -lszFf - /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null);do
_c=${_c#/proc/}
_c=${_c%/*}
_mine||_f="$_f $_c"
done
for _c in /proc/[0-9]*;do
_c=${_c#/proc/}
_mine||{ _s=;{ read -r _s </proc/$_c/stat;} 2>/dev/null&&_look;}
done
[ -n "$_l" ]
}
""")

# Who did not start is kept from it for good: the probe takes the claim itself.
_FIND_OUT = join_lines("""
_void&&_o NEVER
[ -e "$_d" ]||_o NOMARK
_load
[ "$_g" = void ]&&_o NEVER
[ "$_z" = . ]||_o LOST torn
[ "$_b" = "$_B" ]||_o LOST reboot
[ -r /proc/$$/stat ]||_o NOPROC
_lead&&_o RUNNING "$_p"
_ld
_scan&&{ _ld;_o ORPHAN $_l;}
_ld
_o LOST died
""")

# The wrapper traps TERM, is spared by KILL and records 143 or 137 itself. The last look is a patient one: a command
# that was queued behind the others has the token too, until it finds the marker and ends.
_END = join_lines("""
_e=$3
_void||if [ -e "$_d" ];then
_load
else _g=void;_z=.;[ "$3" = NEVER ]&&_e=NOMARK
fi
[ "$_u" = sudo ]||[ "$4" = mark ]&&[ "$(id -u)" != 0 ]&&_o SUDO
[ "$_g" = void ]||[ "$_z" != . ]||[ "$_b" = "$_B" ]||_o LOST reboot
[ -r /proc/$$/stat ]||_o NOPROC
_wait(){ sleep 0.1 2>/dev/null||sleep 1;}
_n=$2
_scan&&kill -s TERM $_l 2>/dev/null
while [ $_n -gt 0 ]&&_scan;do _wait;_n=$((_n-1));done
_n=20
while [ $_n -gt 0 ]&&_scan;do kill -s KILL $_l 2>/dev/null;_wait;_n=$((_n-1));done
_n=10
while [ $_n -gt 0 ]&&_lead;do _wait;_n=$((_n-1));done
_lead&&kill -s KILL "$_p" 2>/dev/null&&_wait
_n=10
while [ $_n -gt 0 ]&&_scan;do _wait;_n=$((_n-1));done
[ $_n = 0 ]&&_o STUCK $_l
_lead&&_o STUCK "$_p"
[ "$_g" = void ]&&_o "$_e"
_ld
[ "$_z" = . ]||_o LOST torn
_o LOST killed
""")

PROBE = ";".join((_HEAD, _LOAD, _SCAN, _FIND_OUT))
STOP = ";".join((_HEAD, _LOAD, _SCAN, _END))

# $1 nonce, $2 script, $3 prompt, then the script's parameters after the home folder.
SUDO_CONTROL = join_lines("""
_i=$1
_c=$2
_p=$3
shift 3
exec sudo -S -p "$_p" -- /bin/sh -c "$_c" opsc "$_i" "${HOME:-.}" "$@"
""")
CONTROL_READY = f"_i=$1;shift;{SAY_READY}"

# $1 unused, $2 days after which markers of ended commands go, $3 days for all others.
CLEAN = join_lines("""
cd "${HOME:-.}/.opsconductor/ops" 2>/dev/null||exit 0
_e(){
for _f do
_g=;_a=
{ read -r _g _x;read -r _a _x;} <"$_f"
case $_a$_g in rc*|void) rm -f "$_f";;esac
done
}
_e $(find . ! -name . -prune -type f -mtime "+$2")
find . ! -name . -prune -type f -mtime "+$3" -exec rm -f {} +
""")

_Kind = Literal["never", "done", "running", "orphan", "lost", "stuck", "no_marker"]

_KINDS: dict[str, _Kind] = {
    "NEVER": "never",
    "DONE": "done",
    "STOPPED": "done",
    "RUNNING": "running",
    "ORPHAN": "orphan",
    "LOST": "lost",
    "STUCK": "stuck",
}
_DETAILS = {
    "NEVER": "did not start, and never can",
    "DONE": "ended with exit code",
    "STOPPED": "nothing of it is left",
    "RUNNING": "runs as process",
    "ORPHAN": "its wrapper is gone; these processes live:",
    "LOST": "started, and left no exit code:",
    "STUCK": "would not die:",
    "NOMARK": "the marker folder in the login's home cannot be used",
    "NOPROC": "the host has no /proc to look into",
    "SUDO": "runs as root, and sudo was not to be had",
}


def needs_root(stdout: str) -> bool:
    """Whether a stop answered that only root can do it."""
    return any(word == "SUDO" for word, *_ in _ANSWER.findall(stdout))


def read_verdict(stdout: str) -> Verdict:
    """What a probe or stop answered. The login's own noise around it is skipped."""
    answers = _ANSWER.findall(stdout)
    if not answers:
        return Verdict("no_marker", detail=f"the host's answer is not understood: {stdout.strip()[:200]!r}")
    word, arguments, boot, uptime = answers[-1]
    said = " ".join(filter(None, (_DETAILS.get(word, word.lower()), arguments)))
    exit_code = int(arguments) if word == "DONE" and arguments.isdigit() else None
    return Verdict(_KINDS.get(word, "no_marker"), exit_code, f"{said}; host up {uptime} s, boot {boot}")
