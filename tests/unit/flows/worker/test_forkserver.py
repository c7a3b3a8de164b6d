"""The fork server as a process, with children that do next to nothing."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from flows.worker.fork_client import ForkServerAwayError, start_flow_process
from flows.worker.fork_request import ForkRequest
from flows.worker.forkserver import NotSingleThreadedError, refuse_threads
from flows.worker.framing import encode

ROOT = Path(__file__).parents[4]
NOBODY = 65534


@pytest.fixture
def server() -> Iterator[Callable[..., tuple[Path, subprocess.Popen[bytes]]]]:
    started: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="opsc-fork-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)

        def start(worker_uid: int = os.getuid()) -> tuple[Path, subprocess.Popen[bytes]]:
            path = Path(folder) / f"{len(started)}.sock"
            command = [sys.executable, "-m", "tests.doubles.bare_forkserver", str(path), str(worker_uid)]
            started.append(subprocess.Popen(command, cwd=ROOT))
            while not path.exists():
                assert started[-1].poll() is None
            return path, started[-1]

        yield start
        for process in started:
            process.terminate()
            process.wait(10)


Server = Callable[..., tuple[Path, subprocess.Popen[bytes]]]


async def test_a_child_answers_and_its_exit_code_comes_back(server: Server) -> None:
    path, _ = server()
    request = ForkRequest(uuid4(), 7)
    process = await start_flow_process(path, request)
    assert await process.broker.receive() == {"run": str(request.run_id), "sid": process.pid, "sockets": 1}
    assert await process.ended() == 7
    process.close()


async def test_many_children_at_once(server: Server) -> None:
    path, _ = server()
    processes = await asyncio.gather(*(start_flow_process(path, ForkRequest(uuid4(), n)) for n in range(30)))
    assert [await process.ended() for process in processes] == list(range(30))
    for process in processes:
        assert ((await process.broker.receive()) or {}).get("sockets") == 1, "a child holds sockets of others"
        process.close()


async def test_a_child_that_fails_says_one(server: Server) -> None:
    path, _ = server()
    process = await start_flow_process(path, ForkRequest(uuid4(), 98))
    assert await process.ended() == 1
    process.close()


async def test_a_killed_child_is_told_by_its_signal(server: Server) -> None:
    path, _ = server()
    process = await start_flow_process(path, ForkRequest(uuid4(), 99))
    await process.broker.receive()
    os.kill(process.pid, signal.SIGKILL)
    assert await process.ended() == -signal.SIGKILL
    process.close()


async def test_a_child_goes_on_when_the_worker_hangs_up(server: Server) -> None:
    path, _ = server()
    process = await start_flow_process(path, ForkRequest(uuid4(), 99))
    await process.broker.receive()
    process.close()
    other = await start_flow_process(path, ForkRequest(uuid4(), 3))
    assert await other.ended() == 3
    os.kill(process.pid, 0)
    os.kill(process.pid, signal.SIGKILL)
    other.close()


async def test_children_go_on_when_the_server_is_killed(server: Server) -> None:
    path, running = server()
    process = await start_flow_process(path, ForkRequest(uuid4(), 99))
    await process.broker.receive()
    running.kill()
    assert await process.ended() is None
    os.kill(process.pid, 0)
    os.kill(process.pid, signal.SIGKILL)
    process.close()


async def test_term_ends_the_server_and_its_children(server: Server) -> None:
    path, running = server()
    process = await start_flow_process(path, ForkRequest(uuid4(), 99))
    await process.broker.receive()
    running.terminate()
    assert await asyncio.to_thread(running.wait, 10) == 0
    assert await process.ended() == -signal.SIGTERM
    assert not path.exists()
    process.close()


def ask_as(uid: int, path: Path) -> str:
    """What another account hears."""
    script = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(10)\n"
        "ours, theirs = socket.socketpair()\n"
        "try: socket.send_fds(s, [bytes.fromhex(sys.argv[2])], [theirs.fileno()]); print(s.recv(100))\n"
        "except OSError: print(b'')\n"
    )
    request = encode(ForkRequest(uuid4(), 1).to_message()).hex()
    command = ["/usr/bin/env", "python3", "-c", script, str(path), request]
    return subprocess.run(command, capture_output=True, text=True, check=True, user=uid, cwd="/").stdout.strip()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_only_root_and_the_workers_account_may_ask(server: Server) -> None:
    path, _ = server(NOBODY)
    assert ask_as(NOBODY, path).endswith("}'")
    assert ask_as(0, path).endswith("}'")
    assert ask_as(NOBODY - 1, path) == "b''"


async def test_a_request_without_the_brokers_socket_is_refused(server: Server) -> None:
    path, _ = server()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(encode(ForkRequest(uuid4(), 1).to_message()))
        assert connection.recv(100) == b""


async def test_no_server_is_said(tmp_path: Path) -> None:
    with pytest.raises(ForkServerAwayError, match="does not answer"):
        await start_flow_process(tmp_path / "nobody", ForkRequest(uuid4(), 0))


def test_a_second_thread_is_refused() -> None:
    go_on = threading.Event()
    thread = threading.Thread(target=go_on.wait)
    thread.start()
    try:
        with pytest.raises(NotSingleThreadedError):
            refuse_threads()
    finally:
        go_on.set()
        thread.join()
