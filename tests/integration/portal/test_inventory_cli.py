"""`opsconductor target import`, `export`, `test` and `health`, as processes of their own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from deploy.fleet import Fleet
from portal.settings import Settings
from tests.doubles.gateway import RememberingGateway
from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .worker import do_waiting_runs
from .world import add

INI = "[web]\nweb01 ansible_host=10.0.0.1 ansible_password=hunter2\nweb02\n[eu:children]\nweb\n"


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_a_file_is_checked_then_imported_then_exported(admin: CommandLine, tmp_path: Path):
    file = tmp_path / "hosts"
    file.write_text(INI)
    dry = await admin.run("target", "import", str(file), "--dry-run", COLUMNS="160")
    assert "Would add 2, would change 0, unchanged 0, refused 0." in dry
    assert "not kept: ansible_password" in dry
    assert "hunter2" not in dry
    assert "No targets yet" in await admin.run("target", "list")
    assert "Nested: web in eu" in await admin.run("target", "import", str(file))
    exported = tmp_path / "targets.csv"
    await admin.run("target", "export", str(exported))
    again = json.loads(await admin.run("target", "import", str(exported), "--update", "--json"))
    assert (again["unchanged"], again["updated"]) == (2, 0)
    assert "web01" in await admin.run("target", "export", "--format", "ansible-yaml", "--select", "name:web01")


async def test_what_is_refused_is_said_line_by_line(admin: CommandLine, tmp_path: Path):
    file = tmp_path / "targets.csv"
    file.write_text("name,address,port\nweb01,a.test,99999\nweb02,root@b.test,22\n")
    dry = await admin.try_run("target", "import", str(file), "--dry-run", COLUMNS="200")
    assert (dry.code, dry.out.count("refused")) == (1, 3)
    refused = await admin.try_run("target", "import", str(file))
    assert refused.code == 2
    assert "line 2: web01: port" in refused.err
    assert "line 3: web02: address" in refused.err
    odd = tmp_path / "targets.txt"
    odd.write_text("")
    assert "--format" in (await admin.try_run("target", "import", str(odd))).err


@pytest.mark.real
async def test_targets_are_logged_in_to(
    admin: CommandLine, api: httpx.AsyncClient, fleet: Fleet, portal_settings: Settings, gateway: RememberingGateway
):
    host = fleet.hosts[8]
    secret = {"kind": "ssh_password", "username": host.username, "password": host.password}
    await add(api, "/credentials", {"name": "ops", "secret": secret})
    for name, key in (("good", host.host_key), ("changed", fleet.hosts[9].host_key)):
        body = {"name": name, "address": host.address, "port": host.port, "credential": "ops", "host_keys": [key]}
        await add(api, "/targets", body if name == "good" else {**body, "address": fleet.hosts[10].address})

    @asynccontextmanager
    async def working() -> AsyncIterator[None]:
        async def work() -> None:
            while True:
                await do_waiting_runs(portal_settings.database_url, gateway, portal_settings.keyring_file)
                await asyncio.sleep(0.1)

        task = asyncio.create_task(work())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async with working():
        good = json.loads(await admin.run("target", "test", "good", "--json"))
        assert (good["status"], good["results"][0]["user"]) == ("ended", host.username)
        both = await admin.try_run("target", "test", "--select", "all", COLUMNS="300")
    assert both.code == 1
    assert "connected" in both.out
    assert "host_key_changed" in both.out
    assert both.out.count("SHA256:") >= 2
    assert (await admin.try_run("target", "test")).code == 2


async def test_checks_are_set_and_shown(admin: CommandLine, api: httpx.AsyncClient):
    await add(api, "/targets", {"name": "web01", "address": "a.test", "groups": ["web"]})
    assert "No target was checked" in await admin.run("target", "health")
    said = await admin.run("target", "health", "--group", "web", "--check", "tcp", "--every", "60")
    assert "web is checked by tcp every 60 s" in said
    of_group = json.loads(await admin.run("target", "health", "--group", "web", "--json"))
    assert (of_group["mode"], of_group["source"]) == ("tcp", "group:web")
    shown = await admin.run("target", "health", "web01")
    assert "tcp every 60 s, by group:web" in shown
    assert "never checked" in shown
    await admin.run("target", "health", "web01", "--check", "off")
    assert json.loads(await admin.run("target", "health", "web01", "--json"))["check"]["mode"] == "off"
    await admin.run("target", "health", "web01", "--check", "none")
    assert (await admin.try_run("target", "health", "--check", "tcp")).code == 2
