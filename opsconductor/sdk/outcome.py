"""How a step ended on a target, and how a run ended."""

from enum import IntEnum, StrEnum


class Outcome(IntEnum):
    """How one step ended on one target. The numbers are stored; they never change."""

    OK = 0
    CHANGED = 1
    SKIPPED = 2
    FAILED = 3
    UNREACHABLE = 4
    AUTH_FAILED = 5
    TIMED_OUT = 6
    CANCELLED = 7
    UNKNOWN = 8

    @property
    def good(self) -> bool:
        """Whether what hangs on success may go on."""
        return self <= Outcome.SKIPPED

    @property
    def label(self) -> str:
        """The outcome's name as people and documents write it, such as `timed_out`."""
        return self.name.lower()


class RunOutcome(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NO_TARGETS = "no_targets"
    UNKNOWN = "unknown"
