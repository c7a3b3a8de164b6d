"""The hash chain of the audit log."""

import hashlib
import json
from collections.abc import Iterable

from .models import AuditEntry

GENESIS = "0" * 64


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the entry's facts and the hash of the one before, as canonical JSON."""
    content = entry.model_dump(mode="json", exclude={"hash", "at"}) | {"at": int(entry.at.timestamp() * 1_000_000)}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def first_break(entries: Iterable[AuditEntry], previous: str = GENESIS) -> int | None:
    """Sequence number of the first entry that was changed, added or removed by hand; None when all agree."""
    for entry in entries:
        if entry.previous_hash != previous or entry.hash != entry_hash(entry):
            return entry.seq
        previous = entry.hash
    return None
