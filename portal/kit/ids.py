"""Keys and times of rows."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: unique, and sorted by the time it was made."""
    return uuid7()


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def id_at(time: datetime, shift: timedelta = timedelta()) -> UUID:
    """The smallest key that could have been made at a time, or so long after it: finds rows by age."""
    milliseconds = max(0, int((time.timestamp() + shift.total_seconds()) * 1000))
    return UUID(int=milliseconds << 80)
