"""Names in expressions, selectors and the layout: each has to be there, and to be there in time."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from opsconductor.errors import ExpressionError, InvalidInputError
from opsconductor.sdk.expressions import (
    ACROSS_TARGETS_FIELDS,
    STEP_FIELDS,
    Scope,
    StepNames,
    compile_condition,
    compile_expression,
    compile_template,
)
from opsconductor.sdk.job import Place, Step, children, did_you_mean, is_mapping, is_template, printable
from opsconductor.sdk.selector import parse_selector

from .findings import Findings
from .graph import not_before
from .survey import Placed, Survey

_CONSTANT = re.compile(r"\s*(true|false)\s*")


def check_names(survey: Survey, findings: Findings) -> None:
    """Refuse expressions that do not compile, use names nobody declared, or look at steps that come later."""
    params = {name: parameter.type for name, parameter in findings.document.parameters.items()}
    steps = {placed.id: _offers(placed) for placed in survey.nodes}
    for placed in survey.nodes:
        scope = Scope(params=params, steps=steps, target=placed.scope == "target")
        for place, references in _references(placed, scope, findings):
            _check_steps(placed, references, place, findings)
            _check_secrets(placed, references, place, findings)


def check_outputs(survey: Survey, outputs: Mapping[str, str], *, on_targets: bool, findings: Findings) -> None:
    """Refuse outputs of a template that do not compile, or cannot be read under their name."""
    params = {name: parameter.type for name, parameter in findings.document.parameters.items()}
    steps = {placed.id: _offers(placed) for placed in survey.nodes}
    scope = Scope(params=params, steps=steps, target=on_targets)
    for name, source in outputs.items():
        place: Place = ("outputs", name)
        if name in STEP_FIELDS | ACROSS_TARGETS_FIELDS:
            findings.refuse(place, f"every step has a `{name}` of its own", "choose another name")
        try:
            secret = compile_expression(source, scope).references & scope.secrets
        except ExpressionError as error:
            findings.refuse(place, *_sentence(error))
            continue
        if secret:
            findings.refuse(place, f"`{min(secret)}` is a secret, which no output shows", "leave it out")


def _offers(placed: Placed) -> StepNames:
    action = placed.action
    if not isinstance(placed.node, Step):
        return StepNames(outputs=frozenset(), scope=placed.scope)
    if action is None or (action.dynamic_outputs and action.outputs is None):
        return StepNames(outputs=_set_names(placed.node), scope=placed.scope)
    outputs = frozenset(action.outputs.model_fields) if action.outputs else frozenset[str]()
    return StepNames(outputs=outputs, scope=placed.scope)


def _set_names(step: Step) -> frozenset[str] | None:
    """Outputs of `core/set` are the names it sets; other dynamic outputs are known at run time only."""
    values = step.arguments.get("values")
    return frozenset(values) if step.uses.startswith("core/set@") and is_mapping(values) else None


def _references(placed: Placed, scope: Scope, findings: Findings) -> Iterator[tuple[Place, frozenset[str]]]:
    """What each expression of a node reads; those that do not compile are refused."""
    node = placed.node
    if node.when is not None:
        place = (*placed.place, "when")
        try:
            yield place, compile_condition(node.when, scope).references
        except ExpressionError as error:
            findings.refuse(place, *_sentence(error))
        _warn_constant(node.when, place, findings)
    if isinstance(node, Step) and is_template(node.arguments):
        for name, value in node.arguments.items():
            shell = placed.action.shell_parameters.get(name) if placed.action else None
            for place, text in _texts(value, (*placed.place, "with", name)):
                try:
                    template = compile_template(text, scope, shell)
                except ExpressionError as error:
                    findings.refuse(place, *_sentence(error))
                    continue
                if template.uses_raw:
                    findings.warn(place, "`raw(…)` is not quoted for the shell", "be sure of every value it can have")
                yield place, template.references


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text with an expression in it, so that each problem has its own place."""
    if isinstance(value, str) and is_template(value):
        yield place, value
    for key, inner in children(value).items():
        yield from _texts(inner, (*place, key))


def _sentence(error: ExpressionError) -> tuple[str, str]:
    """The message and the hint of an expression's error."""
    message, _, hint = error.reason.partition("; ")
    return f"{message}, in `{printable(error.source, 80)}`", hint or "see the expression language's page in the docs"


def _check_steps(placed: Placed, references: frozenset[str], place: Place, findings: Findings) -> None:
    read = {reference.split(".")[1] for reference in references if reference.startswith("steps.")}
    for name in sorted(not_before(placed, read)):
        if name == placed.id:
            findings.refuse(place, f"`{name}` looks at its own result", "look at a step that comes first")
            continue
        neighbours = {neighbour.id for neighbour in placed.lane}
        hint = f"add it: `needs: [{name}]`" if name in neighbours else "look at a step that comes first"
        findings.refuse(place, f"`{name}` has not run when `{placed.id}` starts", hint)


def _check_secrets(placed: Placed, references: frozenset[str], place: Place, findings: Findings) -> None:
    """A secret stands alone (expressions see to that); here: only where an action takes a secret."""
    parameters = findings.document.parameters
    taken = placed.action.secret_parameters if placed.action else frozenset[str]()
    for name in sorted(reference.removeprefix("params.") for reference in references):
        is_secret = name in parameters and parameters[name].type == "secret"
        if is_secret and not (place[-2] == "with" and place[-1] in taken):
            message = f"the secret `{name}` goes only to an argument that takes a secret"
            findings.refuse(place, message, f"this action takes {', '.join(sorted(taken)) or 'none'}")


def _warn_constant(when: str, place: Place, findings: Findings) -> None:
    if _CONSTANT.fullmatch(when):
        findings.warn(place, f"this is always {when.strip()}", "remove the condition, or the step")


def check_targets(survey: Survey, findings: Findings) -> None:
    """Refuse a selector that cannot be read; warn when nobody can tell which targets a job is for."""
    targets = findings.document.targets
    on_targets = any(placed.scope == "target" for placed in survey.nodes if isinstance(placed.node, Step))
    if targets is None and on_targets:
        findings.warn(("targets",), "the job names no targets", "each run has to name them, or write `targets:`")
    if targets is not None:
        try:
            parse_selector(targets.select)
        except InvalidInputError as error:
            for problem in error.problems:
                findings.refuse(("targets", "select"), problem.message, problem.hint)


def check_layout(survey: Survey, findings: Findings) -> None:
    """Warn of positions for nodes that are not there."""
    ids = [placed.id for placed in survey.nodes]
    for name in findings.document.layout.keys() - set(ids):
        findings.warn(("layout", name), f"there is no step `{name}` to place", did_you_mean(name, ids))


def check_patterns(findings: Findings) -> None:
    """Warn of patterns that a longer text slips past."""
    for name, parameter in findings.document.parameters.items():
        pattern = parameter.pattern
        if (
            pattern is not None
            and not findings.problems
            and not (pattern.startswith(("^", "\\A")) and pattern.endswith(("$", "\\z")))
        ):
            message = "the pattern may match in the middle of a value"
            findings.warn(("parameters", name, "pattern"), message, "anchor it with `^` and `$`")
