"""Secrets leave no trace: a run that does its best to spill them, then a search of every place that keeps anything."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.ledger.values import compressed
from opsconductor.cli.machine.accounts import FLOW
from tests.doubles.mail_sink import MailSink
from tests.fixtures.machine import Installation

from .canaries import forms, shapes
from .places import Place, ProcessWatch, as_bytes
from .spill import Scene, spilt_secrets

pytestmark = pytest.mark.real

MASK = "[redacted]"
LINE = "python3 /home/ops/canaries/leak.py parse /home/ops/canaries/ssh_password"
FORMS = [*forms("a text")]


@pytest.fixture(scope="module")
def scene(machine: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with spilt_secrets(machine, tmp_path_factory.mktemp("canaries") / "hosts") as scene:
        yield scene


# ── the run did what it was meant to ─────────────────────────────────────────────────────────────────────────────


def test_the_secrets_did_their_work(scene: Scene) -> None:
    ends = {name: row["outcome"] for name, row in scene.run.targets.items()}
    assert ends == {"c-open": "failed", "c-sealed": "ok", "c-mistaken": "auth_failed", "c-refused": "auth_failed"}
    assert scene.run.printed("c-sealed", "sudo").endswith("\n0\n")
    for name in shapes():
        arrived = (scene.hosts[0].home / f"got_{name}").read_bytes()
        assert arrived == scene.secrets[name].encode(), name


def test_what_was_spilt_is_shown_as_redacted(scene: Scene) -> None:
    steps = scene.run.steps("c-open")
    for name in scene.secrets:
        assert steps[f"fail_{name}"] == "failed"
        assert scene.run.printed("c-open", f"fail_{name}").count(MASK) >= 12, name
        assert scene.run.outputs("c-open", f"parse_{name}")["data"]["raw"] == MASK
        assert MASK in scene.run.printed("c-open", f"log_{name}")
    summaries = {row["step"]: row["summary"] for row in scene.run.attempts("c-open")}
    assert "cannot sign in with" in summaries["fail_short"]
    assert MASK in json.dumps([event for event in scene.run.events if event["kind"] == "output"])
    assert "bytes not kept" in scene.run.printed("c-open", "flood_long")


# ── no trace, anywhere ───────────────────────────────────────────────────────────────────────────────────────────

PLACES: dict[str, Callable[[Scene], Iterator[Place]]] = {
    "databases": lambda scene: scene.places.databases(),
    "backup": lambda scene: scene.places.backup(),
    "files": lambda scene: scene.places.files(),
    "portal": lambda scene: scene.places.portal(scene.run.id),
    "prefect": lambda scene: scene.places.prefect(),
    "processes": lambda scene: scene.watch.places(),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_left_a_trace(scene: Scene, place: str) -> None:
    found = scene.traces(PLACES[place](scene))
    assert not found, "\n".join(map(str, found))


def test_the_processes_of_the_run_were_watched(scene: Scene) -> None:
    assert scene.flow_pids <= scene.watch.pids
    assert any(b"flows.worker.forkserver" in text for text in scene.watch.seen)
    assert any(b"leak.py" in text for text in scene.watch.seen)


# ── the search finds what is there ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FORMS)
def test_the_search_knows_every_form_and_any_fragment(scene: Scene, form: str) -> None:
    for name, text in scene.secrets.items():
        leaked = forms(text)[form]
        found = {trace.secret for trace in scene.search.look("here", b"x" * 5 + leaked + b"y")}
        assert name in found, (name, form)
        if name in ("long", "private_key") and form != "shell":
            middle = len(leaked) // 2
            assert name in {trace.secret for trace in scene.search.look("here", leaked[middle : middle + 23])}


def test_a_planted_leak_is_found_in_a_row(scene: Scene) -> None:
    run, text = scene.run.id, f"x {scene.secrets['quotes']} y"
    with scene.places.connect("opsconductor") as connection:
        connection.execute("UPDATE job_runs SET summary = %s WHERE id = %s", (text, run))
        connection.execute(
            "INSERT INTO job_run_outputs SELECT run_id, target_ord, step_ord, 99, 0, 0, false, %s, ''"
            " FROM job_run_outputs WHERE run_id = %s LIMIT 1",
            (compressed(scene.secrets["unicode"]), run),
        )
    try:
        told = scene.traces(iter([("API", as_bytes(scene.places.client.get(f"/runs/{run}")))]))
        assert {trace.secret for trace in told} == {"quotes"}
        for place in ("databases", "backup"):
            found = {(trace.place.split()[-1], trace.secret) for trace in scene.traces(PLACES[place](scene))}
            assert found == {("opsconductor", "quotes"), ("opsconductor", "unicode")}
    finally:
        with scene.places.connect("opsconductor") as connection:
            connection.execute("UPDATE job_runs SET summary = %s WHERE id = %s", (scene.run.facts["summary"], run))
            connection.execute("DELETE FROM job_run_outputs WHERE run_id = %s AND attempt = 99", (run,))


def test_a_planted_leak_is_found_in_prefect(scene: Scene) -> None:
    artifact = {
        "key": "planted",
        "type": "markdown",
        "data": f"it is {forms(scene.secrets['json'])['base64 at 1'].decode()}",
    }
    made = scene.places.ask_prefect("/artifacts/", artifact)
    try:
        found = scene.traces(scene.places.prefect())
        assert {trace.secret for trace in found} == {"json"}
        assert "Prefect artifacts" in {trace.place for trace in found}
    finally:
        scene.places.ask_prefect(f"/artifacts/{made['id']}", method="DELETE")


def test_a_planted_leak_is_found_in_a_log(scene: Scene) -> None:
    planted = scene.places.machine.home / "logs" / "planted.log"
    planted.write_bytes(b"debug: " + forms(scene.secrets["private_key"])["raw"][300:340])
    try:
        found = scene.traces(scene.places.files("logs"))
        assert {(trace.place, trace.secret) for trace in found} == {("file logs/planted.log", "private_key")}
    finally:
        planted.unlink()


@pytest.mark.parametrize("where", ["argument", "environment"])
def test_a_planted_leak_is_found_in_a_process(scene: Scene, where: str) -> None:
    text = scene.secrets["short"]
    argv = ["sleep", "60"] if where == "environment" else ["sh", "-c", "sleep 60; :", text]
    process = subprocess.Popen(argv, env={"PATH": "/usr/bin:/bin", "T": text if where == "environment" else ""})
    watch = ProcessWatch()
    try:
        watch.read()
    finally:
        process.kill()
        process.wait()
    assert process.pid in watch.pids
    assert {trace.secret for trace in scene.traces(watch.places())} == {"short"}


# ── what keeps them ──────────────────────────────────────────────────────────────────────────────────────────────


def test_block_documents_hold_an_envelope_and_nothing_else(scene: Scene) -> None:
    documents = [item for item in scene.places.block_documents() if item["data"].get("sealed")]
    assert len(documents) >= 4 + len(shapes())
    for document in documents:
        assert document["data"].keys() <= {"credential_id", "version", "sealed", "username"}
        assert document["data"]["sealed"].startswith("oc1.")


@pytest.mark.parametrize("path", ["/flow_runs/filter", "/block_documents/filter", "/artifacts/filter"])
def test_prefect_answers_nobody_who_does_not_know_its_auth_string(scene: Scene, path: str) -> None:
    assert scene.places.prefect_status(path, {}) == 401


@pytest.mark.parametrize(
    "path", ["keyring.json", "portal-keys.json", "prefect/auth", "prefect/prefect.toml", "prefect/encryption.key"]
)
def test_action_code_cannot_read_the_keys(scene: Scene, path: str) -> None:
    file = scene.places.machine.home / path
    assert file.exists()
    refused = as_flow_account("cat", str(file))
    assert refused.returncode != 0
    assert "Permission denied" in refused.stderr


@pytest.mark.parametrize("part", ["portal", "flows.worker", "flows.prefect_server", "database"])
@pytest.mark.parametrize("file", ["environ", "mem"])
def test_action_code_cannot_look_into_the_parts_that_hold_keys(scene: Scene, part: str, file: str) -> None:
    pid = scene.places.machine.pid(part)
    assert "Permission denied" in as_flow_account("head", "-c1", f"/proc/{pid}/{file}").stderr


def test_action_code_reads_no_credential_from_the_databases(scene: Scene) -> None:
    sockets = scene.places.machine.home / "run"
    for role, database in (("opsconductor", "opsconductor"), ("prefect", "prefect"), ("postgres", "postgres")):
        refused = as_flow_account("psql", f"postgresql://{role}@/{database}?host={sockets}", "-c", "SELECT 1")
        assert refused.returncode != 0
        assert "authentication failed" in refused.stderr
    own_role = f"postgresql://opsconductor_run@/opsconductor?host={sockets}"
    refused = as_flow_account("psql", own_role, "-c", "SELECT * FROM credential_versions")
    assert "permission denied" in refused.stderr


def test_a_flow_process_runs_as_that_account(scene: Scene) -> None:
    assert as_flow_account("id", "-un").stdout.strip() == FLOW
    server = scene.places.machine.pid("flows.worker.forkserver")
    assert Path(f"/proc/{server}").owner() == FLOW


def as_flow_account(*argv: str) -> subprocess.CompletedProcess[str]:
    """A command as the account that action code runs as."""
    return subprocess.run(["runuser", "-u", FLOW, "--", *argv], capture_output=True, text=True, cwd="/", check=False)


# ── mail ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_secret_travels_by_mail(scene: Scene, mail: MailSink, mailing: dict[str, Any]) -> None:
    job = {
        "apiVersion": "opsconductor/v1",
        "kind": "Job",
        "name": "spill-by-mail",
        "parameters": {
            name: {"type": "integer" if isinstance(value, int) else "string"} for name, value in mailing.items()
        },
        "targets": {"select": "host:c-open"},
        "steps": [
            {"id": "parse", "uses": "linux/command.read@1", "with": {"line": LINE, "parse": "json"}},
            {
                "id": "tell",
                "uses": "notify/email.send@1",
                "with": {
                    "host": "${{ params.mail_host }}",
                    "port": "${{ params.mail_port }}",
                    "to": ["${{ params.mail_to }}"],
                    "sender": "opsconductor@localhost",
                    "subject": "${{ steps.parse.results.map(r, r.outputs.data.raw).join(' ') }}",
                    "body": "${{ steps.parse.results.map(r, r.outputs.stdout).join(' ') }}",
                },
            },
        ],
    }
    scene.site.publish(json.dumps(job))
    run = scene.site.run("spill-by-mail", mailing)
    assert run.outcome == "succeeded", run.facts["summary"]
    (message,) = mail.messages
    assert MASK in message["Subject"]
    assert MASK in message.get_content()
    content = bytes(mail.envelopes[0].content or b"")
    assert scene.traces(iter([("mail", content), ("mail body", message.get_content().encode())])) == []
