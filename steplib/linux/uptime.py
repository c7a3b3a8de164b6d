"""How long a host has been up, and how busy it is."""

from datetime import UTC, datetime

from pydantic import BaseModel

from opsconductor.sdk.action import Result, action
from opsconductor.sdk.transport import Host

from .posix import sh

_READ = "cat /proc/uptime /proc/loadavg && date +%s"


class Uptime(BaseModel):
    """Time since boot and load.

    Attributes:
        seconds: Seconds since boot.
        boot_at: Time of boot by the host's clock, ISO 8601 in UTC.
        load_1: Load average over one minute.
        load_5: Load average over five minutes.
        load_15: Load average over fifteen minutes.
    """

    seconds: float
    boot_at: datetime
    load_1: float
    load_5: float
    load_15: float


@action("uptime", effect="read", platforms=("linux",))
async def uptime(host: Host) -> Result[Uptime]:
    """Read the time since boot and the load averages.

    Args:
        host: Where.
    """
    output = await sh(host, "uptime", _READ)
    up, load, now = output.stdout.split("\n")[:3]
    seconds = float(up.split()[0])
    loads = [float(number) for number in load.split()[:3]]
    outputs = Uptime(
        seconds=seconds,
        boot_at=datetime.fromtimestamp(int(now) - int(seconds), UTC),
        load_1=loads[0],
        load_5=loads[1],
        load_15=loads[2],
    )
    days, hours = int(seconds) // 86400, int(seconds) % 86400 // 3600
    return Result.unchanged(f"up {days} d {hours} h, load {loads[0]:g}, {loads[1]:g}, {loads[2]:g}", outputs)
