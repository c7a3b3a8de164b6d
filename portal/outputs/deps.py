"""What the output endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Path, Query

from flows.ledger.pair import PairKey
from portal.jobs.deps import JobsDep
from portal.kit.database import SessionDep
from portal.kit.text import Line
from portal.runs.deps import RunsDep

from .downloading import Format
from .ranges import Range, Unit
from .repository import OutputRepository
from .searching import Search
from .service import Books, new_search


async def get_books(session: SessionDep, runs: RunsDep, jobs: JobsDep) -> Books:
    """Everything that output is read from."""
    return Books(runs, jobs, OutputRepository(session))


async def get_key(
    target_ord: Annotated[int, Path(ge=-1, le=10_000_000, description="Number in the run; -1 for what runs once.")],
    step_ord: Annotated[int, Path(ge=0, le=32_767)],
    attempt: Annotated[int, Path(ge=1, le=32_767)],
) -> PairKey:
    """One attempt."""
    return PairKey(target_ord, step_ord, attempt)


_FAR = 2**40


async def get_range(
    unit: Annotated[Unit, Query(description="What `from` and `count` count.")] = "lines",
    start: Annotated[
        int, Query(alias="from", ge=-_FAR, le=_FAR, description="Where to begin; negative: so many before the end.")
    ] = 0,
    count: Annotated[int | None, Query(ge=1, le=_FAR, description="How many; absent: up to the end.")] = None,
) -> Range:
    """Which part of what is kept."""
    return Range(unit, start, count)


async def get_search(
    q: Annotated[Line, Query(min_length=1, description="What to look for, in any case of letters.")],
    limit: Annotated[int, Query(ge=1, le=500, description="Lines a page.")] = 100,
    cursor: Annotated[Line | None, Query(description="`next` of the page before.")] = None,
) -> Search:
    """One page of a search."""
    return new_search(q, limit, cursor)


BooksDep = Annotated[Books, Depends(get_books)]
KeyDep = Annotated[PairKey, Depends(get_key)]
RangeDep = Annotated[Range, Depends(get_range)]
SearchDep = Annotated[Search, Depends(get_search)]
TargetDep = Annotated[Line | None, Query(description="Only this target: its name; `-` for the steps that run once.")]
StepDep = Annotated[Line | None, Query(description="Only this step: its id.")]
FormatDep = Annotated[Format, Query(description="`text` as it was printed, or `jsonl`: one JSON object an attempt.")]
TimesDep = Annotated[bool, Query(description="Whether to say when attempts began and ended.")]
