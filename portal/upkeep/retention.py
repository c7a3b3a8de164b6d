"""What retention deleted is put on the audit log."""

from sqlalchemy import text

from portal.audit.log import audited
from portal.kit.database import Sessions

# A flow that still works begins its report anew, so each entry says what was deleted since the one before.
_TAKE = text("DELETE FROM retention_reports RETURNING id, outputs, events, runs, flow_runs")


async def report_retention(sessions: Sessions) -> bool:
    """Put the reports on the audit log."""
    async with audited(sessions) as (session, audit):
        for key, outputs, events, runs, flow_runs in await session.execute(_TAKE):
            facts = {"outputs": outputs, "events": events, "runs": runs, "flow_runs": flow_runs}
            audit.record(None, "retention.applied", "retention", key, **facts)
    return False
