"""Compile a job document to a Plan. Pure: no Prefect, no network, no files."""

from dataclasses import dataclass

from flows.plan import Plan
from opsconductor.errors import DocumentError, Problem
from opsconductor.sdk.job import JobDocument, Reading

from .arguments import check_arguments
from .catalogue import ActionCatalogue
from .findings import Findings
from .graph import check_graph
from .names import check_layout, check_names, check_patterns, check_targets
from .planning import make_plan, planned_parameters
from .survey import survey

__all__ = ["ActionCatalogue", "Check", "check", "check_reading", "compile_job", "planned_parameters"]


@dataclass(frozen=True, slots=True)
class Check:
    """What compiling a document found.

    Attributes:
        plan: The Plan; None when there are problems.
        problems: What refuses the document.
        warnings: What is allowed and probably not meant.
    """

    plan: Plan | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def compile_job(document: JobDocument, actions: ActionCatalogue) -> Plan:
    """The Plan of a document.

    Args:
        document: The job.
        actions: The actions it may use; their library versions are kept in the Plan.

    Raises:
        DocumentError: Every problem at once, with path, hint and, if the document was read from text, line.
    """
    found = check(document, actions)
    if found.plan is None:
        raise DocumentError(found.problems)
    return found.plan


def check(document: JobDocument, actions: ActionCatalogue) -> Check:
    """Everything wrong with a document, everything doubtful, and its Plan when nothing is wrong."""
    return _check(document, actions, ())


def check_reading(reading: Reading, actions: ActionCatalogue) -> Check:
    """The same for a document that could only be read in part: its problems are named together."""
    if reading.document is None:
        return Check(None, reading.problems, ())
    return _check(reading.document, actions, reading.problems)


def _check(document: JobDocument, actions: ActionCatalogue, known: tuple[Problem, ...]) -> Check:
    findings = Findings(document, problems=list(known))
    surveyed = survey(document, actions, findings)
    check_graph(surveyed, findings)
    for placed in surveyed.nodes:
        check_arguments(placed, findings)
    check_names(surveyed, findings)
    check_targets(surveyed, findings)
    check_layout(surveyed, findings)
    check_patterns(findings)
    plan = None if findings.problems else make_plan(document, surveyed)
    return Check(plan, _by_line(findings.problems), _by_line(findings.warnings))


def _by_line(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))
