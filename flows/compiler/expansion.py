"""Templates in place: each `uses: template/…` becomes a block of that template's steps, with ids of their own."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions.rewriting import rewrite_expression, rewrite_text
from opsconductor.sdk.job import (
    UNKNOWN_ACTION,
    Block,
    JobDocument,
    Lanes,
    Place,
    Step,
    TemplateDocument,
    children,
    is_template,
    parse_template_ref,
)
from opsconductor.sdk.job.document import MAX_NODES, Need, Node

from .catalogue import ActionCatalogue
from .findings import Findings
from .passing import Passed, check_passed, pass_arguments

MAX_DEPTH = 5
MAX_ID = 63
MAX_CHARACTERS = 2_000_000
"""Of values that are put into templates, in all: a large value in many places would make a job without bounds."""

_BLOCK_KEYS = ("needs", "on", "join", "when")
_STEP_KEYS = ("retry", "timeout_seconds", "scope")


class TemplateCatalogue(Protocol):
    """The templates that jobs can use, given as data."""

    def find(self, ref: str) -> TemplateDocument | None:
        """The version of a template that a reference names."""
        ...

    def suggest(self, ref: str) -> str | None:
        """The reference that was probably meant by one that is not found."""
        ...


@dataclass(frozen=True, slots=True)
class NoTemplates:
    """A catalogue without templates, for documents that stand alone."""

    def find(self, ref: str) -> TemplateDocument | None:
        """None."""
        return None

    def suggest(self, ref: str) -> str | None:
        """None."""
        return None


@dataclass(slots=True)
class Expansion:
    """What expanding a document left behind.

    Attributes:
        used: References of the templates in it, those inside other templates included.
        outputs: By id of a use: the expression that stands for each of its outputs.
    """

    findings: Findings
    actions: ActionCatalogue
    templates: TemplateCatalogue
    used: set[str] = field(default_factory=set[str])
    outputs: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    nodes: int = 0
    characters: int = 0

    def resolve(self, source: str, place: Place) -> str:
        """An expression that reads steps inside templates where it read their outputs."""
        return _resolved(source, place, self, rewrite_expression)


def expand(
    document: JobDocument, actions: ActionCatalogue, templates: TemplateCatalogue, findings: Findings
) -> tuple[JobDocument, Expansion]:
    """The document with the steps of its templates in place.

    A use that cannot be expanded is refused and stands there as a step that nobody knows anything about.
    """
    expansion = Expansion(findings, actions, templates)
    steps = _lane(document.steps, ("steps",), (), expansion)
    if any(expansion.outputs.values()):
        steps = _read_outputs(steps, ("steps",), expansion)
    return document.model_copy(update={"steps": steps}), expansion


def _lane(nodes: tuple[Node, ...], place: Place, inside: tuple[str, ...], expansion: Expansion) -> tuple[Node, ...]:
    return tuple(_node(node, (*place, index), inside, expansion) for index, node in enumerate(nodes))


def _node(node: Node, place: Place, inside: tuple[str, ...], expansion: Expansion) -> Node:
    expansion.nodes += 1
    if isinstance(node, Block):
        lanes = {
            name: _lane(getattr(node.block, name), (*place, "block", name), inside, expansion)
            for name in ("steps", "rescue", "always")
        }
        return node.model_copy(update={"block": node.block.model_copy(update=lanes)})
    if parse_template_ref(node.uses) is None:
        return node
    template = _find(node, place, inside, expansion)
    block = None if template is None else _expanded(node, template, place, inside, expansion)
    return node.model_copy(update={"uses": UNKNOWN_ACTION, "arguments": {}}) if block is None else block


def _find(use: Step, place: Place, inside: tuple[str, ...], expansion: Expansion) -> TemplateDocument | None:
    refuse = expansion.findings.refuse
    if use.uses in inside:
        chain = " → ".join([*inside[inside.index(use.uses) :], use.uses])
        refuse((*place, "uses"), f"these templates use each other: {chain}", "cut one of the uses")
        return None
    if len(inside) == MAX_DEPTH:
        refuse((*place, "uses"), f"templates are used inside each other deeper than {MAX_DEPTH} times", "flatten them")
        return None
    template = expansion.templates.find(use.uses)
    if template is None:
        close = expansion.templates.suggest(use.uses)
        hint = f"did you mean `{close}`?" if close else "templates are kept in the portal: `opsconductor template list`"
        refuse((*place, "uses"), f"there is no template `{use.uses}`", hint)
    return template


def _expanded(
    use: Step, template: TemplateDocument, place: Place, inside: tuple[str, ...], expansion: Expansion
) -> Block | None:
    findings = expansion.findings
    before = len(findings.problems)
    for key in _STEP_KEYS:
        if getattr(use, key) is not None:
            findings.refuse(
                (*place, key), f"a template has no `{key}`", "the steps inside it have their own; remove it"
            )
    passed = pass_arguments(use, template, place, findings)
    check_passed(use, template, place, findings)
    if len(findings.problems) > before or _is_too_large(use, template, place, expansion):
        return None
    expansion.characters += _size(template.to_data())
    findings.inside[place] = use.uses
    expansion.used.add(use.uses)
    naming = _Naming(use.id, passed, expansion)
    steps = tuple(naming.node(node, (*place, "block", "steps", index)) for index, node in enumerate(template.steps))
    expansion.outputs[use.id] = naming.outputs(template, place)
    steps = _lane(steps, (*place, "block", "steps"), (*inside, use.uses), expansion)
    return Block.model_construct(
        id=use.id,
        scope=template.scope,
        block=Lanes.model_construct(steps=steps),
        **{key: getattr(use, key) for key in _BLOCK_KEYS},
    )


def _is_too_large(use: Step, template: TemplateDocument, place: Place, expansion: Expansion) -> bool:
    """Whether the job has grown out of bounds; said once."""
    if expansion.nodes + len(template.steps) <= MAX_NODES and expansion.characters <= MAX_CHARACTERS:
        return False
    what = "has too many nodes" if expansion.characters <= MAX_CHARACTERS else "holds too much text"
    expansion.findings.refuse((*place, "uses"), f"with its templates the job {what}", "split it")
    return True


@dataclass(frozen=True, slots=True)
class _Naming:
    """Gives the nodes of a template ids and names as they are around it.

    Attributes:
        use: Id of the node that stands for the template.
        passed: What each of its parameters stands for.
    """

    use: str
    passed: Mapping[str, Passed]
    expansion: Expansion

    def node(self, node: Node, place: Place) -> Node:
        changes: dict[str, Any] = {"id": self._id(node.id, place)}
        if node.needs is not None:
            changes["needs"] = tuple(Need(step=self._id(need.step, place), on=need.on) for need in node.needs)
        if node.when is not None:
            changes["when"] = self._rewritten(node.when, (*place, "when"), rewrite_expression)
        if isinstance(node, Block):
            lanes = {
                name: tuple(
                    self.node(inner, (*place, "block", name, index))
                    for index, inner in enumerate(getattr(node.block, name))
                )
                for name in ("steps", "rescue", "always")
            }
            changes["block"] = node.block.model_copy(update=lanes)
        else:
            action = self.expansion.actions.find(node.uses)
            quoted = set(action.shell_parameters) if action else set[str]()
            changes["arguments"] = {
                name: self._argument(value, (*place, "with", name), whole=name not in quoted)
                for name, value in node.arguments.items()
            }
        return node.model_copy(update=changes)

    def outputs(self, template: TemplateDocument, place: Place) -> Mapping[str, str]:
        return {
            name: self._rewritten(source, (*place, "uses"), rewrite_expression)
            for name, source in template.outputs.items()
        }

    def _id(self, inner: str, place: Place) -> str:
        name = f"{self.use}__{inner}"
        if len(name) > MAX_ID:
            message = f"inside the template the id `{name}` would be longer than {MAX_ID} characters"
            self.expansion.findings.refuse(place, message, f"shorten `{self.use}`")
        return name

    def _argument(self, value: Any, place: Place, *, whole: bool) -> Any:
        """The value with the parameters put in; what is nothing but one parameter becomes what was passed."""
        if isinstance(value, str):
            passed = self._alone(value) if whole else None
            if passed is not None:
                return passed.value
            return self._rewritten(value, place, rewrite_text) if is_template(value) else value
        if not is_template(value):
            return value
        inner = {key: self._argument(item, (*place, key), whole=whole) for key, item in children(value).items()}
        return list(inner.values()) if isinstance(value, list) else inner

    def _alone(self, text: str) -> Passed | None:
        words = text.strip().removeprefix("${{").removesuffix("}}").strip()
        passed = self.passed.get(words.removeprefix("params.")) if words.startswith("params.") else None
        if passed is not None:
            self.expansion.characters += passed.size
        return passed

    def _rewritten(self, source: str, place: Place, rewrite: Callable[[str, Any], str]) -> str:
        try:
            text = rewrite(source, self._replacement)
        except ExpressionError as error:
            self.expansion.findings.refuse(place, error.reason, "shorten what is passed to the template")
            return "false"
        self.expansion.characters += len(text)
        return text

    def _replacement(self, names: tuple[str, ...]) -> tuple[int, str] | None:
        if len(names) > 1 and names[0] == "steps":
            return 2, f"steps.{self.use}__{names[1]}"
        if len(names) > 1 and names[0] == "params":
            passed = self.passed.get(names[1])
            return None if passed is None else (2, passed.expression)
        return None


def _read_outputs(nodes: tuple[Node, ...], place: Place, expansion: Expansion) -> tuple[Node, ...]:
    """The nodes, reading steps inside templates where they read a template's outputs."""
    return tuple(_reading_outputs(node, (*place, index), expansion) for index, node in enumerate(nodes))


