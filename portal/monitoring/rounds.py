"""What the portal does for a round of health checks: it has logins made, keeps what came of them, notes changes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flows.compiler import ActionCatalogue
from opsconductor.errors import UnavailableError
from portal.audit.log import AuditLog
from portal.connections.repository import ConnectionRepository
from portal.connections.schemas import ConnectionResult
from portal.connections.service import results_of, start_permitted
from portal.identity.repository import IdentityRepository
from portal.kit.ids import now
from portal.runs.starting import Books

from .models import HealthRecord, TargetStatus
from .repository import HealthRepository

_GONE = "whoever switched its check on is no active user any more; switch it on again"


async def begin_logins(
    health: HealthRepository,
    identity: IdentityRepository,
    connections: ConnectionRepository,
    books: Books,
    actions: ActionCatalogue,
) -> bool:
    """Begin logins that a round asks for, with the rights of whoever switched them on; False: there were none."""
    asked = await health.claim_logins()
    if asked is None:
        return False
    asked.begun_at = now()
    ids = [UUID(target_id) for target_id in asked.target_ids]
    actor = await identity.find_user_actor(asked.user_id)
    refused: Mapping[UUID, str] = dict.fromkeys(ids, _GONE)
    if actor is not None:
        try:
            run, refused = await start_permitted(connections, books, actions, actor, ids)
            asked.run_id = run.id if run else None
        except UnavailableError as error:
            refused = dict.fromkeys(ids, str(error))
    if asked.run_id is None:
        asked.ended_at = now()
    await health.keep([_row(target_id, "failed", None, reason) for target_id, reason in refused.items()])
    return True


async def keep_results(health: HealthRepository, connections: ConnectionRepository) -> bool:
    """Keep what came of logins whose run has ended; False: there were none."""
    found = await health.claim_ended()
    if found is None:
        return False
    asked, run = found
    await health.keep([_row_of(result) for result in await results_of(connections, run)])
    asked.ended_at = now()
    return True


async def note_changes(health: HealthRepository, audit: AuditLog) -> bool:
    """Let the status of targets follow what was found; a change is put on record once. False: nothing was new."""
    records = await health.unnoted()
    statuses = await health.statuses([record.target_id for record in records])
    names = await health.names([record.target_id for record in records])
    for record in records:
        _note(health, audit, statuses, names, record)
        record.noted = True
    return bool(records)


def _note(
    health: HealthRepository,
    audit: AuditLog,
    statuses: dict[UUID, TargetStatus],
    names: Mapping[UUID, str],
    record: HealthRecord,
) -> None:
    at = record.at or now()
    status = statuses.get(record.target_id)
    before = status.status if status else "unknown"
    if status is None:
        status = TargetStatus(target_id=record.target_id, status=record.status, since=at, checked_at=at)
        statuses[record.target_id] = status
        health.add_status(status)
    elif status.status != record.status:
        status.status, status.since = record.status, at
    status.checked_at, status.latency_ms, status.detail = at, record.latency_ms, record.detail
    if before != record.status and {before, record.status} != {"unknown", "up"}:
        facts = {"name": names.get(record.target_id, ""), "before": before, "after": record.status}
        audit.record(None, "target.health_changed", "target", record.target_id, **facts, detail=record.detail)


def _row_of(result: ConnectionResult) -> dict[str, Any]:
    status = "up" if result.status == "connected" else result.status
    return _row(result.target_id, "failed" if status == "waiting" else status, result.login_ms, result.reason)


def _row(target_id: UUID, status: str, latency_ms: float | None, detail: str) -> dict[str, Any]:
    return {
        "target_id": target_id, "mode": "login", "status": status, "latency_ms": latency_ms, "detail": detail[:2000],
        "noted": False,
    }  # fmt: skip
