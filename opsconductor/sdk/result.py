"""What an action hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, cast

from pydantic import BaseModel
from typing_extensions import TypeVar

from .transport import CommandOutput

OutputsT = TypeVar("OutputsT", covariant=True)
_T = TypeVar("_T", default=None)


@dataclass(frozen=True, slots=True)
class Result(Generic[OutputsT]):
    """How an action ended; that it could not do its work is an exception, never a result.

    Attributes:
        did_change: Whether anything on the target is different now (in a dry run: would be).
        summary: One sentence for people.
        outputs: The declared outputs: a model, a mapping where they are dynamic, or None.
        command: Output of the main command, kept by the engine as the step's output.
    """

    did_change: bool
    summary: str
    outputs: OutputsT
    command: CommandOutput | None = None

    @staticmethod
    def changed(summary: str, outputs: _T = None, *, command: CommandOutput | None = None) -> "Result[_T]":
        """The action changed something."""
        return Result(True, summary, outputs, command)

    @staticmethod
    def unchanged(summary: str, outputs: _T = None, *, command: CommandOutput | None = None) -> "Result[_T]":
        """Everything was as asked, or the action only reads."""
        return Result(False, summary, outputs, command)

    @property
    def values(self) -> dict[str, Any]:
        """The outputs as JSON values, as expressions see them."""
        if self.outputs is None:
            return {}
        if isinstance(self.outputs, BaseModel):
            return self.outputs.model_dump(mode="json")
        return dict(cast("Mapping[str, Any]", self.outputs))

    @property
    def stdout(self) -> str:
        """Standard output of the main command; empty when there is none."""
        return self.command.stdout if self.command else ""

    @property
    def stderr(self) -> str:
        """Standard error of the main command; empty when there is none."""
        return self.command.stderr if self.command else ""

    @property
    def exit_code(self) -> int | None:
        """Exit code of the main command; None when there is none."""
        return self.command.exit_code if self.command else None
