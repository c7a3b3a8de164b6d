"""What steps printed: read, compared, searched, taken away."""

from uuid import UUID

from flows.ledger.pair import PairKey
from flows.ledger.tables import JobRun
from flows.ledger.values import decompressed
from flows.plan import PlannedStep
from opsconductor.errors import InvalidInputError, NotFoundError, Problem
from portal.authz.actor import Actor
from portal.jobs.repository import JobRepository
from portal.runs.reading import get_run, steps_of
from portal.runs.repository import RunRepository

from .downloading import Download, Format, Labels
from .grouping import group_outputs
from .ranges import Range, count_lines
from .repository import OutputRepository, Part
from .schemas import Hit, Hits, OutputGroups, OutputRead
from .searching import Place, Search

_RUN_ORD = -1


class Books:
    """Everything that output is read from."""

    def __init__(self, runs: RunRepository, jobs: JobRepository, outputs: OutputRepository) -> None:
        self.runs = runs
        self.jobs = jobs
        self.outputs = outputs


async def read_output(books: Books, actor: Actor, run_id: UUID, key: PairKey, wanted: Range) -> OutputRead:
    """What an attempt printed, or a range of it."""
    run = await get_run(books.runs, actor, run_id)
    row = await books.outputs.find(run.id, key)
    if row is None:
        where = f"of step {key.step_ord} attempt {key.attempt} on target {key.target_ord}"
        raise NotFoundError("output", where)
    stdout, stderr = decompressed(row.stdout), decompressed(row.stderr)
    return OutputRead(
        stdout=wanted.cut(stdout),
        stderr=wanted.cut(stderr),
        stdout_bytes=row.stdout_bytes,
        stderr_bytes=row.stderr_bytes,
        truncated=row.truncated,
        stdout_lines=count_lines(stdout),
        stderr_lines=count_lines(stderr),
    )


async def group(books: Books, actor: Actor, run_id: UUID, step_id: str) -> OutputGroups:
    """Targets on which a step came to the same."""
    run = await get_run(books.runs, actor, run_id)
    step = await _step(books, run, step_id)
    names = await books.outputs.list_names(run.id)
    groups = await group_outputs(books.outputs, run.id, step.ord, names)
    return OutputGroups(step=step.id, total=sum(found.count for found in groups), groups=groups)


async def search(
    books: Books,
    actor: Actor,
    run_id: UUID,
    wanted: Search,
    *,
    target: str | None,
    step: str | None,
) -> Hits:
    """Lines that hold a text, in any case of letters."""
    run = await get_run(books.runs, actor, run_id)
    labels = await _labels(books, run)
    done = await wanted.over(books.outputs.opened, await _part(books, run, target, step))
    return Hits(
        items=[
            Hit(
                target=labels.target(found.key.target_ord),
                target_ord=found.key.target_ord,
                step=labels.step(found.key.step_ord),
                step_ord=found.key.step_ord,
                attempt=found.key.attempt,
                stream=found.stream,
                line=found.line,
                text=found.text,
            )
            for found in done.hits
        ],
        count=done.count,
        outputs=done.outputs,
        complete=done.complete,
        next=str(done.next) if done.next else None,
    )


def new_search(q: str, limit: int, cursor: str | None) -> Search:
    """One page of a search.

    Raises:
        InvalidInputError: There is nothing to look for, or the cursor is none of a search.
    """
    if not q.strip():
        raise InvalidInputError([Problem("q", "is empty", "say what to look for")])
    return Search(q, limit, Place.read(cursor))


async def download(
    books: Books,
    actor: Actor,
    run_id: UUID,
    *,
    target: str | None,
    step: str | None,
    format_: Format,
    times: bool,
) -> Download:
    """The output of a run, a target or a step as a file; refused before anything is sent."""
    run = await get_run(books.runs, actor, run_id)
    part = await _part(books, run, target, step)
    name = "-".join(filter(None, (run.job_name, str(run.id)[-8:], target, step)))
    return Download(part, await _labels(books, run), name, format_, times)


async def _part(books: Books, run: JobRun, target: str | None, step: str | None) -> Part:
    step_ord = (await _step(books, run, step)).ord if step else None
    if target is None:
        return Part(run.id, step_ord=step_ord)
    ord_ = await _target_ord(books, run, target)
    return Part(run.id, ord_, ord_, step_ord)


async def _target_ord(books: Books, run: JobRun, target: str) -> int:
    if target in ("", "-"):
        return _RUN_ORD
    found = await books.runs.find_target(run, target)
    if found is None:
        raise NotFoundError("target", f"{target} in run {run.id}")
    return found.ord


async def _step(books: Books, run: JobRun, step_id: str) -> PlannedStep:
    steps = await steps_of(books.jobs, run)
    found = next((step for step in steps if step.id == step_id), None)
    if found is None:
        known = ", ".join(step.id for step in steps) or "none"
        raise NotFoundError("step", f"{step_id} in run {run.id}", hint=f"its steps: {known}")
    return found


async def _labels(books: Books, run: JobRun) -> Labels:
    steps = {step.ord: step.id for step in await steps_of(books.jobs, run)}
    return Labels(await books.outputs.list_names(run.id), steps)
