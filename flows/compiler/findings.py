"""Where a check writes down what it found."""

from dataclasses import dataclass, field

from opsconductor.errors import Problem
from opsconductor.sdk.job import JobDocument, Place, path_of


@dataclass(slots=True)
class Findings:
    """Problems, which refuse the document, and warnings, which do not.

    Attributes:
        inside: The places where a template's steps stand in place of its use, with the template.
    """

    document: JobDocument
    problems: list[Problem] = field(default_factory=list[Problem])
    warnings: list[Problem] = field(default_factory=list[Problem])
    inside: dict[Place, str] = field(default_factory=dict[Place, str])

    def refuse(self, place: Place, message: str, hint: str = "") -> None:
        """Write down what is wrong at a place."""
        self.problems.append(self._problem(place, message, hint))

    def warn(self, place: Place, message: str, hint: str = "") -> None:
        """Write down what is allowed and probably not meant."""
        self.warnings.append(self._problem(place, message, hint))

    def _problem(self, place: Place, message: str, hint: str) -> Problem:
        """Inside a template, the path goes on from its use as `steps[2].template.steps[0]`, the line is the use's."""
        path, around = list(place), ""
        for length in range(1, len(place)):
            template = self.inside.get(place[:length])
            if template is not None and place[length] == "block":
                path[length], around = "template", template
        said = f"{message} (in {around})" if around else message
        return Problem(path_of(tuple(path)), said, hint, self.document.line_of(place))
