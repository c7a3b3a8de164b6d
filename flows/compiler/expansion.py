"""Templates in place: each `uses: template/…` becomes a block of that template's steps, with ids of their own."""

import json

from opsconductor.sdk.job import (
    UNKNOWN_ACTION,
    Block,
    JobDocument,
    Lanes,
    Place,
    Step,
    TemplateDocument,
    parse_template_ref,
)
from opsconductor.sdk.job.document import MAX_NODES, Node

from .catalogue import ActionCatalogue, TemplateCatalogue
from .findings import Findings
from .naming import Naming
from .outputs import Expansion, read_outputs
from .passing import check_passed, pass_arguments

MAX_DEPTH = 5
MAX_CHARACTERS = 2_000_000
"""Of values that are put into templates, in all: a large value in many places would make a job without bounds."""

_BLOCK_KEYS = ("needs", "on", "join", "when")
_STEP_KEYS = ("retry", "timeout_seconds", "scope")


def expand(
    document: JobDocument, actions: ActionCatalogue, templates: TemplateCatalogue, findings: Findings
) -> tuple[JobDocument, Expansion]:
    """The document with the steps of its templates in place.

    A use that cannot be expanded is refused and stands there as a step that nobody knows anything about.
    """
    expansion = Expansion(findings, actions, templates)
    steps = _lane(document.steps, ("steps",), (), expansion)
    if any(expansion.outputs.values()):
        steps = read_outputs(steps, ("steps",), expansion)
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
    naming = Naming(use.id, passed, expansion)
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


def _size(value: object) -> int:
    return len(json.dumps(value))
