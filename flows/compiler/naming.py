"""Names inside of a template, as they are around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions.rewriting import rewrite_expression, rewrite_text
from opsconductor.sdk.job import Block, Place, TemplateDocument, children, is_template
from opsconductor.sdk.job.document import Need, Node

from .outputs import Expansion
from .passing import Passed

MAX_ID = 63


@dataclass(frozen=True, slots=True)
class Naming:
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
