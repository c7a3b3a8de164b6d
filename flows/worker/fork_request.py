"""What the worker asks of the fork server, and what it hears back.

One connection is one flow process: the request goes up with the child's end of the broker's socket as an
SCM_RIGHTS descriptor; `{"pid": …}` comes back at once and `{"exit": …}` when the process has ended.
"""

import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from .framing import FramingError


@dataclass(frozen=True, slots=True)
class ForkRequest:
    """Start the flow process of one run.

    Attributes:
        run_id: The run.
        epoch: The epoch it is started for.
    """

    run_id: UUID
    epoch: int

    def to_message(self) -> dict[str, Any]:
        """As it travels."""
        return {**asdict(self), "run_id": str(self.run_id)}

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> "ForkRequest":
        """Read it.

        Raises:
            FramingError: It is no such request.
        """
        try:
            return cls(run_id=UUID(message["run_id"]), epoch=int(message["epoch"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FramingError("that is no fork request") from error


ChildMain = Callable[[ForkRequest, socket.socket], int]
"""What a child does with the request and its end of the broker's socket; gives its exit code."""
