"""How flow processes name themselves in the record."""

import socket


def owner_of(pid: int) -> str:
    """The owner of a run, for people; the ledger adds `#` and what makes it unique."""
    return f"{socket.gethostname()}:{pid}"
