"""What a campaign came to, in figures."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from .checker import Verdict

# A run that was asked for after the kill needs every part: its end is the end of the recovery.
_NEXT = """
SELECT extract(epoch FROM min(finished_at))::float FROM job_runs
WHERE created_at > to_timestamp(%s) AND outcome = 'succeeded'
"""

_VICTIM = """
SELECT extract(epoch FROM r.finished_at)::float FROM job_runs r JOIN job_run_events e ON e.run_id = r.id
WHERE e.kind = 'run.taken_over' AND e.data->>'owner' LIKE %s AND r.finished_at > to_timestamp(%s)
"""

_TAKEN_OVER = "SELECT data->>'reason', count(*) FROM job_run_events WHERE kind = 'run.taken_over' GROUP BY 1"


@dataclass
class Kill:
    """One part killed.

    Attributes:
        part: Which.
        pid: Its process.
        at: When, as Unix time.
        overlapping: Whether another part had not come back yet.
        next_run: Seconds until the first run that was asked for afterwards had succeeded.
    """

    part: str
    pid: int
    at: float
    overlapping: bool = False
    next_run: float | None = None


@dataclass
class Report:
    """Figures and faults.

    Attributes:
        verdict: The checker's.
        kills: In order.
        ready: Kill → everything ready again, seconds.
        victims: Flow process killed → its run ended, seconds.
        taken_over: How often runs were taken over, by reason.
        seconds: Length of the campaign.
    """

    verdict: Verdict
    kills: list[Kill]
    ready: list[float] = field(default_factory=list[float])
    victims: list[float] = field(default_factory=list[float])
    taken_over: dict[str, int] = field(default_factory=dict[str, int])
    seconds: float = 0.0

    def measure(self, dsn: str) -> None:
        """Read the times of recovery from the record."""
        with psycopg.connect(dsn) as connection:
            for kill in self.kills:
                kill.next_run = next(iter(_since(kill, connection.execute(_NEXT, (kill.at,)).fetchone())), None)
                if kill.part == "flow":
                    row = connection.execute(_VICTIM, (f"%:{kill.pid}#%", kill.at)).fetchone()
                    self.victims += _since(kill, row)
            self.taken_over = dict(connection.execute(_TAKEN_OVER).fetchall())

    def text(self) -> str:
        """For people."""
        faults = self.verdict.faults
        by_part = Counter(kill.part for kill in self.kills)
        overlapping = sum(kill.overlapping for kill in self.kills)
        return "\n".join(
            [
                f"{len(self.kills)} kills ({overlapping} overlapping) in {self.seconds:.0f} s: {dict(by_part)}",
                f"kill to everything ready:                  {_figures(self.ready)}",
                f"kill to a run asked for after it succeeded: {_figures(self._next_runs())}",
                f"flow process killed to its run ended:       {_figures(self.victims)}",
                f"runs taken over: {self.taken_over}",
                f"runs lost {_count(faults, 'run lost', 'run not ended')}, "
                f"once steps twice {_count(faults, 'once step ran')}, "
                f"completed pairs again {_count(faults, 'completed pair')}, "
                f"pairs unknown {self.verdict.counts['pairs unknown']}",
                f"counts: {dict(sorted(self.verdict.counts.items()))}",
                f"faults: {len(faults)}",
                *(f"  {fault}" for fault in faults[:50]),
            ]
        )

    def _next_runs(self) -> list[float]:
        return [kill.next_run for kill in self.kills if kill.next_run is not None]

    def data(self) -> dict[str, Any]:
        """For programs."""
        verdict = {"counts": dict(self.verdict.counts), "faults": self.verdict.faults}
        figures = {"ready": self.ready, "victims": self.victims, "taken_over": self.taken_over}
        kills = [asdict(kill) for kill in self.kills]
        return {"seconds": self.seconds, "kills": kills, **figures, **verdict}


def _since(kill: Kill, row: tuple[float | None] | None) -> list[float]:
    return [] if row is None or row[0] is None else [row[0] - kill.at]


def _figures(seconds: Iterable[float]) -> str:
    ordered = sorted(seconds)
    if not ordered:
        return "none"
    return f"median {ordered[len(ordered) // 2]:.1f} s, worst {ordered[-1]:.1f} s, of {len(ordered)}"


def _count(faults: Iterable[str], *starts: str) -> int:
    return sum(fault.startswith(starts) for fault in faults)
