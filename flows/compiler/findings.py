"""Where a check writes down what it found."""

from dataclasses import dataclass, field

from opsconductor.errors import Problem
from opsconductor.sdk.job import JobDocument, Place, path_of


@dataclass(slots=True)
class Findings:
    """Problems, which refuse the document, and warnings, which do not."""

    document: JobDocument
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])

    def refuse(self, place: Place, message: str, hint: str = "") -> None:
        """Write down what is wrong at a place."""
        self.problems.append(Problem(path_of(place), message, hint, self.document.line_of(place)))

    def warn(self, place: Place, message: str, hint: str = "") -> None:
        """Write down what is allowed and probably not meant."""
        self.warnings.append(Problem(path_of(place), message, hint, self.document.line_of(place)))
