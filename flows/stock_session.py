"""The session of a run in a process that our worker did not start: a stock Prefect worker's.

Where things are comes from the environment that the work pool's base job template gives such processes.
Credentials come from the portal, under a token that is good for this run only. What this weakens against
our own worker is said in `docs/how-to/stock-worker.md`.
"""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen
from uuid import UUID

from prefect.context import FlowRunContext

from flows.engine.session import OpenedCredentials, Session, open_session
from flows.ledger.record import RunRecord
from flows.ledger.session import RunLedger
from flows.worker.framing import FramingError
from flows.worker.handover import Handover
from flows.worker.owner import owner_of
from opsconductor.errors import NotFoundError, UnavailableError

DATABASE_VARIABLE = "OPSCONDUCTOR_RUN_DATABASE_URL"
PORTAL_VARIABLE = "OPSCONDUCTOR_PORTAL_URL"
TOKEN_VARIABLE = "OPSCONDUCTOR_RUN_TOKEN"  # noqa: S105  (the name of a variable)
_SECONDS = 30


def database_url() -> str:
    """DSN of our database for flow processes.

    Raises:
        UnavailableError: The environment does not say it.
    """
    dsn = os.environ.get(DATABASE_VARIABLE)
    if not dsn:
        raise UnavailableError(f"{DATABASE_VARIABLE} is not set: this process cannot read OpsConductor's record")
    return dsn


async def open_stock_session(run_id: UUID) -> Session:
    """Claim the run that this flow run was made for.

    Raises:
        RunNotClaimableError: Another process has it, or it has ended.
        UnavailableError: The environment lacks what is needed.
    """
    from steplib.loader import load  # our own worker brings its own, warm
    from steplib.transports.ssh import SSHConnector

    dsn, epoch = database_url(), _epoch(run_id)
    context = FlowRunContext.get()
    flow_run = context.flow_run if context else None

    async def claim() -> RunLedger:
        owner = owner_of(os.getpid())
        return await RunLedger.claim(dsn, run_id, epoch, owner=owner, flow_run_id=flow_run.id if flow_run else None)

    return await open_session(claim, PortalCredentials(), SSHConnector(), load())


def _epoch(run_id: UUID) -> int:
    """The epoch that the flow run was made for: it is in its idempotency key, `run_id:epoch`."""
    context = FlowRunContext.get()
    key = context.flow_run.idempotency_key if context and context.flow_run else None
    run, _, epoch = (key or "").rpartition(":")
    if run != str(run_id) or not epoch.isdigit():
        raise NotFoundError("an epoch of run", run_id)
    return int(epoch)


class PortalCredentials:
    """The portal's internal endpoint, which answers one run's token with that run's credentials."""

    def __init__(self, read: Callable[[Request], bytes] | None = None) -> None:
        self._read = read or _read

    async def open(self, run: RunRecord) -> OpenedCredentials:
        """See `CredentialSource.open`. A run that uses no credential does not ask."""
        if not run.credentials:
            return OpenedCredentials()
        portal, token = os.environ.get(PORTAL_VARIABLE), os.environ.get(TOKEN_VARIABLE)
        if not portal or not token:
            raise UnavailableError(f"{PORTAL_VARIABLE} and {TOKEN_VARIABLE} are not set: no credentials for this run")
        url = f"{portal.rstrip('/')}/internal/runs/{run.id}/credentials"
        request = Request(url, method="POST", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        try:
            message: dict[str, Any] = json.loads(await asyncio.to_thread(self._read, request))
            handover = Handover.from_message(message)
        except (URLError, ValueError, FramingError) as error:
            raise UnavailableError(f"the portal does not hand over the credentials of run {run.id}: {error}") from None
        return OpenedCredentials(handover.credentials, handover.refused)


def _read(request: Request) -> bytes:
    if request.type not in ("http", "https"):
        raise ValueError(f"{PORTAL_VARIABLE} is no http URL")
    with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  (its scheme was looked at)
        return answer.read()
