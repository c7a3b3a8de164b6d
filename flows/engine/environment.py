"""What everything in one engine shares."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from opsconductor.sdk.credential import Credential

from .chunks import Gates
from .context import Contexts
from .fleet import Fleet
from .halt import Halt
from .line import Lines
from .live import LiveOutputs
from .program import Program
from .record import Record
from .redaction import Redactor


@dataclass(frozen=True)
class Environment:
    """What everything in one engine shares.

    Attributes:
        record: Where everything is written.
        program: What to do.
        fleet: Where to do it, and what became of it.
        lines: Logins.
        credentials: Opened credentials of this run, by reference.
        contexts: Values for expressions.
        redactor: Hides the credentials.
        halt: Stops everything.
        gates: Tasks that show steps; None when nobody looks.
        live: Output while it comes.
        slots: As many as targets may be in flight.
    """

    record: Record
    program: Program
    fleet: Fleet
    lines: Lines
    credentials: Mapping[str, Credential]
    contexts: Contexts
    redactor: Redactor
    halt: Halt
    gates: Gates | None
    live: LiveOutputs
    slots: asyncio.Semaphore
