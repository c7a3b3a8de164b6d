"""Host keys met on first use are kept on their targets, by reading the events of runs from a cursor."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from portal.audit.log import AuditLog, audited
from portal.kit.database import Sessions
from portal.kit.ids import id_at, now
from portal.runs.models import EventPosition

_LOOK_BACK = timedelta(days=30)
# Keys are UUIDv7, so the primary key finds the runs of the last month.
_UNREAD = text("""
SELECT r.id, r.event_seq FROM job_runs r LEFT JOIN event_positions p ON p.run_id = r.id
WHERE r.id > :oldest AND r.event_seq > coalesce(p.seq, 0) LIMIT 200
""")
# Trust on first use: only a target that has no key yet, and is still the host that the run met.
_PIN = text("""
UPDATE targets t SET host_keys = jsonb_build_array(s.first_seen_key), updated_at = now()
FROM job_run_targets s
WHERE s.run_id = :run_id AND s.first_seen_key IS NOT NULL AND t.id = CAST(s.target_id AS uuid)
  AND t.host_keys = '[]'::jsonb AND t.address = s.address AND t.port = s.port
RETURNING t.id, t.name, s.first_seen_key
""")


async def pin_host_keys(sessions: Sessions) -> bool:
    """Keep the keys that runs met since the last look."""
    async with sessions() as session:
        unread = (await session.execute(_UNREAD, {"oldest": id_at(now() - _LOOK_BACK)})).all()
    for run_id, seq in unread:
        await _pin(sessions, run_id, seq)
    return False


async def _pin(sessions: Sessions, run_id: UUID, seq: int) -> None:
    async with audited(sessions) as (session, audit):
        for target_id, name, key in await session.execute(_PIN, {"run_id": run_id}):
            _record(audit, run_id, target_id, name, key)
        position = insert(EventPosition).values(run_id=run_id, seq=seq)
        await session.execute(
            position.on_conflict_do_update(
                index_elements=[col(EventPosition.run_id)],
                set_={"seq": position.excluded.seq},
                where=col(EventPosition.seq) < position.excluded.seq,
            )
        )


def _record(audit: AuditLog, run_id: UUID, target_id: UUID, name: str, key: str) -> None:
    audit.record(None, "target.host_key_pinned", "target", target_id, name=name, host_key=key, run_id=str(run_id))
