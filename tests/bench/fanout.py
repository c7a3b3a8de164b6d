"""500 targets × 1 command, end to end: from the API call to the recorded end of the run."""

from .rows import Row
from .stage import FORKS, middle, stage

TARGETS = 500
COMMAND = "uptime"
JOB = f"""\
apiVersion: opsconductor/v1
kind: Job
name: fanout
targets: {{select: tag:bench}}
strategy: {{concurrency: {FORKS}}}
steps:
  - {{id: look, uses: linux/command.read@1, with: {{line: {COMMAND}}}}}
"""


def measure() -> list[Row]:
    """Ours and the peers in turn; medians of three."""
    with stage(TARGETS) as made:
        made.publish(JOB)
        hosts = made.hosts(TARGETS)
        with made.client() as client:
            made.run_job(client, "fanout")
            bare = middle(lambda: made.raw_asyncssh(hosts, COMMAND, 1))
            ours = middle(lambda: made.run_job(client, "fanout"))
        raw = made.ansible("ansible", "all", "-m", "raw", "-a", COMMAND, hosts=hosts)
        command = made.ansible("ansible", "all", "-m", "command", "-a", COMMAND, hosts=hosts)
    name = f"fanout: s for {TARGETS} targets × 1"
    return [
        Row.slower_at_most(name, ours, bare, "raw asyncssh", 1.25),
        Row.faster_at_least(name, ours, raw, "ansible raw", 4),
        Row.faster_at_least(name, ours, command, "ansible command", 4),
    ]
