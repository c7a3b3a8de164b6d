"""What kind of host this is."""

import shlex
from datetime import UTC, datetime

from pydantic import BaseModel

from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .posix import pairs, sh

_READ = """
for file in /etc/os-release /usr/lib/os-release; do
  if [ -r "$file" ]; then sed -n 's/^\\([A-Z_]*\\)=/os.\\1=/p' "$file"; break; fi
done
echo "kernel=$(uname -r)"
echo "architecture=$(uname -m)"
echo "hostname=$(uname -n)"
echo "user=$(id -un)"
echo "cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c ^processor /proc/cpuinfo)"
echo "now=$(date +%s)"
echo "uptime=$(cat /proc/uptime)"
sed -n 's/^\\(MemTotal\\|MemAvailable\\|SwapTotal\\): *\\([0-9]*\\) kB$/\\1=\\2/p' /proc/meminfo
if [ -d /run/systemd/system ]; then echo init=systemd; else echo "init=$(cat /proc/1/comm)"; fi
"""


class Facts(BaseModel):
    """Facts of a Linux host.

    Attributes:
        hostname: Its own name.
        os_id: Distribution, such as `debian`.
        os_version: Its version, such as `12`.
        os_name: Both for people, such as `Debian GNU/Linux 12 (bookworm)`.
        kernel: Release of the kernel.
        architecture: Such as `x86_64`.
        cpus: Processors that are online.
        memory_bytes: Memory.
        memory_available_bytes: Memory that new programs could use.
        memory_used_percent: Share of the memory that is not available, 0 to 100.
        swap_bytes: Swap space.
        uptime_seconds: Seconds since boot.
        boot_at: Time of boot by the host's clock, ISO 8601 in UTC.
        init: The init system, such as `systemd`.
        user: Login name of this connection.
    """

    hostname: str
    os_id: str
    os_version: str
    os_name: str
    kernel: str
    architecture: str
    cpus: int
    memory_bytes: int
    memory_available_bytes: int
    memory_used_percent: float
    swap_bytes: int
    uptime_seconds: float
    boot_at: datetime
    init: str
    user: str


@action("facts", effect="read", platforms=("linux",))
async def facts(host: Host) -> Result[Facts]:
    """Read what kind of host this is: system, kernel, processors, memory, boot time.

    Args:
        host: Where.
    """
    found = pairs((await sh(host, "facts", _READ)).stdout)
    release = {name[3:]: _unquoted(value) for name, value in found.items() if name.startswith("os.")}
    uptime = float(found["uptime"].split()[0])
    memory, available = _kibibytes(found, "MemTotal"), _kibibytes(found, "MemAvailable")
    outputs = Facts(
        hostname=found["hostname"],
        os_id=release.get("ID", "linux"),
        os_version=release.get("VERSION_ID", ""),
        os_name=release.get("PRETTY_NAME", release.get("NAME", "Linux")),
        kernel=found["kernel"],
        architecture=found["architecture"],
        cpus=int(found["cpus"]),
        memory_bytes=memory,
        memory_available_bytes=available,
        memory_used_percent=round(100 * (memory - available) / memory, 1) if memory else 0,
        swap_bytes=_kibibytes(found, "SwapTotal"),
        uptime_seconds=uptime,
        boot_at=datetime.fromtimestamp(int(found["now"]) - int(uptime), UTC),
        init=found["init"],
        user=found["user"],
    )
    return Result.unchanged(f"{outputs.os_name}, {outputs.cpus} processors, {memory >> 20} MiB", outputs)


def _unquoted(value: str) -> str:
    """A value of os-release(5), which is quoted as a shell would."""
    try:
        return " ".join(shlex.split(value))
    except ValueError:
        return value


def _kibibytes(found: dict[str, str], name: str) -> int:
    return int(found.get(name, "0")) * 1024
