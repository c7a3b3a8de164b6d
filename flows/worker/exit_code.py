"""How a flow process says how it ended."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of a flow process. Everything else is a crash, and the run is taken over."""

    ENDED = 0
    """The run ended, whatever its outcome, and Prefect knows."""
    NOT_CLAIMED = 3
    """Another process had the run, or it had ended."""
    NOT_SHOWN = 4
    """The run ended; Prefect was away and does not know."""
    NOT_HANDED_OVER = 5
    """The worker was gone before it handed the credentials over; the run is taken over."""
    FENCED = 6
    """Another process owns the run now."""
    TERMINATED = 7
    """It was told to end; the run is taken over."""
