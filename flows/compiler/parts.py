"""What only templates are asked: they become blocks of jobs that are not known yet."""

from opsconductor.sdk.job import is_template

from .findings import Findings
from .survey import Survey


def check_scope(survey: Survey, *, on_targets: bool, findings: Findings) -> None:
    """Refuse steps that run once in a template that each target walks through on its own."""
    for placed in survey.top if on_targets else ():
        if placed.scope == "run":
            message = f"`{placed.id}` runs once per run, and each target walks through the template on its own"
            findings.refuse(placed.place, message, "write `scope: run` on the template, or take the step out of it")


def check_defaults(findings: Findings) -> None:
    """Refuse credentials, and defaults that look like expressions: what is written here is the same in every job."""
    for name, parameter in findings.document.parameters.items():
        if parameter.credential is not None:
            hint = "the job that uses the template names it in a parameter of its own"
            findings.refuse(("parameters", name, "credential"), "a template names no credential", hint)
        if is_template(parameter.default):
            hint = "leave it out, so that each use says what it wants"
            findings.refuse(("parameters", name, "default"), "a default is a value, not an expression", hint)
