"""The runs of a portal, for both clients.

Written by `python -m tests.contracts.client_source`; do not edit.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Unpack

from opsconductor.client.bodies import (
    Decide,
    DecideMany,
    Rerun,
    RunsDownloadOutput,
    RunsEvents,
    RunsList,
    RunsMatrix,
    RunsOutput,
    RunsSearchOutput,
    RunsTargets,
    RunStart,
    RunsTimeline,
)
from opsconductor.client.calls import AsyncResource, Call, Key, Page, Resource, new_key, part
from opsconductor.client.models import (
    AttemptRead,
    DecisionRead,
    Decisions,
    EventsRead,
    Hits,
    MatrixChanges,
    MatrixRead,
    OutputGroups,
    OutputRead,
    RerunPreview,
    RunComparison,
    RunDetail,
    RunPreview,
    RunRead,
    RunTargetRead,
    TimelineRead,
)


class Runs(Resource):
    """The runs of a portal."""

    def list(self, **query: Unpack[RunsList]) -> Iterator[RunRead]:
        """Runs, the newest first, a page at a time.

        Args:
            **query: The fields of `RunsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `RunRead`: A run.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/runs", query=query, answer=Page[RunRead]))

    def start(self, *, idempotency_key: str | None = None, **body: Unpack[RunStart]) -> RunRead:
        """Start a run on the targets its selector picks now.

        Args:
            idempotency_key: The same request with the same key again finds the same run.
            **body: The fields of `RunStart`.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call("POST", "/runs", idempotency_key=idempotency_key or new_key(), body=body, answer=RunRead)
        )

    def preview(self, **body: Unpack[RunStart]) -> RunPreview:
        """What the same request would start, what a dry run can tell, and what keeps it from starting.

        Args:
            **body: The fields of `RunStart`.

        Returns:
            `RunPreview`: What starting a run would do. Nothing was started.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", "/runs/preview", body=body, answer=RunPreview))

    def get(self, run_id: Key) -> RunDetail:
        """One run with its counts.

        Args:
            run_id: Id of the run.

        Returns:
            `RunDetail`: A run with its counts.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/runs/{part(run_id)}", answer=RunDetail))

    def events(self, run_id: Key, **query: Unpack[RunsEvents]) -> EventsRead:
        """Events after a cursor, in order.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsEvents`.

        Returns:
            `EventsRead`: Events after a cursor.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", f"/runs/{part(run_id)}/events", query=query, answer=EventsRead))

    def targets(self, run_id: Key, **query: Unpack[RunsTargets]) -> Iterator[RunTargetRead]:
        """Targets of a run and how they ended, a page at a time.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsTargets`.

        Returns:
            One after the other; the next page is fetched when it is read. `RunTargetRead`: A target of a run, as frozen
            when it started.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/runs/{part(run_id)}/targets", query=query, answer=Page[RunTargetRead]))

    def attempts(self, run_id: Key, target_ord: int) -> Sequence[AttemptRead]:
        """Every attempt of every step on one target.

        Args:
            run_id: Id of the run.
            target_ord: Number in the run; -1 for steps that run once.

        Returns:
            `AttemptRead`: One attempt of one step on one target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(
            Call("GET", f"/runs/{part(run_id)}/targets/{part(target_ord)}/steps", answer=list[AttemptRead])
        )

    def output(
        self, run_id: Key, target_ord: int, step_ord: int, attempt: int, **query: Unpack[RunsOutput]
    ) -> OutputRead:
        """What an attempt printed, or a range of it.

        Args:
            run_id: Id of the run.
            target_ord: Number in the run; -1 for what runs once.
            step_ord: Number of the step in the run.
            attempt: Number of the attempt, from 1.
            **query: The fields of `RunsOutput`.

        Returns:
            `OutputRead`: What an attempt printed, or a range of it; of long output the middle was cut when it was kept.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call(
                "GET",
                f"/runs/{part(run_id)}/targets/{part(target_ord)}/steps/{part(step_ord)}/attempts/{part(attempt)}/output",
                query=query,
                answer=OutputRead,
            )
        )

    def search_output(self, run_id: Key, **query: Unpack[RunsSearchOutput]) -> Hits:
        """Lines of everything that a run printed which hold a text.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsSearchOutput`.

        Returns:
            `Hits`: Where a text was found.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", f"/runs/{part(run_id)}/output/search", query=query, answer=Hits))

    def download_output(self, run_id: Key, **query: Unpack[RunsDownloadOutput]) -> Iterator[bytes]:
        """What a run, one target or one step printed, as a file.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsDownloadOutput`.

        Returns:
            The file, piece by piece as it arrives.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._stream(Call("GET", f"/runs/{part(run_id)}/output", query=query, answer=bytes))

    def output_groups(self, run_id: Key, step_id: Key) -> OutputGroups:
        """Targets on which a step ended the same way and printed the same.

        Args:
            run_id: Id of the run.
            step_id: Id of the step in its job.

        Returns:
            `OutputGroups`: What a step came to on the targets of a run: trouble first, then the largest groups.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/runs/{part(run_id)}/steps/{part(step_id)}/groups", answer=OutputGroups))

    def matrix(self, run_id: Key, **query: Unpack[RunsMatrix]) -> MatrixRead | MatrixChanges:
        """Every target × step of a run, one byte each, at most a million at once; with `after`, what changed since.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsMatrix`.

        Returns:
            `MatrixRead`: Every pair of a run, or of some of its targets, in one answer. `MatrixChanges`: What changed
            in a matrix between two events.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        call: Call[MatrixRead | MatrixChanges] = Call(
            "GET", f"/runs/{part(run_id)}/matrix", query=query, answer=MatrixRead | MatrixChanges
        )
        return self._send(call)

    def timeline(self, run_id: Key, **query: Unpack[RunsTimeline]) -> TimelineRead:
        """Every step and target of a run in short, and the attempts on the targets asked for: the first 200 unasked.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsTimeline`.

        Returns:
            `TimelineRead`: When things happened in a run, in milliseconds since `origin`.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("GET", f"/runs/{part(run_id)}/timeline", query=query, answer=TimelineRead))

    def compare(self, run_id: Key, other_id: Key) -> RunComparison:
        """Targets that ended another way in the other run.

        Args:
            run_id: Id of the run.
            other_id: Id of the other.

        Returns:
            `RunComparison`: Two runs, target by target; `run` is before, `other` after.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("GET", f"/runs/{part(run_id)}/compare/{part(other_id)}", answer=RunComparison))

    def cancel(self, run_id: Key) -> RunRead:
        """Ask a run to stop; it says `cancelled` when that is confirmed.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("POST", f"/runs/{part(run_id)}/cancel", answer=RunRead))

    def rerun(self, run_id: Key, *, idempotency_key: str | None = None, **body: Unpack[Rerun]) -> RunRead:
        """A new run of the same version and parameters, on the targets that did not end well, or on others of it.

        Args:
            run_id: Id of the run.
            idempotency_key: The same request with the same key again finds the same run.
            **body: The fields of `Rerun`.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(
            Call(
                "POST",
                f"/runs/{part(run_id)}/rerun",
                idempotency_key=idempotency_key or new_key(),
                body=body,
                answer=RunRead,
            )
        )

    def preview_rerun(self, run_id: Key, **body: Unpack[Rerun]) -> RerunPreview:
        """Exactly which targets a rerun would run on.

        Args:
            run_id: Id of the run.
            **body: The fields of `Rerun`.

        Returns:
            `RerunPreview`: What a rerun would run on. Nothing was started.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/runs/{part(run_id)}/rerun/preview", body=body, answer=RerunPreview))

    def resume(self, run_id: Key) -> RunRead:
        """Let an unknown or cancelled run go on from where it stopped.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return self._send(Call("POST", f"/runs/{part(run_id)}/resume", answer=RunRead))

    def decide(self, run_id: Key, **body: Unpack[Decide]) -> DecisionRead:
        """Say what became of an attempt of unknown outcome; it cannot be taken back.

        Args:
            run_id: Id of the run.
            **body: The fields of `Decide`.

        Returns:
            `DecisionRead`: A decision that was kept.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/runs/{part(run_id)}/decisions", body=body, answer=DecisionRead))

    def decide_many(self, run_id: Key, **body: Unpack[DecideMany]) -> Decisions:
        """Say what became of a step on many targets; it cannot be taken back. Answers target by target.

        Args:
            run_id: Id of the run.
            **body: The fields of `DecideMany`.

        Returns:
            `Decisions`: What was decided, target by target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._send(Call("POST", f"/runs/{part(run_id)}/decisions/many", body=body, answer=Decisions))

    def pin(self, run_id: Key) -> RunRead:
        """Keep a run and all that belongs to it, whatever its age; doing it twice is fine.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("PUT", f"/runs/{part(run_id)}/pin", answer=RunRead))

    def unpin(self, run_id: Key) -> RunRead:
        """Leave a run to retention again.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return self._send(Call("DELETE", f"/runs/{part(run_id)}/pin", answer=RunRead))


class AsyncRuns(AsyncResource):
    """The runs of a portal."""

    def list(self, **query: Unpack[RunsList]) -> AsyncIterator[RunRead]:
        """Runs, the newest first, a page at a time.

        Args:
            **query: The fields of `RunsList`.

        Returns:
            One after the other; the next page is fetched when it is read. `RunRead`: A run.

        Raises:
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", "/runs", query=query, answer=Page[RunRead]))

    async def start(self, *, idempotency_key: str | None = None, **body: Unpack[RunStart]) -> RunRead:
        """Start a run on the targets its selector picks now.

        Args:
            idempotency_key: The same request with the same key again finds the same run.
            **body: The fields of `RunStart`.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call("POST", "/runs", idempotency_key=idempotency_key or new_key(), body=body, answer=RunRead)
        )

    async def preview(self, **body: Unpack[RunStart]) -> RunPreview:
        """What the same request would start, what a dry run can tell, and what keeps it from starting.

        Args:
            **body: The fields of `RunStart`.

        Returns:
            `RunPreview`: What starting a run would do. Nothing was started.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", "/runs/preview", body=body, answer=RunPreview))

    async def get(self, run_id: Key) -> RunDetail:
        """One run with its counts.

        Args:
            run_id: Id of the run.

        Returns:
            `RunDetail`: A run with its counts.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/runs/{part(run_id)}", answer=RunDetail))

    async def events(self, run_id: Key, **query: Unpack[RunsEvents]) -> EventsRead:
        """Events after a cursor, in order.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsEvents`.

        Returns:
            `EventsRead`: Events after a cursor.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("GET", f"/runs/{part(run_id)}/events", query=query, answer=EventsRead))

    def targets(self, run_id: Key, **query: Unpack[RunsTargets]) -> AsyncIterator[RunTargetRead]:
        """Targets of a run and how they ended, a page at a time.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsTargets`.

        Returns:
            One after the other; the next page is fetched when it is read. `RunTargetRead`: A target of a run, as frozen
            when it started.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._pages(Call("GET", f"/runs/{part(run_id)}/targets", query=query, answer=Page[RunTargetRead]))

    async def attempts(self, run_id: Key, target_ord: int) -> Sequence[AttemptRead]:
        """Every attempt of every step on one target.

        Args:
            run_id: Id of the run.
            target_ord: Number in the run; -1 for steps that run once.

        Returns:
            `AttemptRead`: One attempt of one step on one target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(
            Call("GET", f"/runs/{part(run_id)}/targets/{part(target_ord)}/steps", answer=list[AttemptRead])
        )

    async def output(
        self, run_id: Key, target_ord: int, step_ord: int, attempt: int, **query: Unpack[RunsOutput]
    ) -> OutputRead:
        """What an attempt printed, or a range of it.

        Args:
            run_id: Id of the run.
            target_ord: Number in the run; -1 for what runs once.
            step_ord: Number of the step in the run.
            attempt: Number of the attempt, from 1.
            **query: The fields of `RunsOutput`.

        Returns:
            `OutputRead`: What an attempt printed, or a range of it; of long output the middle was cut when it was kept.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call(
                "GET",
                f"/runs/{part(run_id)}/targets/{part(target_ord)}/steps/{part(step_ord)}/attempts/{part(attempt)}/output",
                query=query,
                answer=OutputRead,
            )
        )

    async def search_output(self, run_id: Key, **query: Unpack[RunsSearchOutput]) -> Hits:
        """Lines of everything that a run printed which hold a text.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsSearchOutput`.

        Returns:
            `Hits`: Where a text was found.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("GET", f"/runs/{part(run_id)}/output/search", query=query, answer=Hits))

    def download_output(self, run_id: Key, **query: Unpack[RunsDownloadOutput]) -> AsyncIterator[bytes]:
        """What a run, one target or one step printed, as a file.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsDownloadOutput`.

        Returns:
            The file, piece by piece as it arrives.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return self._stream(Call("GET", f"/runs/{part(run_id)}/output", query=query, answer=bytes))

    async def output_groups(self, run_id: Key, step_id: Key) -> OutputGroups:
        """Targets on which a step ended the same way and printed the same.

        Args:
            run_id: Id of the run.
            step_id: Id of the step in its job.

        Returns:
            `OutputGroups`: What a step came to on the targets of a run: trouble first, then the largest groups.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/runs/{part(run_id)}/steps/{part(step_id)}/groups", answer=OutputGroups))

    async def matrix(self, run_id: Key, **query: Unpack[RunsMatrix]) -> MatrixRead | MatrixChanges:
        """Every target × step of a run, one byte each, at most a million at once; with `after`, what changed since.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsMatrix`.

        Returns:
            `MatrixRead`: Every pair of a run, or of some of its targets, in one answer. `MatrixChanges`: What changed
            in a matrix between two events.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        call: Call[MatrixRead | MatrixChanges] = Call(
            "GET", f"/runs/{part(run_id)}/matrix", query=query, answer=MatrixRead | MatrixChanges
        )
        return await self._send(call)

    async def timeline(self, run_id: Key, **query: Unpack[RunsTimeline]) -> TimelineRead:
        """Every step and target of a run in short, and the attempts on the targets asked for: the first 200 unasked.

        Args:
            run_id: Id of the run.
            **query: The fields of `RunsTimeline`.

        Returns:
            `TimelineRead`: When things happened in a run, in milliseconds since `origin`.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("GET", f"/runs/{part(run_id)}/timeline", query=query, answer=TimelineRead))

    async def compare(self, run_id: Key, other_id: Key) -> RunComparison:
        """Targets that ended another way in the other run.

        Args:
            run_id: Id of the run.
            other_id: Id of the other.

        Returns:
            `RunComparison`: Two runs, target by target; `run` is before, `other` after.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("GET", f"/runs/{part(run_id)}/compare/{part(other_id)}", answer=RunComparison))

    async def cancel(self, run_id: Key) -> RunRead:
        """Ask a run to stop; it says `cancelled` when that is confirmed.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("POST", f"/runs/{part(run_id)}/cancel", answer=RunRead))

    async def rerun(self, run_id: Key, *, idempotency_key: str | None = None, **body: Unpack[Rerun]) -> RunRead:
        """A new run of the same version and parameters, on the targets that did not end well, or on others of it.

        Args:
            run_id: Id of the run.
            idempotency_key: The same request with the same key again finds the same run.
            **body: The fields of `Rerun`.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(
            Call(
                "POST",
                f"/runs/{part(run_id)}/rerun",
                idempotency_key=idempotency_key or new_key(),
                body=body,
                answer=RunRead,
            )
        )

    async def preview_rerun(self, run_id: Key, **body: Unpack[Rerun]) -> RerunPreview:
        """Exactly which targets a rerun would run on.

        Args:
            run_id: Id of the run.
            **body: The fields of `Rerun`.

        Returns:
            `RerunPreview`: What a rerun would run on. Nothing was started.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", f"/runs/{part(run_id)}/rerun/preview", body=body, answer=RerunPreview))

    async def resume(self, run_id: Key) -> RunRead:
        """Let an unknown or cancelled run go on from where it stopped.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
        """
        return await self._send(Call("POST", f"/runs/{part(run_id)}/resume", answer=RunRead))

    async def decide(self, run_id: Key, **body: Unpack[Decide]) -> DecisionRead:
        """Say what became of an attempt of unknown outcome; it cannot be taken back.

        Args:
            run_id: Id of the run.
            **body: The fields of `Decide`.

        Returns:
            `DecisionRead`: A decision that was kept.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            ConflictError: The state of things is against it; the message says what.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", f"/runs/{part(run_id)}/decisions", body=body, answer=DecisionRead))

    async def decide_many(self, run_id: Key, **body: Unpack[DecideMany]) -> Decisions:
        """Say what became of a step on many targets; it cannot be taken back. Answers target by target.

        Args:
            run_id: Id of the run.
            **body: The fields of `DecideMany`.

        Returns:
            `Decisions`: What was decided, target by target.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
            InvalidInputError: Values are refused; `problems` names each.
        """
        return await self._send(Call("POST", f"/runs/{part(run_id)}/decisions/many", body=body, answer=Decisions))

    async def pin(self, run_id: Key) -> RunRead:
        """Keep a run and all that belongs to it, whatever its age; doing it twice is fine.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("PUT", f"/runs/{part(run_id)}/pin", answer=RunRead))

    async def unpin(self, run_id: Key) -> RunRead:
        """Leave a run to retention again.

        Args:
            run_id: Id of the run.

        Returns:
            `RunRead`: A run.

        Raises:
            NotFoundError: Something that is named is not there, or out of sight.
        """
        return await self._send(Call("DELETE", f"/runs/{part(run_id)}/pin", answer=RunRead))
