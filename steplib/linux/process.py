"""Processes."""

from typing import Annotated

from pydantic import BaseModel, Field

from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .parameters import Text
from .posix import sh

# Reads /proc, as hosts without ps(1) are common. Fields of /proc/PID/stat: proc_pid_stat(5); its second one, the
# name in parentheses, may itself hold blanks and parentheses.
_LIST = r"""
set -f
echo "$(getconf CLK_TCK) $(getconf PAGESIZE) $(cat /proc/uptime)"
set +f
for directory in /proc/[0-9]*; do
  stat='' name=''
  { read -r stat < "$directory/stat"; } 2>/dev/null || continue
  name=${stat#*(}; name=${name%)*}
  case $name in *"$1"*) ;; *) continue ;; esac
  owner=$(stat -c %U "$directory" 2>/dev/null) || continue
  set -f; set -- "$1" ${stat##*)}; set +f
  line=$(tr '\0\t\n' '   ' 2>/dev/null < "$directory/cmdline" | cut -c1-300)
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
    "${directory#/proc/}" "$3" "$2" "$owner" "$(( ${13} + ${14} ))" "${21}" "${23}" "$name" "$line"
done
"""

_FIELDS = 9


class Process(BaseModel):
    """One process."""

    pid: int = Field(description="Process id.")
    parent_pid: int = Field(description="Process id of its parent.")
    state: str = Field(description="State letter: R running, S sleeping, D waiting for a device, Z ended, T stopped.")
    user: str = Field(description="Name of its user.")
    cpu_seconds: float = Field(description="Processor time it has used.")
    age_seconds: float = Field(description="Time since its start.")
    memory_bytes: int = Field(description="Its resident memory.")
    name: str = Field(description="Its name, at most 15 characters.")
    command: str = Field(description="Its command line, at most 300 characters; empty for kernel threads.")


class ProcessList(BaseModel):
    """Processes, those with most memory first.

    Attributes:
        processes: The processes: pid, parent_pid, state, user, cpu_seconds, age_seconds, memory_bytes, name, command.
        count: How many there are.
    """

    processes: list[Process]
    count: int


@action("process.list", effect="read", platforms=("linux",))
async def list_processes(
    host: Host, *, name: Annotated[Text, Field(max_length=64)] = "", limit: Annotated[int, Field(ge=1, le=1000)] = 200
) -> Result[ProcessList]:
    """List processes, those with most memory first.

    Args:
        host: Where.
        name: Only processes whose name holds this text; all when empty.
        limit: At most so many are listed; `count` tells how many there are.
    """
    first, *lines = (await sh(host, "process.list", _LIST, name)).stdout.splitlines()
    ticks, page, up, *_ = (float(number) for number in first.split())
    found = [_parse(line.split("\t"), ticks, int(page), up) for line in lines if line.count("\t") == _FIELDS - 1]
    found.sort(key=lambda process: process.memory_bytes, reverse=True)
    outputs = ProcessList(processes=found[:limit], count=len(found))
    return Result.unchanged(f"{len(found)} processes", outputs)


def _parse(fields: list[str], ticks: float, page: int, up: float) -> Process:
    pid, parent, state, user, used, started, resident, name, command = fields
    return Process(
        pid=int(pid),
        parent_pid=int(parent),
        state=state,
        user=user,
        cpu_seconds=int(used) / ticks,
        age_seconds=round(max(0.0, up - int(started) / ticks), 2),
        memory_bytes=int(resident) * page,
        name=name,
        command=command.strip(),
    )
