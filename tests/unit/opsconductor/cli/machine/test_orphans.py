"""What a killed part left behind ends with the supervisor. In a process of its own, for it adopts children."""

import subprocess
import sys
from pathlib import Path

SUPERVISOR = """
import asyncio, subprocess
from opsconductor.cli.machine.orphans import Orphans, adopt_orphans

async def main():
    adopt_orphans()
    leave = "trap '' TERM; sleep 1000 & echo $!" if {stubborn} else "sleep 1000 & echo $!"
    part = subprocess.Popen(["sleep", "1000"])
    left = subprocess.run(["sh", "-c", leave + "; exec >&-"], stdout=subprocess.PIPE, check=True, text=True).stdout
    await Orphans(lambda: {{part.pid}}).end()
    print(left.strip(), part.poll())
    part.kill()
    part.wait()

from opsconductor.cli.machine import orphans
orphans._GRACE_SECONDS = 0.2
asyncio.run(main())
"""


def run(*, stubborn: bool) -> tuple[str, str]:
    script = SUPERVISOR.format(stubborn=stubborn).replace("sleep 1000 &", "sleep 1000 >&2 &")
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True, timeout=30)
    orphan, part = done.stdout.split()
    return orphan, part


def test_an_orphan_ends_and_a_part_does_not() -> None:
    orphan, part = run(stubborn=False)
    assert not Path("/proc", orphan).exists()
    assert part == "None"


def test_an_orphan_that_does_not_listen_is_killed() -> None:
    orphan, _ = run(stubborn=True)
    assert not Path("/proc", orphan).exists()
