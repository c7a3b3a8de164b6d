"""What counts as ready: never what a dead part left behind."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

from flows.worker.ready_mark import ready_mark
from opsconductor.cli.machine.ready import is_held, is_listened_to

HOLD = """
import sys
from pathlib import Path
from flows.worker.ready_mark import ready_mark
with ready_mark(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_mark_counts_while_its_worker_holds_it(tmp_path: Path) -> None:
    mark = tmp_path / "run" / "worker.ready"
    assert not is_held(mark)
    with ready_mark(mark):
        assert is_held(mark)
    assert not is_held(mark)


def test_the_mark_of_a_killed_worker_does_not_count(tmp_path: Path) -> None:
    mark = tmp_path / "worker.ready"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(mark)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"held\n"
        assert is_held(mark)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert mark.exists()
        assert not is_held(mark)


def test_a_socket_that_nobody_listens_on_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert not is_listened_to(path)
        listener.listen()
        assert is_listened_to(path)
    assert path.exists()
    assert not is_listened_to(path)
