"""What a job does without touching anything: values, messages, waiting, judging."""

import asyncio
from typing import Annotated, Any

from pydantic import Field, JsonValue

from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import Result, StepContext, action
from opsconductor.sdk.transport import CommandOutput


@action("set", effect="read", scope="any")
async def set_values(step: StepContext, *, values: dict[str, JsonValue]) -> Result[dict[str, Any]]:
    """Give names to values for later steps.

    Args:
        step: Where the step runs.
        values: Outputs of this step: name and value.
    """
    return Result.unchanged(f"set {', '.join(values) or 'nothing'}", dict(values))


@action("log", effect="read", scope="any")
async def log(step: StepContext, *, message: str) -> Result[None]:
    """Write a message into the step's output.

    Args:
        step: Where the step runs.
        message: The text.
    """
    first = message.splitlines()[0] if message.strip() else ""
    said = CommandOutput(stdout=message, stdout_bytes=len(message.encode()))
    return Result(did_change=False, summary=first[:200], outputs=None, command=said)


async def _would_wait(step: StepContext, *, seconds: Annotated[float, Field(ge=0, le=86400)]) -> Result[None]:
    return Result.unchanged(f"would wait {seconds:g} s")


@action("delay", effect="read", scope="any", check=_would_wait)
async def delay(step: StepContext, *, seconds: Annotated[float, Field(ge=0, le=86400)]) -> Result[None]:
    """Wait; a stop of the run ends the wait at once.

    Args:
        step: Where the step runs.
        seconds: How long, at most a day.
    """
    await asyncio.sleep(seconds)
    return Result.unchanged(f"waited {seconds:g} s")


@action("assert", effect="read", scope="any")
async def assert_that(step: StepContext, *, that: bool, message: str = "the condition is not met") -> Result[None]:
    """Go on only when a condition holds.

    Args:
        step: Where the step runs.
        that: The condition, usually one expression such as `${{ steps.probe.exit_code == 0 }}`.
        message: What to say when it does not hold.
    """
    if not that:
        raise ActionFailedError(message)
    return Result.unchanged("the condition holds")


@action("fail", effect="read", scope="any")
async def fail(step: StepContext, *, message: str) -> Result[None]:
    """End the step as failed.

    Args:
        step: Where the step runs.
        message: Why.
    """
    raise ActionFailedError(message)
