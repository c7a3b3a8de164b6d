"""The worlds that library tests run in: this machine's shell, and a real host behind OpenSSH."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex

import pytest

from deploy.fleet import Fleet
from opsconductor.sdk.credential import Secret, SSHLogin
from opsconductor.sdk.transport import Operation, Target
from tests.doubles.local_host import LocalHost
from tests.integration.steplib.world import World

DOUBLES = Path(__file__).parents[2] / "doubles"


@pytest.fixture(params=["shell", pytest.param("openssh", marks=pytest.mark.real)])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    if request.param == "shell":
        home = tmp_path / "home"
        home.mkdir()
        yield World(LocalHost(home, first_path=DOUBLES), str(home), home, home / ".units")
        return
    async for made in over_ssh(request.getfixturevalue("fleet")):
        yield made


async def over_ssh(fleet: Fleet) -> AsyncIterator[World]:
    from steplib.transports.ssh import SSHConnector

    one = fleet.hosts[0]
    target = Target(0, one.name, one.name, one.address, one.port, host_keys=(one.host_key,))
    login = SSHLogin(one.username, password=Secret(one.password))
    connection = await SSHConnector().connect(target, login, timeout_seconds=20)
    name = f"test-{token_hex(4)}"
    outside = one.home / name
    outside.mkdir()
    shutil.chown(outside, one.home.stat().st_uid, one.home.stat().st_gid)
    try:
        host = connection.host(Operation(token=token_hex(16), once=True))
        yield World(host, f"/home/{one.username}/{name}", outside, one.home / ".units")
    finally:
        await connection.close()
        shutil.rmtree(outside)
