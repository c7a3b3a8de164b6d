"""Batches: the rolling waves in which a run goes over its targets."""

from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import TypeVar

from flows.plan import Strategy

T = TypeVar("T")


def waves(batches: Sequence[int | str], items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut the items into waves of the sizes in `batches`; the last size repeats.

    A percentage is of all items, rounded up and at least one. No sizes: one wave.
    """
    sizes = [size_of(batch, len(items)) for batch in batches] or [len(items)]
    begin = 0
    for place in range(len(items)):
        if begin >= len(items):
            return
        end = begin + max(1, sizes[min(place, len(sizes) - 1)])
        yield items[begin:end]
        begin = end


def size_of(size: int | str, total: int) -> int:
    """A count, or a percentage of `total` rounded up."""
    if isinstance(size, int):
        return size
    return ceil(total * _percent(size) / 100)


def too_many(strategy: Strategy, failures: int, total: int) -> bool:
    """Whether more targets failed than `max_failures` allows; a percentage rounds down."""
    limit = strategy.max_failures
    if limit is None:
        return False
    allowed = limit if isinstance(limit, int) else floor(total * _percent(limit) / 100)
    return failures > allowed


def _percent(text: str) -> float:
    return float(text.rstrip().removesuffix("%"))
