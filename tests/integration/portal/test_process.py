"""The portal as `up` starts it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.real


def environment(database: str, home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[3]),
        "OPSCONDUCTOR_HOME": str(home),
        "OPSCONDUCTOR_DATABASE_URL": database,
    }


def admin(database: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "portal.admin", *arguments]
    return subprocess.run(command, env=environment(database, home), capture_output=True, text=True, check=False)


def test_preparing_twice_makes_one_admin(database: str, tmp_path: Path):
    first = admin(database, tmp_path, "prepare")
    again = admin(database, tmp_path, "prepare")
    assert json.loads(first.stdout.splitlines()[-1])["password"], first.stderr
    assert json.loads(again.stdout.splitlines()[-1]) == {"password": None}
    reset = admin(database, tmp_path, "reset-password", "ADMIN")
    assert json.loads(reset.stdout)["password"] != json.loads(first.stdout.splitlines()[-1])["password"]
    nobody = admin(database, tmp_path, "reset-password", "nobody")
    assert (nobody.returncode, nobody.stderr) == (1, "user nobody does not exist\n")
    factor = admin(database, tmp_path, "reset-second-factor", "admin")
    assert (factor.returncode, "enrol an app first" in factor.stderr) == (1, True)
    assert admin(database, tmp_path, "destroy").returncode == 2


async def test_it_serves_on_a_socket_that_it_was_given_until_it_is_told_to_stop(portal_database: str, tmp_path: Path):
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    variables = environment(portal_database, tmp_path) | {"OPSCONDUCTOR_LISTEN_FD": str(listening.fileno())}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portal", env=variables, pass_fds=[listening.fileno()], stderr=subprocess.PIPE
    )
    try:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            assert (await client.get("/health/ready")).json() == {
                "status": "degraded",
                "parts": {"database": "ok", "prefect": "away"},
            }
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), 30)
    finally:
        if process.returncode is None:
            process.kill()
        listening.close()
    assert process.returncode in (0, -signal.SIGTERM)
    events = [json.loads(line)["event"] for line in log.decode().splitlines()]
    assert any("shutdown complete" in event for event in events), "it closed what it had open"
