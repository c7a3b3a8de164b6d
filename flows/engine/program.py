"""The program of a run: its plan with actions found and expressions compiled, once."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from flows.plan import Plan, PlannedNode, PlannedStep
from opsconductor.errors import ActionFailedError
from opsconductor.sdk.action import AnyAction
from opsconductor.sdk.credential import Credential, Secret
from opsconductor.sdk.expressions import Expression, Scope, StepNames, Template, compile_condition, compile_template


class Actions(Protocol):
    """Where actions are found; the registry of step libraries is one."""

    def find(self, ref: str) -> AnyAction | None:
        """The action of that reference."""
        ...


@dataclass(frozen=True)
class Names:
    """What expressions refer to: roots, names under `run`, and steps with the fields that are read."""

    roots: frozenset[str] = frozenset()
    run: frozenset[str] = frozenset()
    steps: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    @classmethod
    def of(cls, references: Iterable[str]) -> "Names":
        """Sort references such as `steps.probe.active`."""
        paths = [path.split(".") for path in references]
        steps: dict[str, set[str]] = {}
        for path in paths:
            if path[0] == "steps" and len(path) > 1:
                steps.setdefault(path[1], set()).add(path[2] if len(path) > 2 else "")
        return cls(
            frozenset(path[0] for path in paths),
            frozenset(path[1] if len(path) > 1 else "" for path in paths if path[0] == "run"),
            {step: frozenset(fields) for step, fields in steps.items()},
        )

    def __bool__(self) -> bool:
        return bool(self.roots)


@dataclass(frozen=True)
class Arguments:
    """The arguments of a step: what is constant is validated once, the rest is rendered for each target."""

    action: AnyAction
    templates: Mapping[str, Template]
    secrets: Mapping[str, Template]
    names: Names

    def render(self, context: Mapping[str, Any], credentials: Mapping[str, Credential]) -> dict[str, Any]:
        """The arguments as the action's function takes them, validated.

        Raises:
            ExpressionError: An expression has no value.
            InvalidInputError: The action does not take them.
            ActionFailedError: A credential was not handed to this run.
        """
        if not self.secrets and not self.names:
            return copy.deepcopy(self._constant) if self._holds_containers else dict(self._constant)
        values = {name: template.render(context) for name, template in self.templates.items()}
        for name, template in self.secrets.items():
            reference = template.render(context)
            values[name] = None if reference is None else _opened(str(reference), credentials)
        return self.action.validate(values)

    @cached_property
    def _constant(self) -> dict[str, Any]:
        return self.action.validate({name: template.render({}) for name, template in self.templates.items()})

    @cached_property
    def _holds_containers(self) -> bool:
        plain = (str, int, float, bool, type(None))
        return any(not isinstance(value, plain) for value in self._constant.values())


@dataclass(frozen=True)
class StepProgram:
    """One step, ready to run.

    Attributes:
        step: As planned.
        action: What it calls.
        arguments: What it is called with.
        when: Its condition.
        when_names: What the condition refers to.
        kept: Whether anything later reads what it left.
    """

    step: PlannedStep
    action: AnyAction
    arguments: Arguments
    when: Expression | None
    when_names: Names
    kept: bool

    @property
    def needs_host(self) -> bool:
        """Whether it works on a connection."""
        return self.action.scope == "target"

    def works_on(self, platform: str) -> bool:
        """Whether the action knows targets of that platform."""
        return not self.action.platforms or platform in self.action.platforms


@dataclass(frozen=True)
class Program:
    """A plan, ready to run.

    Attributes:
        steps: By place.
        conditions: Conditions of blocks, by place.
        places: Node id → place.
        scopes: Node id → `target` or `run`.
        size: One more than the highest place.
        target_steps: Places of the target-scoped steps.
    """

    steps: Mapping[int, StepProgram]
    conditions: Mapping[int, tuple[Expression, Names]]
    places: dict[str, int]
    scopes: Mapping[str, str]
    size: int
    target_steps: tuple[int, ...]


def all_nodes(nodes: Sequence[PlannedNode]) -> Iterator[PlannedNode]:
    """Every node, inner ones after their block."""
    for node in nodes:
        yield node
        if node.kind == "block":
            yield from all_nodes((*node.steps, *node.rescue, *node.always))


def build(plan: Plan, actions: Actions) -> Program:
    """Find the actions and compile the expressions of a plan.

    Raises:
        ActionFailedError: An action the plan names is not installed here.
        ExpressionError: An expression is refused.
    """
    nodes = list(all_nodes(plan.nodes))
    found = {node.ord: _find(node, actions) for node in nodes if node.kind == "step"}
    scopes = _Scopes(plan, nodes, found)
    conditions = {node.ord: _condition(node, scopes) for node in nodes}
    arguments = {node.ord: _arguments(node, found[node.ord], scopes) for node in nodes if node.kind == "step"}
    read = _read([*(names for _, names in conditions.values()), *(item.names for item in arguments.values())])
    steps = {
        node.ord: StepProgram(node, found[node.ord], arguments[node.ord], *conditions[node.ord], kept=node.id in read)
        for node in nodes
        if node.kind == "step"
    }
    return Program(
        steps=steps,
        conditions={
            node.ord: (when, names)
            for node in nodes
            if node.kind == "block"
            for when, names in [conditions[node.ord]]
            if when is not None
        },
        places={node.id: node.ord for node in nodes},
        scopes={node.id: node.scope for node in nodes},
        size=1 + max((node.ord for node in nodes), default=-1),
        target_steps=tuple(node.ord for node in nodes if node.kind == "step" and node.scope == "target"),
    )


class _Scopes:
    """The names that expressions of target-scoped and run-scoped nodes may use."""

    def __init__(self, plan: Plan, nodes: Sequence[PlannedNode], found: Mapping[int, AnyAction]) -> None:
        params = {parameter.name: parameter.type for parameter in plan.parameters}
        steps = {node.id: StepNames(_outputs(found[node.ord]), node.scope) for node in nodes if node.kind == "step"}
        self._target = Scope(params, steps, target=True)
        self._run = Scope(params, steps, target=False)

    def of(self, node: PlannedNode) -> Scope:
        return self._target if node.scope == "target" else self._run


def _find(step: PlannedStep, actions: Actions) -> AnyAction:
    action = actions.find(step.uses)
    if action is None:
        raise ActionFailedError(f"step {step.id}: action {step.uses} is not installed on this worker")
    return action


def _outputs(action: AnyAction) -> frozenset[str] | None:
    if action.dynamic_outputs:
        return None
    return frozenset(action.outputs.model_fields) if action.outputs else frozenset()


def _condition(node: PlannedNode, scopes: _Scopes) -> tuple[Expression | None, Names]:
    if node.when is None:
        return None, Names()
    expression = compile_condition(node.when, scopes.of(node))
    return expression, Names.of(expression.references)


def _arguments(step: PlannedStep, action: AnyAction, scopes: _Scopes) -> Arguments:
    scope = scopes.of(step)
    compiled = {name: compile_template(binding.value, scope, binding.shell) for name, binding in step.arguments.items()}
    references = [path for template in compiled.values() for path in template.references]
    return Arguments(
        action,
        {name: template for name, template in compiled.items() if name not in action.secret_parameters},
        {name: template for name, template in compiled.items() if name in action.secret_parameters},
        Names.of(references),
    )


def _read(names: Iterable[Names]) -> frozenset[str]:
    return frozenset(step for item in names for step in item.steps)


def _opened(reference: str, credentials: Mapping[str, Credential]) -> Secret:
    secret = credentials.get(reference)
    if not isinstance(secret, Secret):
        raise ActionFailedError(f"credential {reference} was not handed to this run as a secret text")
    return secret
