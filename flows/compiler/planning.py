"""From checked nodes to the Plan."""

from collections.abc import Iterable

from flows.plan import (
    Binding,
    Need,
    Plan,
    PlannedBlock,
    PlannedNode,
    PlannedParameter,
    PlannedStep,
    Retry,
    Strategy,
)
from opsconductor.sdk.job import JobDocument, Step

from .survey import Placed, Survey


def make_plan(document: JobDocument, survey: Survey) -> Plan:
    """The Plan of a document in which nothing is wrong."""
    return Plan(
        name=document.name,
        description=document.description,
        parameters=planned_parameters(document),
        strategy=Strategy(**document.strategy.model_dump()),
        timeout_seconds=document.timeout_seconds,
        nodes=_nodes(survey.top),
    )


def planned_parameters(document: JobDocument) -> tuple[PlannedParameter, ...]:
    """The parameters of a document, as `bind_parameters` takes them."""
    return tuple(
        PlannedParameter(
            name=name,
            type=parameter.type,
            json_schema=parameter.json_schema(),
            required=parameter.required,
            default=parameter.fallback,
            choices_when=parameter.choices_when or {},
            description=parameter.description,
        )
        for name, parameter in document.parameters.items()
    )


def _nodes(lane: Iterable[Placed]) -> tuple[PlannedNode, ...]:
    return tuple(_step(placed, placed.node) if isinstance(placed.node, Step) else _block(placed) for placed in lane)


def _step(placed: Placed, step: Step) -> PlannedStep:
    action = placed.action
    if action is None:
        raise ValueError(f"step {step.id} has no action; only checked documents are planned")
    return PlannedStep(
        ord=placed.ord,
        id=step.id,
        scope=placed.scope,
        needs=_needs(placed),
        join=step.join,
        when=step.when,
        uses=action.ref,
        library_version=action.library_version,
        effect=action.effect,
        arguments={
            name: Binding(value=value, shell=action.shell_parameters.get(name))
            for name, value in step.arguments.items()
        },
        retry=Retry(**step.retry.model_dump()) if step.retry else Retry(),
        timeout_seconds=step.timeout_seconds,
    )


def _block(placed: Placed) -> PlannedBlock:
    return PlannedBlock(
        ord=placed.ord,
        id=placed.id,
        scope=placed.scope,
        needs=_needs(placed),
        join=placed.node.join,
        when=placed.node.when,
        steps=_nodes(placed.inner["steps"]),
        rescue=_nodes(placed.inner.get("rescue", ())),
        always=_nodes(placed.inner.get("always", ())),
    )


def _needs(placed: Placed) -> tuple[Need, ...]:
    return tuple(Need(step=edge.step, on=edge.on) for edge in placed.edges)
