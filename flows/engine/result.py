"""Results of pairs: cleaned before they are stored, noted on their track, restored after a crash."""

from flows.ledger.pair import PairResult, PairState
from flows.ledger.states import Move
from opsconductor.sdk.outcome import Outcome

from .context import facts_of
from .fleet import Track
from .graph import cell_of
from .outcome import Fault
from .program import StepProgram
from .redaction import Redactor

SUMMARY_CHARACTERS = 2000


def redacted(result: PairResult, redactor: Redactor) -> PairResult:
    """The result without secrets, its summary capped."""
    stdout, stderr = redactor.text(result.stdout), redactor.text(result.stderr)
    if result.truncated:
        stdout, stderr = redactor.around_gap(stdout), redactor.around_gap(stderr)
    return PairResult(
        result.outcome,
        result.exit_code,
        redactor.message(result.summary)[:SUMMARY_CHARACTERS],
        redactor.value(result.outputs) if result.outputs else None,
        stdout,
        stderr,
        result.stdout_bytes,
        result.stderr_bytes,
        result.truncated,
    )


def note(track: Track, program: StepProgram, result: PairResult) -> None:
    """Note on the track how a step ended."""
    place = program.step.ord
    track.cells[place] = cell_of(result.outcome)
    if program.kept:
        track.keep(place, facts_of(result))
    if not result.outcome.good:
        track.blame(place, Fault(result.outcome, program.step.id, result.summary))


def restored(pair: PairState, found: Move) -> PairResult:
    """The result of a pair that an earlier engine completed, or a person decided."""
    outcome = found.outcome if found.outcome is not None else Outcome.UNKNOWN
    return PairResult(outcome, pair.exit_code, found.reason or pair.summary, pair.outputs)
