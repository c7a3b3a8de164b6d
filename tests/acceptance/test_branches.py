"""Every way through a job's branches, target by target: the hosts' files say which was taken."""

from pathlib import Path

import pytest

from opsconductor.sdk import Job

from .site import Site, folder

pytestmark = pytest.mark.real

# What a host lacks, the deeds that its log then holds, and how it ends.
WAYS = {
    (): (["body one", "body two", "always", "next", "finally"], "changed"),
    ("two",): (["body one", "rescue", "always", "next", "finally"], "changed"),
    ("two", "rescue"): (["body one", "always", "on failure", "finally"], "failed"),
    ("one",): (["rescue", "always", "next", "finally"], "changed"),
    ("next",): (["body one", "body two", "always", "finally"], "failed"),
}


def guarded() -> Job:
    """Each deed fails where a file `no-DEED` lies."""
    job = Job("guarded", targets="tag:web")

    def line(deed: str, guard: str) -> str:
        return f"test ! -e /srv/guarded/no-{guard} && echo {deed} >> /srv/guarded/log"

    with job.block("work") as work:
        job.step("one", "linux/command@1", line=line("body one", "one"))
        job.step("two", "linux/command@1", line=line("body two", "two"))
        with work.rescue():
            job.step("undo", "linux/command@1", line=line("rescue", "rescue"))
        with work.always():
            job.step("tidy", "linux/command@1", line=line("always", "always"))
    go_on = job.step("go_on", "linux/command@1", line=line("next", "next"), needs=[work])
    job.step("complain", "linux/command@1", line=line("on failure", "complaint"), needs=[work], on="failure")
    job.step("end", "linux/command@1", line=line("finally", "end"), needs=[go_on], on="always")
    return job


def test_every_host_takes_its_own_way_through_the_branches(site: Site) -> None:
    site.publish(guarded().document())
    ways = list(WAYS)
    for place, host in enumerate(site.hosts):
        path = folder(host, "guarded")
        for missing in ways[place % len(ways)]:
            (path / f"no-{missing}").touch()

    record = site.run("guarded", {})

    for place, host in enumerate(site.hosts):
        deeds, outcome = WAYS[ways[place % len(ways)]]
        done = Path(host.root, "srv", "guarded", "log").read_text().splitlines()
        # The two branches that hang on one block have no order between them.
        assert [deed for deed in done if deed != "on failure"] == [deed for deed in deeds if deed != "on failure"]
        assert done.count("on failure") == deeds.count("on failure")
        assert record.targets[host.name]["outcome"] == outcome
        rescued = record.targets[host.name]["reason"].startswith("rescued: ")
        assert rescued == ("rescue" in deeds)
    assert record.outcome == "partial"
    assert record.outcomes == {"changed": 12, "failed": 8}
