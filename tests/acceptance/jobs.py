"""The acceptance jobs in Python: each is the twin of the YAML file of its name in `jobs/`."""

from collections.abc import Callable
from pathlib import Path

from opsconductor.sdk import Job, Term, choose, has, retry, run
from opsconductor.sdk.job import JobDocument

DOCUMENTS = Path(__file__).parent / "jobs"


def restart_web() -> JobDocument:
    job = Job(
        "restart-web",
        description="Restart a service where it is down, and tell when that does not help.",
        targets="tag:web",
        at_most=500,
        concurrency=50,
        max_failures="5%",
        timeout_seconds=3600,
    )
    unit = job.parameter(
        "unit", str, default="nginx.service", pattern=r"^[\w@.-]+\.service$", description="Unit to look after."
    )
    mail = _mail(job)
    probe = job.step("probe", "linux/service.status@1", unit=unit)
    restart = job.step(
        "restart", "linux/service.restart@1", unit=unit, when=~probe.active, retry=retry(2, delay_seconds=1)
    )
    subject = f"{unit} could not be restarted"
    tell = job.step(
        "tell", "notify/email.send@1", needs=[restart], on="failure", **mail, subject=subject, body=run.summary
    )
    for step, x, y in ((probe, 0, 0), (restart, 220, 0), (tell, 440, 120)):
        job.place(step, x, y)
    return job.document()


def service_check() -> JobDocument:
    job = Job("service-check", description="Cycle a service and mail how it went.", targets="tag:web")
    unit = job.parameter("unit", str, pattern=r"^[\w@.-]+$", description="Unit to cycle.")
    wait = job.parameter(
        "wait_seconds", float, default=10, minimum=0, maximum=600, description="Rest between stop and start."
    )
    mail = _mail(job)
    with job.block("cycle") as cycle:
        before = job.step("before", "linux/service.status@1", unit=unit)
        job.step("stop", "linux/service.stop@1", unit=unit, when=before.active)
        job.step("rest", "core/delay@1", seconds=wait, when=before.active)
        job.step("start", "linux/service.start@1", unit=unit)
        state = job.step("state", "linux/service.status@1", unit=unit)
        message = f"{unit} is {state.state} after the start"
        job.step("verify", "core/assert@1", that=state.active, message=message)
    job.step(
        "mail_success",
        "notify/email.send@1",
        needs=[cycle],
        **mail,
        subject=f"{unit} runs on {run.total} hosts",
        body=run.summary,
    )
    job.step(
        "mail_failure",
        "notify/email.send@1",
        needs=[cycle],
        on="failure",
        **mail,
        subject=f"{unit} does not run on {run.failed} of {run.total} hosts",
        body=f"Failed: {_failed_targets()}",
    )
    return job.document()


def database_backup() -> JobDocument:
    job = Job(
        "database-backup",
        description="Dump a database into a dated file and mail how it went.",
        targets="tag:db",
    )
    db = job.parameter("db", str, description="Database to dump.")
    path = job.parameter("path", str, pattern="^/.+$", description="Directory for the dump.")
    program = job.parameter("program", str, default="mysqldump", description="Program that dumps.")
    mail = _mail(job)
    line = f"{program} {db} > {path}/{db}_$(date +%Y%m%d).sql"
    dump = job.step("dump", "linux/command@1", line=line, timeout_seconds=300)
    done = f"{db}: {run.summary}"
    failed = f"{db} failed on {_failed_targets()}"
    job.step("mail_success", "notify/email.send@1", needs=[dump], **mail, subject="Backup done", body=done)
    job.step(
        "mail_failure", "notify/email.send@1", needs=[dump], on="failure", **mail, subject="Backup failed", body=failed
    )
    return job.document()


def log_cleanup() -> JobDocument:
    job = Job(
        "log-cleanup",
        description="Compress old logs, delete very old ones, mail a report.",
        targets="tag:web or tag:db",
    )
    directory = job.parameter("directory", str, default="/var/log/app", pattern="^/.+$")
    compress_after = job.parameter("compress_after_days", int, default=7, minimum=0, maximum=3650)
    delete_after = job.parameter("delete_after_days", int, default=30, minimum=0, maximum=3650)
    mail = _mail(job)
    logs = f"find {directory} -type f -name '*.log' -mtime +{compress_after}"
    archives = f"find {directory} -type f -name '*.log.gz' -mtime +{delete_after}"
    with job.block("cleanup") as cleanup:
        find = job.step("find", "linux/command.read@1", line=f"{logs} -print", timeout_seconds=60)
        job.step(
            "compress",
            "linux/command@1",
            line=f"{logs} -exec gzip -- {{}} +",
            when=find.stdout != "",
            timeout_seconds=300,
        )
        purge = job.step("purge", "linux/command@1", line=f"{archives} -print -delete | wc -l", timeout_seconds=120)
    result = Term("r")
    deleted = choose(has(result.outputs.stdout), result.outputs.stdout.trim() + " deleted", result.outcome)
    report = purge.results.map(result, result.target + ": " + deleted).join("\n")
    job.step(
        "report",
        "notify/email.send@1",
        needs=[cleanup],
        on="always",
        **mail,
        subject=f"Log cleanup: {run.succeeded} of {run.total} hosts",
        body=report,
    )
    return job.document()


def rolling_deployment() -> JobDocument:
    job = Job(
        "rolling-deployment",
        description="Deploy a version in waves of two, verify, roll back all on failure, always mail the counts.",
        targets="tag:web",
        batches=[2],
        max_failures=0,
    )
    version = job.parameter("version", str, pattern=r"^[0-9]+(\.[0-9]+)*$")
    directory = job.parameter("directory", str, default="/srv/app", pattern="^/.+$")
    mail = _mail(job)
    thrice = retry(3, delay_seconds=30)
    with job.block("rollout", scope="run") as rollout:
        deploy = job.step("deploy", "linux/script@1", text=_DEPLOY, arguments=[directory, version], retry=thrice)
        check = f"cd {directory} && ./verify {version}"
        verify = job.step("verify", "linux/command.read@1", line=check, retry=thrice)
        with rollout.rescue():
            roll_back = job.step("roll_back", "linux/script@1", text=_ROLL_BACK, arguments=[directory])
        # What a rescue put right is no failure of the run any more: the counts are those of the steps.
        failed = (deploy.failed_targets + verify.failed_targets).join(", ")
        with rollout.always():
            job.step(
                "tell",
                "notify/email.send@1",
                **mail,
                subject=f"Deployment of {version}: {verify.succeeded_count} of {run.total}",
                body=f"Verified: {verify.succeeded_count}\n"
                f"Failed: {deploy.failed_count + verify.failed_count} ({failed})\n"
                f"Rolled back: {roll_back.succeeded_count}",
            )
    return job.document()


_DEPLOY = """\
set -e
cd -- "$1"
if [ -e current ]; then cp -p current previous; fi
./deploy "$2"
printf '%s\\n' "$2" > current
"""

_ROLL_BACK = """\
set -e
cd -- "$1"
if [ -e previous ]; then mv previous current; else rm -f current; fi
"""


def _mail(job: Job) -> dict[str, object]:
    host = job.parameter("mail_host", str)
    port = job.parameter("mail_port", int, default=25, minimum=1, maximum=65535)
    to = job.parameter("mail_to", str)
    return {"host": host, "port": port, "sender": "opsconductor@localhost", "to": [to]}


def _failed_targets() -> Term:
    return run.failed_targets.join(", ")


JOBS: dict[str, Callable[[], JobDocument]] = {
    job.__name__: job for job in (restart_web, service_check, database_backup, log_cleanup, rolling_deployment)
}
