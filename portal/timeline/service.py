"""When things happened in a run: every target in short, some of them step by step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flows.plan import PlannedStep
from opsconductor.errors import InvalidInputError, Problem
from portal.authz.actor import Actor
from portal.jobs.repository import JobRepository
from portal.kit.ids import now
from portal.matrix.cells import Grid
from portal.matrix.repository import MatrixRepository
from portal.matrix.service import Window
from portal.runs.reading import get_run, steps_of
from portal.runs.repository import RunRepository

from .repository import StepTimes, TimelineRepository
from .schemas import StepTimeline, TimelineRead

SPANS_AT_ONCE = 100_000
_DEFAULT_TARGETS = 200
_MILLISECOND = timedelta(milliseconds=1)
_LAST = 2**31 - 1
_RUN_ORD = -1


class Books:
    """Everything that the timeline is read from."""

    def __init__(
        self, runs: RunRepository, jobs: JobRepository, matrix: MatrixRepository, times: TimelineRepository
    ) -> None:
        self.runs = runs
        self.jobs = jobs
        self.matrix = matrix
        self.times = times


async def read_timeline(books: Books, actor: Actor, run_id: UUID, window: Window) -> TimelineRead:
    """Every step, every target in short, and the attempts on some targets.

    Raises:
        InvalidInputError: The targets asked for have too many attempts for one answer.
    """
    run = await get_run(books.runs, actor, run_id)
    steps = await steps_of(books.jobs, run)
    grid = Grid.of(steps)
    end = min(run.target_count, window.first + _DEFAULT_TARGETS if window.end is None else window.end)
    if (end - window.first) * grid.width > SPANS_AT_ONCE:
        hint = f"ask for at most {SPANS_AT_ONCE // grid.width} targets with `from` and `to`"
        raise InvalidInputError([Problem("to", "asks for too many attempts", hint)])
    origin = run.started_at or run.created_at or now()
    known = {times.step_ord: times for times in await books.times.list_steps(run.id)}
    targets = await books.times.list_targets(run.id, origin, 0, _LAST)
    spans = [
        *await books.times.list_spans(run.id, origin, _RUN_ORD, _RUN_ORD),
        *await books.times.list_spans(run.id, origin, window.first, end - 1),
    ]
    return TimelineRead(
        origin=origin,
        finished_at=run.finished_at,
        steps=_steps(steps, known, origin),
        total=run.target_count,
        targets=[number for target in targets for number in target],
        first=window.first,
        names=[target.name for target in await books.matrix.list_targets(run.id, window.first, end - 1)],
        spans=[
            number
            for span in spans
            if (column := grid.column(span.step_ord)) is not None
            for number in (span.target_ord, column, span.attempt, span.start_ms, -1 if span.ms is None else span.ms)
        ],
    )


def _steps(steps: Sequence[PlannedStep], known: dict[int, StepTimes], origin: datetime) -> list[StepTimeline]:
    return [_step(step, known.get(step.ord), origin) for step in steps]


def _step(step: PlannedStep, times: StepTimes | None, origin: datetime) -> StepTimeline:
    ended = times is not None and not times.running and times.last_done_at is not None
    return StepTimeline(
        id=step.id,
        uses=step.uses,
        scope=step.scope,
        count=times.attempts if times else 0,
        running=times.running if times else 0,
        start_ms=(times.first_sent_at - origin) // _MILLISECOND if times else None,
        end_ms=(times.last_done_at - origin) // _MILLISECOND if times and ended and times.last_done_at else None,
        min_ms=times.min_ms if times else None,
        median_ms=times.median_ms if times else None,
        max_ms=times.max_ms if times else None,
    )
