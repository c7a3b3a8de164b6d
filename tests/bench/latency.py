"""From the API call to the first byte at a target, and to the first output: the warm worker beside Prefect's own."""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from deploy.fleet import FleetHost

from .rows import Row
from .stage import Stage, stage

OURS = 20
PEERS = 5
PATIENCE_SECONDS = 180
JOB = """\
apiVersion: opsconductor/v1
kind: Job
name: latency
targets: {select: tag:latency}
steps:
  - {id: look, uses: linux/command.read@1, with: {line: uptime}}
"""


class Tap:
    """A TCP relay before a host, that notes when the first byte for the host came."""

    def __init__(self, host: FleetHost) -> None:
        self._host = host
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.first_byte: list[float] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        server = socket.create_connection((self._host.address, self._host.port))
        threading.Thread(target=_pump, args=(server, client), daemon=True).start()
        first = client.recv(65536)
        self.first_byte.append(time.time())
        server.sendall(first)
        _pump(client, server)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return  # one side has hung up: so does the relay


@dataclass
class Delays:
    """Seconds from the call, by run."""

    first_byte: list[float]
    output: list[float]


def measure() -> list[Row]:
    """Ours twenty times, Prefect's process worker five times, on one Prefect server."""
    with stage(1) as made:
        tap = Tap(made.fleet.hosts[0])
        ours = _ours(made, tap)
        with _process_worker(made) as deployment:
            peer = _peer(made, tap, deployment)
    rows: list[Row] = []
    for what, mine, theirs in (
        ("first byte", ours.first_byte, peer.first_byte),
        ("first output", ours.output, peer.output),
    ):
        name = f"latency: s from the call to the {what}, p50"
        spread = f"ours {min(mine):.2f}–{max(mine):.2f}, peer {min(theirs):.1f}–{max(theirs):.1f}"
        rows.append(Row.at_most(name, median(mine), 0.5, spread))
        rows.append(Row.faster_at_least(name, median(mine), median(theirs), "Prefect process worker", 20))
    return rows


def _ours(made: Stage, tap: Tap) -> Delays:
    host = made.fleet.hosts[0]
    delays = Delays([], [])
    with made.client() as client:
        client.post(
            "/targets",
            {"name": "tapped", "address": "127.0.0.1", "port": tap.port, "tags": ["latency"], "credential": "bench",
             "host_keys": [host.host_key]},
        )  # fmt: skip
    made.publish(JOB)
    with made.client() as client:
        for number in range(OURS + 2):
            tap.first_byte.clear()
            called = time.time()
            run = client.post("/runs", {"job": "latency"})
            seen = _first_output(client.events(run["id"]))
            if number >= 2:  # the first ones warm connections and caches
                delays.first_byte.append(tap.first_byte[0] - called)
                delays.output.append(seen - called)
    return delays


def _first_output(events: Iterator[dict[str, Any]]) -> float:
    """When a watcher could see the first result; the rest of the run is awaited."""
    seen = 0.0
    for event in events:
        done = event["kind"] == "pairs" and any(row[3] == 2 for row in event["data"]["rows"])
        if not seen and (event["kind"] == "output" or done):
            seen = time.time()
    return seen


@contextmanager
def _process_worker(made: Stage) -> Iterator[str]:
    """A stock worker beside ours; gives the deployment it serves."""
    installation = made.installation
    environment = {
        **os.environ,
        "PREFECT_API_URL": f"http://127.0.0.1:{installation.prefect_port}/api",
        "PREFECT_API_AUTH_STRING": (installation.home / "prefect" / "auth").read_text().strip(),
        "PREFECT_HOME": str(made.folder / "prefect"),
    }
    deployed = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("peer_flow.py")), "bench-process"],
        env=environment, capture_output=True, text=True, check=True, cwd=made.folder,
    )  # fmt: skip
    with (made.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "bench-process", "--type", "process"],
            env=environment, cwd=made.folder, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield deployed.stdout.split()[-1]
    finally:
        worker.terminate()
        worker.wait()


def _peer(made: Stage, tap: Tap, deployment: str) -> Delays:
    host = made.fleet.hosts[0]
    delays = Delays([], [])
    for number in range(PEERS + 1):
        tap.first_byte.clear()
        mark = made.folder / f"mark{number}"
        parameters = {
            "address": "127.0.0.1", "port": tap.port, "username": host.username, "key": host.private_key_path,
            "host_key": host.host_key, "mark": str(mark),
        }  # fmt: skip
        called = time.time()
        _prefect(made, f"/deployments/{deployment}/create_flow_run", {"parameters": parameters})
        while not mark.exists():
            if time.time() - called > PATIENCE_SECONDS:
                raise TimeoutError((made.folder / "worker.log").read_text()[-2000:])
            time.sleep(0.01)
        if number:  # the first one waits for the worker to come up
            delays.first_byte.append(tap.first_byte[0] - called)
            delays.output.append(float(mark.read_text() or time.time()) - called)
    return delays


def _prefect(made: Stage, path: str, body: dict[str, Any]) -> None:
    installation = made.installation
    auth = base64.b64encode((installation.home / "prefect" / "auth").read_bytes().strip()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{installation.prefect_port}/api{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": f"Basic {auth}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        response.read()
