"""Errors of the runs module."""

from uuid import UUID

from opsconductor.errors import ConflictError, InvalidInputError, Problem


class NoTargetsError(InvalidInputError):
    """The selector picks no target, and the job does not allow that."""

    def __init__(self, select: str) -> None:
        hint = "see what is there: opsconductor target list; a job that may run on nothing says `allow_empty: true`"
        super().__init__([Problem("targets.select", f"`{select}` picks no target", hint)])
        self.select = select


class TooManyTargetsError(InvalidInputError):
    """The selector picks more targets than the job allows."""

    def __init__(self, count: int, at_most: int) -> None:
        super().__init__([Problem("targets.select", f"picks {count} targets; the job allows at most {at_most}")])
        self.count = count
        self.at_most = at_most


class IdempotencyKeyReusedError(ConflictError):
    """The idempotency key was used for another request."""

    def __init__(self, key: str) -> None:
        super().__init__("this idempotency key was used for another request; a new request needs a new key")
        self.key = key


class EarlierRunHiddenError(ConflictError):
    """The run that the idempotency key started is out of the actor's sight."""

    def __init__(self, key: str) -> None:
        super().__init__(
            "this idempotency key started a run that you may not see any more; nothing was started. "
            "To start another one, take a new key"
        )
        self.key = key


class RunEndedError(ConflictError):
    """The run has ended already."""

    def __init__(self, run_id: UUID, outcome: str) -> None:
        super().__init__(f"run {run_id} has ended: {outcome}")
        self.run_id = run_id
        self.outcome = outcome


class RunNotEndedError(ConflictError):
    """The run has not ended yet."""

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"run {run_id} has not ended yet")
        self.run_id = run_id


class NothingToResumeError(ConflictError):
    """Only a run that ended as unknown or cancelled has something left to do."""

    def __init__(self, run_id: UUID, outcome: str) -> None:
        super().__init__(
            f"run {run_id} ended as {outcome}; only unknown or cancelled runs can be resumed. "
            "To repeat what failed, start a rerun"
        )
        self.run_id = run_id
        self.outcome = outcome


class NothingToRepeatError(ConflictError):
    """No target of the run fits what is asked for."""

    def __init__(self, run_id: UUID, which: str) -> None:
        reasons = {"failed": "ended badly", "unreachable": "was out of reach", "not_started": "was left unstarted"}
        super().__init__(f"no target of run {run_id} {reasons[which]}; there is nothing to repeat")
        self.run_id = run_id
        self.which = which


class NotUnknownError(ConflictError):
    """Only an attempt of unknown outcome can be decided."""

    def __init__(self, target: str, step: str) -> None:
        super().__init__(f"step {step} on {target} is not of unknown outcome")
        self.target = target
        self.step = step


class DecidedAlreadyError(ConflictError):
    """Somebody decided already."""

    def __init__(self, decision: str, decided_by: str) -> None:
        super().__init__(f"{decided_by} decided already: {decision}")
        self.decision = decision
        self.decided_by = decided_by
