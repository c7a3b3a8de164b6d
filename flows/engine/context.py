"""The values that expressions see, built for one evaluation from what its names ask for."""

from collections.abc import Mapping
from typing import Any

from flows.ledger.pair import PairResult
from flows.ledger.record import RunRecord
from opsconductor.sdk.action import RunContext, StepContext
from opsconductor.sdk.outcome import Outcome
from opsconductor.sdk.transport import Target

from .fleet import RUN_ORD, Facts, Fleet, Track
from .graph import has_ended
from .outcome import worst
from .program import Names, Program
from .report import summary


class Contexts:
    """Builds contexts for one run."""

    def __init__(self, run: RunRecord, program: Program, fleet: Fleet) -> None:
        self._program = program
        self._fleet = fleet
        self._params = {**run.parameters, **run.secret_parameters}
        self._fixed: Mapping[str, Any] = {
            "id": str(run.id),
            "job": run.job_name,
            "requested_by": run.requested_by,
            "total": len(run.targets),
            "url": f"/runs/{run.id}",
        }

    def build(self, names: Names, track: Track) -> dict[str, Any]:
        """What expressions with these names see on this track."""
        context: dict[str, Any] = {}
        if "params" in names.roots:
            context["params"] = self._params
        if "target" in names.roots and track.target is not None:
            context["target"] = target_facts(track.target)
        if "run" in names.roots:
            context["run"] = self._fixed if names.run <= self._fixed.keys() else self.run_facts()
        if names.steps:
            context["steps"] = {step: self._step(step, fields, track) for step, fields in names.steps.items()}
        return context

    def run_facts(self) -> dict[str, Any]:
        """`run.*` as it stands now."""
        failed = [track.name for track in self._fleet.failed()]
        return {
            **self._fixed,
            "summary": summary(self._fleet),
            "failed_targets": failed,
            "succeeded": self._fleet.started - len(failed),
            "failed": len(failed),
        }

    def run_context(self) -> RunContext:
        """What an action of scope `run` gets."""
        return RunContext(run=self.run_facts())

    def step_context(self, track: Track) -> StepContext:
        """What an action of scope `any` gets."""
        if track.target is None:
            return StepContext(run=self.run_facts())
        return StepContext(track.name, target_facts(track.target), self._fixed)

    def _step(self, step: str, fields: frozenset[str], track: Track) -> Facts:
        place = self._program.places[step]
        if self._program.scopes[step] == "run":
            return _own(self._fleet.run, place)
        if track.ord != RUN_ORD:
            return _own(track, place)
        return self._across(place, with_results=not fields.isdisjoint({"results", ""}))

    def _across(self, place: int, *, with_results: bool) -> Facts:
        tracks = self._fleet.tracks
        ended = [(track, Outcome(cell - 1)) for track in tracks if has_ended(cell := track.cells[place])]
        failed = [track.name for track, outcome in ended if not outcome.good]
        facts: Facts = {
            "outcome": worst(outcome for _, outcome in ended).label,
            "ok": not failed and bool(ended),
            "failed": bool(failed),
            "total": len(tracks),
            "succeeded_count": len(ended) - len(failed),
            "failed_count": len(failed),
            "failed_targets": failed,
        }
        if with_results:
            facts["results"] = [
                {"target": track.name, "outcome": outcome.label, "outputs": _outputs(track, place)}
                for track, outcome in ended
            ]
        return facts


def target_facts(target: Target) -> dict[str, Any]:
    """`target.*` of a target."""
    return {
        "name": target.name,
        "address": target.address,
        "port": target.port,
        "platform": target.platform,
        "vars": target.variables,
        "tags": list(target.tags),
    }


def facts_of(result: PairResult) -> Facts:
    """`steps.<id>.*` of a step that ended so: its outputs, and how it ended."""
    facts: Facts = dict(result.outputs or {})
    facts |= {**_ending(result.outcome), "summary": result.summary}
    if result.exit_code is not None:
        facts["exit_code"] = result.exit_code
    return facts


def _ending(outcome: Outcome) -> Facts:
    return {
        "outcome": outcome.label,
        "ok": outcome.good,
        "failed": not outcome.good,
        "changed": outcome is Outcome.CHANGED,
        "skipped": outcome is Outcome.SKIPPED,
    }


def _own(track: Track, place: int) -> Facts:
    kept = (track.kept or {}).get(place)
    if kept is not None:
        return kept
    cell = track.cells[place]
    if has_ended(cell):
        return {**_ending(Outcome(cell - 1)), "summary": ""}
    return {"outcome": "not_reached", "ok": False, "failed": False, "changed": False, "skipped": False, "summary": ""}


def _outputs(track: Track, place: int) -> Facts:
    return (track.kept or {}).get(place, {})
