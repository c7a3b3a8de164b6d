"""The stage of the canary tests: hosts that know the secrets, credentials that hold them, a run that spills them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import stamina
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.fleet import Fleet, FleetHost, down, hash_password, up
from opsconductor.client import PortalClient
from opsconductor.errors import OpsError
from tests.fixtures.machine import Installation

from .canaries import Search, Trace, shapes, word
from .places import Place, Places, ProcessWatch
from .site import Record, Site, own

HERE = Path(__file__).parent
FORMS_THAT_FAIL = {"long": 1, "private_key": 0, "json": 6, "url": 5, "lines": 0, "ssh_password": 8}
"""Secret → the form (by its place in `leak.py`) that the command ends its last line with."""


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


@stamina.retry(on=AssertionError, attempts=600, timeout=40, wait_max=0.1)
def wait_for_end(pids: set[int]) -> None:
    """The record has the run's end first; its process stays until Prefect knows it too."""
    assert not any(Path("/proc", str(pid)).exists() for pid in pids)


@contextmanager
def spilt_secrets(machine: Installation, folder: Path) -> Iterator[Scene]:
    """Secrets, hosts that know them, credentials that hold them, and a run that spilt them."""
    secrets = {
        "ssh_password": f"pa#s {word()} 'q\" 🔑",
        "sudo_password": f"su#do \"{word()}' \\ $HOME",
        "passphrase": f"phrase {word()} #ü",
        **shapes(),
    }
    secrets["private_key"], public = private_key(secrets["passphrase"])
    wrong = {"wrong_password": f"wrong {word()}", "wrong_sudo": f"not {word()} #"}
    fleet = up(3, folder, password=secrets["ssh_password"], bound=True)
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
            wait_for_end(flow_pids)
            yield Scene(secrets, search, Places(machine, client), watch, run, flow_pids, fleet.hosts, site)
    finally:
        down(fleet)
