"""The matrix of a run: one snapshot, and what changed since."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flows.ledger.tables import JobRun
from opsconductor.errors import InvalidInputError, Problem
from portal.authz.actor import Actor
from portal.jobs.repository import JobRepository
from portal.kit.tagged import Tagged, is_known
from portal.runs.reading import get_run, read_steps, steps_of
from portal.runs.repository import RunRepository

from .cells import CODES, Grid, Latest, code_of
from .repository import EndedTarget, MatrixRepository, Since
from .schemas import MatrixChanges, MatrixRead, RunState

CELLS_AT_ONCE = 1_000_000
CHANGES_AT_ONCE = 20_000
_RUN_ORD = -1


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that the matrix is read from."""

    runs: RunRepository
    jobs: JobRepository
    matrix: MatrixRepository


@dataclass(frozen=True, slots=True)
class Window:
    """Which targets to show: from one number up to, but without, another."""

    first: int = 0
    end: int | None = None


async def read(
    books: Books, actor: Actor, run_id: UUID, window: Window, after: int | None, known: str | None
) -> Tagged[MatrixRead] | Tagged[MatrixChanges]:
    """The matrix, or with a cursor what changed in it."""
    if after is None:
        return await read_matrix(books, actor, run_id, window, known)
    changes = await read_changes(books, actor, run_id, after)
    return Tagged(f'"{changes.from_}-{changes.to}"', changes)


async def read_matrix(
    books: Books, actor: Actor, run_id: UUID, window: Window, known: str | None
) -> Tagged[MatrixRead]:
    """Every pair of a run, unless the caller knows it already.

    Raises:
        InvalidInputError: There are too many cells for one answer.
    """
    run = await get_run(books.runs, actor, run_id)
    tag = f'"{run.event_seq}-{window.first}-{window.end}"'
    if is_known(known, tag):
        return Tagged(tag)
    steps = await steps_of(books.jobs, run)
    grid = Grid.of(steps)
    first, last = _bounds(run, window, grid)
    targets = await books.matrix.list_targets(run.id, first, last)
    cells = bytearray(len(targets) * grid.width)
    (await books.matrix.read_pairs(run.id, grid, first, last)).fill(cells)
    run_cells = bytearray(grid.width)
    (await books.matrix.read_pairs(run.id, grid, _RUN_ORD, _RUN_ORD)).fill(run_cells)
    body = MatrixRead(
        seq=run.event_seq,
        state=RunState.model_validate(run),
        codes=list(CODES),
        steps=await read_steps(books.runs, run, steps),
        total=run.target_count,
        first=first,
        targets=[target.name for target in targets],
        cells=b64encode(cells).decode(),
        run_cells=b64encode(run_cells).decode(),
        target_cells=b64encode(bytes(code_of(target.outcome) for target in targets)).decode(),
        notes=notes_of(targets),
    )
    return Tagged(tag, body)


async def read_changes(books: Books, actor: Actor, run_id: UUID, after: int) -> MatrixChanges:
    """What changed after an event, up to now."""
    return await changes_of(books, await get_run(books.runs, actor, run_id), after)


async def changes_of(books: Books, run: JobRun, after: int) -> MatrixChanges:
    """What changed in a run after an event, up to what the run was read with."""
    since = Since(min(after, run.event_seq), run.event_seq)
    found = MatrixChanges(from_=since.after, to=since.upto, state=RunState.model_validate(run))
    if since.after == since.upto:
        return found
    grid = Grid.of(await steps_of(books.jobs, run))
    changed = await books.matrix.read_changed(run.id, grid, since, CHANGES_AT_ONCE + 1)
    if not changed.told or changed.count > CHANGES_AT_ONCE:
        return found.model_copy(update={"reset": True})
    found.cells = _triples(changed.pairs, grid.width)
    found.targets = [number for target in changed.targets for number in (target.ord, code_of(target.outcome))]
    found.notes = notes_of(changed.targets)
    return found


def notes_of(targets: Iterable[EndedTarget]) -> dict[int, str]:
    """Why targets ended as they did, where there is a reason."""
    return {target.ord: target.reason for target in targets if target.reason}


def _triples(pairs: Latest, width: int) -> list[int]:
    found: list[int] = []
    for word in pairs:
        row, column = divmod(word >> 24, width)
        found += (row - 1, column, word & 0xFF)
    return found


def _bounds(run: JobRun, window: Window, grid: Grid) -> tuple[int, int]:
    end = run.target_count if window.end is None else min(window.end, run.target_count)
    if (end - window.first) * grid.width > CELLS_AT_ONCE:
        most = CELLS_AT_ONCE // max(grid.width, 1)
        hint = f"ask for at most {most} targets with `from` and `to`"
        raise InvalidInputError([Problem("to", f"more than {CELLS_AT_ONCE:,} cells are too many for one answer", hint)])
    return window.first, end - 1
