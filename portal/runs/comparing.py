"""Two runs side by side: targets whose outcome changed."""

from uuid import UUID

from opsconductor.sdk.outcome import Outcome
from portal.authz.actor import Actor

from .reading import get_run
from .repository import Pairing, RunRepository
from .schemas import ChangedTarget, OutcomeChange, RunComparison, RunRead

CHANGES_AT_ONCE = 1000


async def compare(runs: RunRepository, actor: Actor, run_id: UUID, other_id: UUID) -> RunComparison:
    """Targets that ended another way, or are in one of them only."""
    run = await get_run(runs, actor, run_id)
    other = await get_run(runs, actor, other_id)
    counts = await runs.count_changes(run, other)
    changed = await runs.list_changes(run, other, CHANGES_AT_ONCE)
    return RunComparison(
        run=RunRead.model_validate(run),
        other=RunRead.model_validate(other),
        counts=[
            OutcomeChange(
                before=_label(moved.before, moved.was_there),
                after=_label(moved.after, moved.is_there),
                count=moved.targets,
            )
            for moved in counts
        ],
        changed_total=sum(moved.targets for moved in counts if moved.changed),
        changed=[_changed(pairing) for pairing in changed],
    )


def _changed(pairing: Pairing) -> ChangedTarget:
    return ChangedTarget(
        name=pairing.name,
        before=_label(pairing.before, pairing.was_there),
        after=_label(pairing.after, pairing.is_there),
        reason_before=pairing.reason_before or "",
        reason_after=pairing.reason_after or "",
    )


def _label(outcome: int | None, there: bool) -> str:
    if not there:
        return "absent"
    return "pending" if outcome is None else Outcome(outcome).label
