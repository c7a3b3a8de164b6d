"""Fan-out: work on many targets with a few tasks."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


async def fan_out(items: Sequence[T], limit: int, work: Callable[[T], Awaitable[None]]) -> None:
    """Do the work on every item, at most `limit` at a time; the first error ends it all."""
    queue = iter(items)

    async def worker() -> None:
        for item in queue:
            await work(item)

    await together(worker() for _ in range(min(limit, len(items))))


async def together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all side by side; the first error cancels the others and is raised as it is."""
    tasks = [asyncio.create_task(coroutine) for coroutine in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
