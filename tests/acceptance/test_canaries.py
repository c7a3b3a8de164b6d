"""Secrets leave no trace: a run that does its best to spill them, then a search of every place that keeps anything."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import stamina
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.fleet import Fleet, FleetHost, down, hash_password, up
from flows.ledger.values import compressed
from opsconductor.cli.machine.accounts import FLOW
from opsconductor.client import PortalClient
from opsconductor.errors import OpsError
from tests.doubles.mail_sink import MailSink
from tests.fixtures.machine import Installation

from .canaries import Search, Trace, forms, shapes, word
from .places import Place, Places, ProcessWatch, as_bytes
from .site import Record, Site, own

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
MASK = "[redacted]"
LINE = "python3 /home/ops/canaries/leak.py parse /home/ops/canaries/ssh_password"
FORMS = [*forms("a text")]
FORMS_THAT_FAIL = {"long": 1, "private_key": 0, "json": 6, "url": 5, "lines": 0, "ssh_password": 8}


def private_key(passphrase: str) -> tuple[str, str]:
    """A new encrypted key and its public half."""
    key = Ed25519PrivateKey.generate()
    encryption = serialization.BestAvailableEncryption(passphrase.encode())
    openssh = serialization.PublicFormat.OpenSSH
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, openssh)
    form = serialization.PrivateFormat.OpenSSH
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode(), public.decode()


@dataclass(frozen=True)
class Scene:
    """What was done, and where to look for what it left."""

    secrets: dict[str, str]
    search: Search
    places: Places
    watch: ProcessWatch
    run: Record
    flow_pids: set[int]
    hosts: tuple[FleetHost, ...]
    site: Site

    def traces(self, places: Iterator[Place]) -> list[Trace]:
        return sorted({trace for name, data in places for trace in self.search.look(name, data)})


# ── the stage: hosts that know the secrets, credentials that hold them, a job that spills them ───────────────────


def prepare_hosts(fleet: Fleet, secrets: dict[str, str], public_key: str) -> None:
    """The second host takes the canary key and has a password of its own; the first has a file for each secret."""
    first, second = fleet.hosts[:2]
    root = Path(second.root)
    (root / "authorized_keys").write_text(public_key + "\n")
    shadow = (root / "etc" / "shadow").read_text().splitlines()
    hashed = hash_password(secrets["sudo_password"])
    lines = [":".join((line.split(":")[0], hashed, *line.split(":")[2:])) for line in shadow]
    (root / "etc" / "shadow").write_text("\n".join(lines) + "\n")
    for host in (first, second):
        folder = host.home / "canaries"
        folder.mkdir()
        (folder / "leak.py").write_text((HERE / "leak.py").read_text())
        for name, text in secrets.items():
            (folder / name).write_bytes(text.encode())
        own(host, folder, *folder.iterdir())


def seal(client: PortalClient, secrets: dict[str, str], wrong: dict[str, str]) -> None:
    key = {"kind": "ssh_key", "private_key": secrets["private_key"], "passphrase": secrets["passphrase"]}
    sealed: dict[str, dict[str, str]] = {
        "c-open": {"kind": "ssh_password", "username": "ops", "password": secrets["ssh_password"]},
        "c-sealed": {**key, "username": "ops", "sudo_password": secrets["sudo_password"]},
        "c-mistaken": {**key, "username": "bash", "sudo_password": wrong["wrong_sudo"]},
        "c-refused": {"kind": "ssh_password", "username": "ops", "password": wrong["wrong_password"]},
    }
    sealed |= {f"c-{name}": {"kind": "secret_text", "text": secrets[name]} for name in shapes()}
    for name, secret in sealed.items():
        client.post("/credentials", {"name": name, "secret": secret})


def register(client: PortalClient, hosts: tuple[FleetHost, ...]) -> None:
    first, second, third = hosts
    for name, host in {"open": first, "sealed": second, "mistaken": second, "refused": third}.items():
        target = {"name": f"c-{name}", "address": host.address, "port": host.port, "tags": ["canary"]}
        client.post("/targets", {**target, "credential": f"c-{name}", "host_keys": [host.host_key]})


def spill(names: list[str]) -> dict[str, Any]:
    """The job."""
    steps: list[dict[str, Any]] = []

    def step(id_: str, uses: str, *, on: tuple[str, ...] = ("open",), needs: str = "", **arguments: Any) -> None:
        condition = " || ".join(f'target.name == "c-{target}"' for target in on)
        steps.append({"id": id_, "uses": uses, "needs": [needs] if needs else [], "when": condition, "with": arguments})

    def leak(id_: str, line: str, **arguments: Any) -> None:
        step(id_, "linux/command.read@1", line=f"cd /home/ops/canaries; python3 leak.py {line}", **arguments)

    for name in names:
        leak(f"fail_{name}", f"fail {name} {FORMS_THAT_FAIL.get(name, 0)}")
        leak(f"parse_{name}", f"parse {name}", parse="json")
        step(f"log_{name}", "core/log@1", needs=f"parse_{name}", message=f"${{{{ steps.parse_{name}.stdout }}}}")
    for name in shapes():
        feed = {"line": f"tee got_{name}", "secret_stdin": f"${{{{ params.{name} }}}}"}
        step(f"feed_{name}", "linux/command@1", **feed)
    for name in ("quotes", "long", "private_key"):
        leak(f"flood_{name}", f"flood {name}")
    leak("not_json", "show url", parse="json")
    data = "steps.parse_quotes.data"
    step(
        "set",
        "core/set@1",
        needs="parse_quotes",
        values={"it": f"${{{{ {data} }}}}", "as text": f"a ${{{{ {data} }}}}"},
    )
    step("transform", "data/transform@1", needs="parse_quotes", value=f"${{{{ {data}.forms.map(f, f + '!') }}}}")
    step("assert", "core/assert@1", needs="parse_quotes", that=False, message=f"no ${{{{ {data}.raw }}}}")
    step("fail", "core/fail@1", needs="parse_long", message="no ${{ steps.parse_long.data.raw }}")
    step("wrong", "core/assert@1", needs="parse_url", that="${{ steps.parse_url.data.raw }}")
    step("hello", "linux/uptime@1", on=("refused",))
    step("list", "linux/process.list@1")
    leak("sudo", "show sudo_password; id -u", on=("sealed", "mistaken"), sudo=True)
    return {
        "apiVersion": "opsconductor/v1",
        "kind": "Job",
        "name": "spill",
        "parameters": {name: {"type": "secret"} for name in shapes()},
        "targets": {"select": "tag:canary"},
        "steps": steps,
    }


def mistake_fields(client: PortalClient, secrets: dict[str, str], search: Search) -> None:
    """What people do: secrets typed where they do not belong. Every request is refused."""
    login = {"kind": "ssh_password", "username": "x", "password": [*secrets.values()]}
    key = {"kind": "ssh_key", "username": "x", "private_key": secrets["long"], "passphrase": secrets["passphrase"]}
    wrong: list[tuple[str, Any]] = [
        ("/runs", {"job": "spill", "parameters": secrets}),
        ("/runs", {"job": "spill", "parameters": {name: secrets[name] for name in shapes()}}),
        *(("/credentials", {"name": "c-x", "secret": secret}) for secret in (login, key, {**key, **secrets})),
        *(("/auth/login", {"username": "admin", "password": secrets[name]}) for name in ("quotes", "unicode", "json")),
    ]
    for path, body in wrong:
        with pytest.raises(OpsError) as refused:
            client.post(path, body)
        assert not search.look(path, str(refused.value).encode())


@stamina.retry(on=(AssertionError, LookupError), attempts=300, timeout=20, wait_max=0.1)
def flow_processes(machine: Installation) -> set[int]:
    pids = set(machine.flow_pids())
    assert pids
    return pids


@pytest.fixture(scope="module")
def scene(machine: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    secrets = {
        "ssh_password": f"pa#s {word()} 'q\" 🔑",
        "sudo_password": f"su#do \"{word()}' \\ $HOME",
        "passphrase": f"phrase {word()} #ü",
        **shapes(),
    }
    secrets["private_key"], public = private_key(secrets["passphrase"])
    wrong = {"wrong_password": f"wrong {word()}", "wrong_sudo": f"not {word()} #"}
    fleet = up(3, tmp_path_factory.mktemp("canaries") / "hosts", password=secrets["ssh_password"], bound=True)
    try:
        prepare_hosts(fleet, secrets, public)
        alike = [private_key("any other")[0], public, *(host.host_key for host in fleet.hosts)]
        search = Search(secrets | wrong, innocent=alike)
        with machine.client() as client, ProcessWatch() as watch:
            seal(client, secrets, wrong)
            register(client, fleet.hosts)
            site = Site(machine, client, fleet.hosts)
            site.publish(json.dumps(spill([*secrets])))
            mistake_fields(client, secrets, search)
            started = site.start("spill", {name: f"c-{name}" for name in shapes()})
            flow_pids = flow_processes(machine)
            run = site.ended(started["id"])
            yield Scene(secrets, search, Places(machine, client), watch, run, flow_pids, fleet.hosts, site)
    finally:
        down(fleet)


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
    assert any(MASK.encode() in data for name, data in scene.places.prefect() if name == "Prefect states")


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
        assert {(trace.place, trace.secret) for trace in found} == {("Prefect artifacts", "json")}
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
