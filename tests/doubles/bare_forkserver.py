"""`python -m tests.doubles.bare_forkserver SOCKET UID`: the fork server with children that import nothing.

A child says its session over the broker's socket and ends with the epoch as exit code; epoch 99 waits.
"""

import os
import signal
import socket
import stat
import sys
from pathlib import Path

from flows.worker.fork_request import ForkRequest
from flows.worker.forkserver import ForkServer
from flows.worker.framing import encode


def sockets_held() -> int:
    """How many of the descriptors after the standard ones are sockets."""
    held = 0
    for number in range(3, 256):
        try:
            held += stat.S_ISSOCK(os.fstat(number).st_mode)
        except OSError:
            continue
    return held


def child_main(request: ForkRequest, broker: socket.socket) -> int:
    broker.sendall(encode({"run": str(request.run_id), "sid": os.getsid(0), "sockets": sockets_held()}))
    if request.epoch == 99:
        signal.pause()
    if request.epoch == 98:
        raise RuntimeError("a child that fails")
    return request.epoch


if __name__ == "__main__":
    ForkServer(Path(sys.argv[1]), int(sys.argv[2]), child_main).serve()
