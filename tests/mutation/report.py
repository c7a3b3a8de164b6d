"""What a campaign found, said as it goes and as JSON."""

import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Result = Literal["noticed", "survived", "equivalent"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one mutant, and what shows it."""

    what: str
    result: Result
    shown_by: str


@dataclass
class Report:
    """Findings, in the order in which they came."""

    findings: list[Finding] = field(default_factory=list[Finding])
    expected: int = 0
    started: float = field(default_factory=time.monotonic)

    def expect(self, count: int) -> None:
        """So many will come."""
        self.expected = count
        self._say(f"{count} mutants; the matrix without any is right")

    def add(self, finding: Finding) -> None:
        """One more."""
        self.findings.append(finding)
        self._say(f"{len(self.findings)}/{self.expected} {finding.result.upper()}: {finding.what}")
        self._say(f"        {finding.shown_by[:200]}".replace("\n", " "))

    def close(self) -> None:
        """Say what did not end well, what makes no difference, and the figure."""
        for finding in self.findings:
            if finding.result != "noticed":
                self._say(f"{finding.result}: {finding.what}: {finding.shown_by[:200]}")
        told = f"{self.count('noticed')} of {self.different} mutants noticed ({self.share:.1%})"
        self._say(f"{told}; {self.count('equivalent')} more make no difference")

    def count(self, result: Result) -> int:
        """How many ended so."""
        return sum(finding.result == result for finding in self.findings)

    @property
    def different(self) -> int:
        """How many make a difference."""
        return len(self.findings) - self.count("equivalent")

    @property
    def share(self) -> float:
        """Of those that make a difference, the part that was noticed."""
        return self.count("noticed") / self.different if self.different else 1.0

    def document(self) -> dict[str, Any]:
        """For machines."""
        return {
            "noticed": self.count("noticed"),
            "survived": self.count("survived"),
            "equivalent": self.count("equivalent"),
            "share": round(self.share, 4),
            "seconds": round(time.monotonic() - self.started),
            "mutants": [asdict(finding) for finding in self.findings],
        }

    def _say(self, text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self.started:6.0f}s {text}\n")
        sys.stdout.flush()
