"""What an action without a host gets as its first argument."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunContext:
    """The run as an action of scope `run` sees it: once, on no target.

    Attributes:
        name: Where the action runs, for messages: `run`.
        run: The run's facts, as `run.*` in expressions (id, job, requested_by, url, failed_targets, …).
    """

    name: str = "run"
    run: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class StepContext:
    """The step as an action of scope `any` sees it: for a target or for the run, with no connection.

    Attributes:
        name: The target's name, or `run`.
        target: The target's facts, as `target.*` in expressions; None when the step runs once.
        run: The run's facts, as `run.*` in expressions.
    """

    name: str = "run"
    target: Mapping[str, Any] | None = None
    run: Mapping[str, Any] = field(default_factory=dict[str, Any])
