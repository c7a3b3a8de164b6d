"""What is said of a run: who failed and why, as text for people."""

from collections.abc import Iterable

from opsconductor.sdk.outcome import RunOutcome

from .fleet import Fleet, Track

NAMED = 20
REASON_CHARACTERS = 200


def reason_of(track: Track) -> str:
    """Why a target did not end well, in one line: step, outcome and message."""
    fault = track.fault()
    return "" if fault is None else f"{fault.step}: {_one_line(fault.reason) or fault.outcome.label}"


def named(tracks: Iterable[Track], total: int) -> str:
    """Targets with their reasons: the first twenty, then how many more."""
    lines = [f"{track.name} ({reason_of(track)})" for track, _ in zip(tracks, range(NAMED), strict=False)]
    if total > len(lines):
        lines.append(f"and {total - len(lines)} more")
    return ", ".join(lines)


def summary(fleet: Fleet, outcome: RunOutcome | None = None) -> str:
    """One text about the run; with `outcome`, how it ended, else how it stands."""
    failed = fleet.failures
    parts: list[str] = []
    if len(fleet):
        parts.append(f"{fleet.started - failed} of {len(fleet)} targets succeeded")
    if failed:
        parts.append(f"{failed} failed: {named(fleet.failed(), failed)}")
    if len(fleet) > fleet.started:
        parts.append(f"{len(fleet) - fleet.started} not started")
    if fault := reason_of(fleet.run):
        parts.append(f"run step {fault}")
    text = "; ".join(parts) or "every step succeeded"
    return f"{outcome}: {text}" if outcome else text


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= REASON_CHARACTERS else f"{line[: REASON_CHARACTERS - 1]}…"