def _reading_outputs(node: Node, place: Place, expansion: Expansion) -> Node:
    changes: dict[str, Any] = {}
    if node.when is not None:
        changes["when"] = expansion.resolve(node.when, (*place, "when"))
    if isinstance(node, Block):
        lanes = {
            name: _read_outputs(getattr(node.block, name), (*place, "block", name), expansion)
            for name in ("steps", "rescue", "always")
        }
        changes["block"] = node.block.model_copy(update=lanes)
    elif is_template(node.arguments):
        changes["arguments"] = _resolved_value(node.arguments, (*place, "with"), expansion)
    return node.model_copy(update=changes)


def _resolved_value(value: Any, place: Place, expansion: Expansion) -> Any:
    if isinstance(value, str):
        return _resolved(value, place, expansion, rewrite_text) if is_template(value) else value
    inner = {key: _resolved_value(item, (*place, key), expansion) for key, item in children(value).items()}
    if not inner:
        return value
    return list(inner.values()) if isinstance(value, list) else inner


def _resolved(source: str, place: Place, expansion: Expansion, rewrite: Callable[[str, Any], str]) -> str:
    def replacement(names: tuple[str, ...]) -> tuple[int, str] | None:
        if len(names) < 3 or names[0] != "steps":
            return None
        output = expansion.outputs.get(names[1], {}).get(names[2])
        if output is None:
            return None
        resolved = rewrite_expression(output, replacement)  # outputs of templates inside that template
        return 3, resolved if _is_path(resolved) else f"({resolved}\n)"

    try:
        return rewrite(source, replacement)
    except ExpressionError as error:
        expansion.findings.refuse(place, error.reason, "see the outputs of the template")
        return source


def _is_path(source: str) -> bool:
    return all(part.strip().isidentifier() for part in source.split("."))


def _size(value: Any) -> int:
    return len(json.dumps(value))
