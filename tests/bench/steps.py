"""200 targets × 10 steps, end to end."""

from .rows import Row
from .stage import FORKS, middle, stage

TARGETS = 200
STEPS = 10
COMMAND = "uptime"
JOB = "\n".join(
    [
        "apiVersion: opsconductor/v1",
        "kind: Job",
        "name: steps",
        "targets: {select: tag:bench}",
        f"strategy: {{concurrency: {FORKS}}}",
        "steps:",
        *(f"  - {{id: s{n}, uses: linux/command.read@1, with: {{line: {COMMAND}}}}}" for n in range(STEPS)),
    ]
)
PLAYBOOK = "- hosts: all\n  gather_facts: false\n  tasks:\n" + f"    - ansible.builtin.raw: {COMMAND}\n" * STEPS


def measure() -> list[Row]:
    """Ours and the peers in turn; medians of three for ours and asyncssh."""
    with stage(TARGETS) as made:
        made.publish(JOB)
        hosts = made.hosts(TARGETS)
        with made.client() as client:
            made.run_job(client, "steps")
            bare = middle(lambda: made.raw_asyncssh(hosts, COMMAND, STEPS))
            ours = middle(lambda: made.run_job(client, "steps"))
        playbook = made.folder / "steps.yml"
        playbook.write_text(PLAYBOOK)
        ansible = made.ansible("ansible-playbook", str(playbook), hosts=hosts)
    name = f"steps: s for {TARGETS} targets × {STEPS}"
    return [
        Row.slower_at_most(name, ours, bare, "ten execs on one asyncssh connection", 1.3),
        Row.faster_at_least(name, ours, ansible, "ansible-playbook, raw", 10),
    ]
