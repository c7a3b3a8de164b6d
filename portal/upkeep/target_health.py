"""Rounds of health checks are carried on: logins begun, what came of them kept, changes noted."""

from flows.compiler import ActionCatalogue
from portal.audit.log import audited
from portal.connections.repository import ConnectionRepository
from portal.credentials.repository import CredentialRepository
from portal.handover.repository import RunTokenRepository
from portal.identity.repository import IdentityRepository
from portal.jobs.repository import JobRepository
from portal.kit.database import Sessions
from portal.kit.wakeup import Wakeup
from portal.monitoring.repository import HealthRepository
from portal.monitoring.rounds import begin_logins, keep_results, note_changes
from portal.runs.repository import RunRepository
from portal.runs.starting import Books
from portal.targets.repository import TargetRepository


async def carry_rounds_on(sessions: Sessions, actions: ActionCatalogue, *, stock_worker: bool) -> bool:
    """Do everything that waits, each piece in a transaction of its own."""
    while await _begin(sessions, actions, stock_worker=stock_worker):
        pass
    while await _keep(sessions):
        pass
    while await _note(sessions):
        pass
    return False


async def _begin(sessions: Sessions, actions: ActionCatalogue, *, stock_worker: bool) -> bool:
    async with audited(sessions) as (session, audit):
        books = Books(
            RunRepository(session),
            JobRepository(session),
            TargetRepository(session),
            CredentialRepository(session),
            audit,
            Wakeup(session),
            RunTokenRepository(session) if stock_worker else None,
        )
        connections = ConnectionRepository(session)
        return await begin_logins(HealthRepository(session), IdentityRepository(session), connections, books, actions)


async def _keep(sessions: Sessions) -> bool:
    async with sessions() as session, session.begin():
        return await keep_results(HealthRepository(session), ConnectionRepository(session))


async def _note(sessions: Sessions) -> bool:
    async with audited(sessions) as (session, audit):
        return await note_changes(HealthRepository(session), audit)
