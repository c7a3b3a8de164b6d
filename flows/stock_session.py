"""The session of a run in a process that our worker did not start: a stock Prefect worker's.

Where things are comes from the environment. Credentials come from the portal, under a token that is good
for this run only; `docs/adr/0004-stock-worker.md` says how, and what it weakens against our own worker.
"""

import asyncio
import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

import psycopg
from prefect.context import FlowRunContext
from psycopg import AsyncConnection

from flows.engine.session import OpenedCredentials, Session, open_session
from flows.ledger.record import RunRecord
from flows.ledger.session import RunLedger
from flows.tracing import TracingVariables, open_tracing
from flows.worker.framing import FramingError
from flows.worker.handover import Handover
from flows.worker.owner import owner_of
from opsconductor.errors import NotFoundError, UnavailableError

DATABASE_VARIABLE = "OPSCONDUCTOR_RUN_DATABASE_URL"
PORTAL_VARIABLE = "OPSCONDUCTOR_PORTAL_URL"
_SECONDS = 30
_PAUSE_SECONDS = 1.0
_TOKEN = "SELECT token FROM job_run_tokens WHERE run_id = %s AND expires_at > now()"  # noqa: S105  (a query)


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

    tracing = open_tracing("opsconductor-flow", TracingVariables.of_process())
    return await open_session(claim, PortalCredentials(dsn), SSHConnector(), load(), tracing)


def _epoch(run_id: UUID) -> int:
    """The epoch that the flow run was made for: it is in its idempotency key, `run_id:epoch`."""
    context = FlowRunContext.get()
    key = context.flow_run.idempotency_key if context and context.flow_run else None
    run, _, epoch = (key or "").rpartition(":")
    if run != str(run_id) or not epoch.isdigit():
        raise NotFoundError("an epoch of run", run_id)
    return int(epoch)


class PortalCredentials:
    """The portal's internal endpoint, which answers one run's token with that run's credentials.

    Args:
        dsn: Our database, where the run's token is.
        patience_seconds: How long the portal may be away before the run goes on without credentials.
    """

    def __init__(self, dsn: str, *, patience_seconds: float = 120.0) -> None:
        self._dsn = dsn
        self._patience = patience_seconds

    async def open(self, run: RunRecord) -> OpenedCredentials:
        """See `CredentialSource.open`. A run that uses no credential does not ask."""
        if not run.credentials:
            return OpenedCredentials()
        try:
            request = await self._request(run)
            return await self._ask(request)
        except UnavailableError as error:
            return OpenedCredentials(refused=dict.fromkeys(run.credentials, str(error)))

    async def _request(self, run: RunRecord) -> Request:
        portal = os.environ.get(PORTAL_VARIABLE, "")
        if not portal.startswith(("http://", "https://")):
            raise UnavailableError(f"{PORTAL_VARIABLE} does not say where the portal is")
        try:
            async with await AsyncConnection.connect(self._dsn) as connection:
                row = await (await connection.execute(_TOKEN, (run.id,))).fetchone()
        except psycopg.Error as error:
            raise UnavailableError(f"the run's token cannot be read: {error}") from None
        if row is None:
            raise UnavailableError("the run was not made for a stock worker: it has no token")
        url = f"{portal.rstrip('/')}/internal/runs/{run.id}/credentials?epoch={run.epoch}"
        return Request(url, headers={"Authorization": f"Bearer {row[0]}"})  # noqa: S310  (its scheme was looked at)

    async def _ask(self, request: Request) -> OpenedCredentials:
        give_up = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                handover = Handover.from_message(json.loads(await asyncio.to_thread(_read, request)))
            except HTTPError as error:
                raise UnavailableError(f"the portal hands nothing over: {error.code}") from None
            except (OSError, ValueError, FramingError) as error:
                if asyncio.get_running_loop().time() > give_up:
                    raise UnavailableError(f"the portal does not answer: {error}") from None
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return OpenedCredentials(handover.credentials, handover.refused)


def _read(request: Request) -> bytes:
    with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  (its scheme was looked at)
        return answer.read()
