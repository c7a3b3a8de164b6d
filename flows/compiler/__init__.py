"""Compile a job document to a Plan. Pure: no Prefect, no network, no files."""

from dataclasses import dataclass

from flows.plan import Plan
from opsconductor.errors import DocumentError, Problem
from opsconductor.sdk.job import JobDocument, Reading, TemplateReading

from .arguments import check_arguments
from .catalogue import ActionCatalogue, NoTemplates, TemplateCatalogue
from .expansion import expand
from .findings import Findings
from .graph import check_graph
from .names import check_layout, check_names, check_outputs, check_patterns, check_targets
from .parts import check_defaults, check_scope
from .planning import make_plan, planned_parameters
from .survey import Survey, survey

__all__ = [
    "ActionCatalogue",
    "Check",
    "NoTemplates",
    "TemplateCatalogue",
    "TemplateCheck",
    "check",
    "check_reading",
    "check_template",
    "compile_job",
    "planned_parameters",
]

_NO_TEMPLATES = NoTemplates()


@dataclass(frozen=True, slots=True)
class Check:
    """What compiling a document found.

    Attributes:
        plan: The Plan; None when there are problems.
        problems: What refuses the document.
        warnings: What is allowed and probably not meant.
        templates: References of the templates in it, those inside other templates included.
    """

    plan: Plan | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    templates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TemplateCheck:
    """What checking a template found; fields as in `Check`."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    templates: frozenset[str] = frozenset()


def compile_job(document: JobDocument, actions: ActionCatalogue, templates: TemplateCatalogue = _NO_TEMPLATES) -> Plan:
    """The Plan of a document.

    Args:
        document: The job.
        actions: The actions it may use; their library versions are kept in the Plan.
        templates: The templates it may use; the Plan holds their steps.

    Raises:
        DocumentError: Every problem at once, with path, hint and, if the document was read from text, line.
    """
    found = check(document, actions, templates)
    if found.plan is None:
        raise DocumentError(found.problems)
    return found.plan


def check(document: JobDocument, actions: ActionCatalogue, templates: TemplateCatalogue = _NO_TEMPLATES) -> Check:
    """Everything wrong with a document, everything doubtful, and its Plan when nothing is wrong."""
    return check_reading(Reading(document, ()), actions, templates)


def check_reading(reading: Reading, actions: ActionCatalogue, templates: TemplateCatalogue = _NO_TEMPLATES) -> Check:
    """The same for a document that could only be read in part: its problems are named together."""
    if reading.document is None:
        return Check(None, reading.problems, ())
    findings = Findings(reading.document, problems=list(reading.problems))
    document, expansion = expand(reading.document, actions, templates, findings)
    surveyed = _check_nodes(document, actions, findings)
    check_targets(surveyed, findings)
    plan = None if findings.problems else make_plan(document, surveyed)
    return Check(plan, _by_line(findings.problems), _by_line(findings.warnings), frozenset(expansion.used))


def check_template(
    reading: TemplateReading, actions: ActionCatalogue, templates: TemplateCatalogue = _NO_TEMPLATES
) -> TemplateCheck:
    """Everything wrong with a template, and everything doubtful: what is sound here is sound in every job."""
    if reading.body is None:
        return TemplateCheck(reading.problems, ())
    findings = Findings(reading.body, problems=list(reading.problems))
    document, expansion = expand(reading.body, actions, templates, findings)
    surveyed = _check_nodes(document, actions, findings)
    check_defaults(findings)
    if reading.template is not None:
        on_targets = reading.template.scope == "target"
        check_scope(surveyed, on_targets=on_targets, findings=findings)
        resolved = {
            name: expansion.resolve(source, ("outputs", name)) for name, source in reading.template.outputs.items()
        }
        check_outputs(surveyed, resolved, on_targets=on_targets, findings=findings)
    return TemplateCheck(_by_line(findings.problems), _by_line(findings.warnings), frozenset(expansion.used))


def _check_nodes(document: JobDocument, actions: ActionCatalogue, findings: Findings) -> Survey:
    surveyed = survey(document, actions, findings)
    check_graph(surveyed, findings)
    for placed in surveyed.nodes:
        check_arguments(placed, findings)
    check_names(surveyed, findings)
    check_layout(surveyed, findings)
    check_patterns(findings)
    return surveyed


def _by_line(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.line or 0))
