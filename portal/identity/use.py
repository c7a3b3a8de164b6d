"""Which sign-ins are in use."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from portal.kit.ids import now


class SessionUse:
    """Remembers in memory which sign-ins were used, until the upkeep writes it down: no request waits for that.

    Args:
        idle: How long a sign-in lasts when it is not used.
    """

    def __init__(self, idle: timedelta) -> None:
        self.idle = idle
        self._used: dict[UUID, datetime] = {}

    def note(self, session_id: UUID) -> None:
        """The sign-in was used now."""
        self._used[session_id] = now()

    def pending(self) -> Mapping[UUID, datetime]:
        """When each was used last, as far as it is not written down yet."""
        return dict(self._used)

    def written(self, pending: Mapping[UUID, datetime]) -> None:
        """Forget what was written down; what was used again meanwhile stays."""
        for session_id, at in pending.items():
            if self._used.get(session_id) == at:
                del self._used[session_id]
