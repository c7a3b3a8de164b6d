"""One site for all acceptance tests of a session, and a mail server for each."""

import asyncio
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from deploy.fleet import Fleet
from tests.doubles.mail_sink import MailSink, mail_sink
from tests.fixtures.inventory import inventory
from tests.fixtures.machine import Installation

from .site import Site


@pytest.fixture(scope="session")
def site(machine: Installation, fleet: Fleet) -> Iterator[Site]:
    """An installation with the fleet's hosts as its targets: key login, pinned host keys, tags `web` and `db`."""
    first = fleet.hosts[0]
    with machine.client() as client:
        secret = {"kind": "ssh_key", "username": first.username, "private_key": first.private_key}
        client.post("/credentials", {"name": "fleet", "secret": secret})
        targets = [
            {
                "name": host.name, "address": host.address, "port": host.port, "tags": ["web", "db"],
                "credential": "fleet", "host_keys": [host.host_key],
            }
            for host in fleet.hosts
        ]  # fmt: skip
        assert client.post("/inventory/import", inventory(targets))["created"] == len(fleet.hosts)
        yield Site(machine, client, fleet.hosts)


@pytest.fixture
def mail() -> Iterator[MailSink]:
    """A real SMTP server on the loopback, in a thread of its own: the tests wait for runs, which wait for it."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = mail_sink()
    try:
        yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result()
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def mailing(mail: MailSink) -> dict[str, Any]:
    """Parameters that lead a job's mail there."""
    return {"mail_host": "127.0.0.1", "mail_port": mail.port, "mail_to": "ops@example.org"}
