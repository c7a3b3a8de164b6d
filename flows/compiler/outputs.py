"""Outputs of templates: who reads one reads the steps inside the template instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions.rewriting import rewrite_expression, rewrite_text
from opsconductor.sdk.job import Block, Place, children, is_template
from opsconductor.sdk.job.document import Node

from .catalogue import ActionCatalogue, TemplateCatalogue
from .findings import Findings


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


def read_outputs(nodes: tuple[Node, ...], place: Place, expansion: Expansion) -> tuple[Node, ...]:
    """The nodes, reading steps inside templates where they read a template's outputs."""
    return tuple(_reading_outputs(node, (*place, index), expansion) for index, node in enumerate(nodes))


def _reading_outputs(node: Node, place: Place, expansion: Expansion) -> Node:
    changes: dict[str, Any] = {}
    if node.when is not None:
        changes["when"] = expansion.resolve(node.when, (*place, "when"))
    if isinstance(node, Block):
        lanes = {
            name: read_outputs(getattr(node.block, name), (*place, "block", name), expansion)
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
