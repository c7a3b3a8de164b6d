"""The job document, version 1: the one form of a job that YAML, SDK, API and canvas share."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    StringConstraints,
    Tag,
    model_serializer,
    model_validator,
)

from .described import describe
from .parameters import Parameter
from .paths import Place, SourceLines
from .plain import is_mapping

MAX_NODES = 2000
"""Of a job in all."""

EdgeOn = Literal["success", "failure", "always"]
Scope = Literal["target", "run"]
RetryOn = Literal["failed", "timed_out", "unreachable", "auth_failed"]

# Without controls, line ends and marks that turn a line around; written out, since editors' regular expressions differ.
_ONE_LINE = "^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+$"
Label = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_ONE_LINE)]
NodeId = Annotated[str, StringConstraints(max_length=63, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
ActionRef = Annotated[
    str,
    StringConstraints(
        max_length=200, pattern=r"^[a-z][a-z0-9_-]*/[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*@[1-9][0-9]{0,4}$"
    ),
]
Percentage = Annotated[str, StringConstraints(pattern=r"^(100|[1-9]?[0-9])%$")]
ExpressionText = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


def _shortest(number: float) -> int | float:
    return int(number) if float(number).is_integer() else number


Number = Annotated[float, PlainSerializer(_shortest, return_type=int | float)]
"""A number; written back as people write it, 5 and not 5.0."""

Seconds = Annotated[Number, Field(gt=0, le=7 * 86400)]
Position = Annotated[tuple[Number, Number], Field(strict=False)]


class Part(BaseModel):
    """Base of what a document is made of: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, json_schema_extra=describe)


class Targets(Part):
    """Which targets a run takes.

    Attributes:
        select: Selector, such as `group:web and tag:prod and not host:web09`.
        at_most: A run that would take more is refused.
        allow_empty: Whether a run without targets may start; it ends as `no_targets`.
    """

    select: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    at_most: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    allow_empty: bool = False


class Strategy(Part):
    """How a run goes over its targets.

    Attributes:
        concurrency: Most targets worked on at the same time.
        batches: Sizes of rolling waves, as counts or percentages of all targets; the last one repeats.
        max_failures: A run with more failed targets ends before its next wave; a count or a percentage.
    """

    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 50
    batches: Annotated[tuple[Annotated[int, Field(ge=1)] | Percentage, ...], Field(max_length=100, strict=False)] = ()
    max_failures: Annotated[int, Field(ge=0)] | Percentage | None = None


class Need(Part):
    """An edge to a node that comes first.

    Attributes:
        step: Id of that node.
        on: How it must have ended; absent, what the waiting node's own `on` says.
    """

    step: str
    on: EdgeOn | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_id(cls, data: Any) -> Any:
        return {"step": data} if isinstance(data, str) else data

    @model_serializer(mode="wrap")
    def _to_id(self, write: SerializerFunctionWrapHandler) -> Any:
        return self.step if self.on is None else write(self)


class Retry(Part):
    """When and how often a failed attempt is repeated.

    Attributes:
        attempts: Attempts in all, the first included.
        delay_seconds: Wait before the second attempt.
        backoff: Factor by which the wait grows with each attempt.
        on: Outcomes worth another attempt.
    """

    attempts: Annotated[int, Field(ge=1, le=100)]
    delay_seconds: Annotated[Number, Field(ge=0, le=86400)] = 0
    backoff: Annotated[Number, Field(ge=1, le=10)] = 1
    on: Annotated[tuple[RetryOn, ...], Field(min_length=1, strict=False)] = ("failed", "timed_out")


# The bases put the fields into the order in which people read a node: what it is, when it runs, how.
class _Identified(Part):
    """A node.

    Attributes:
        id: Name in expressions and edges; unique in the whole document.
    """

    id: NodeId


class _Call(_Identified):
    """A node that calls an action.

    Attributes:
        uses: The action, `library/noun.verb@major`, or a template, `template/name@version`.
        arguments: Its arguments (`with` in the document); texts may hold `${{ … }}`.
    """

    uses: ActionRef
    arguments: Annotated[dict[str, Any], Field(alias="with")] = {}


class _InGraph(Part):
    """When and where a node runs.

    Attributes:
        scope: For what can run either way: on each `target` (default) or once per `run`.
        needs: What comes first; absent: the node above. An empty list: nothing.
        on: How needs that do not say so themselves must have ended; `success` when absent.
        join: Whether all needs or any of them must be met.
        when: Expression that must hold, or the node is skipped.
    """

    scope: Scope | None = None
    needs: Annotated[tuple[Need, ...], Field(max_length=200, strict=False)] | None = None
    on: EdgeOn | None = None
    join: Literal["all", "any"] = "all"
    when: ExpressionText | None = None


class Step(_InGraph, _Call):
    """One call of an action.

    Attributes:
        retry: Repetition of failed attempts.
        timeout_seconds: Limit of one attempt.
    """

    retry: Retry | None = None
    timeout_seconds: Seconds | None = None


class Lanes(Part):
    """What a block holds.

    Attributes:
        steps: What the block is for.
        rescue: What runs when one of the steps failed.
        always: What runs last, however the rest ended.
    """

    steps: Annotated["tuple[Node, ...]", Field(min_length=1, max_length=MAX_NODES, strict=False)]
    rescue: Annotated["tuple[Node, ...]", Field(max_length=MAX_NODES, strict=False)] = ()
    always: Annotated["tuple[Node, ...]", Field(max_length=MAX_NODES, strict=False)] = ()


class Block(_InGraph, _Identified):
    """Nodes that succeed or fail as one.

    A block of scope `target` (default) is walked by each target on its own. One of scope `run` ends when
    every target has ended; its rescue then runs on every target that started, not only on those that failed.

    Attributes:
        block: The inner lanes.
    """

    block: Lanes


def _kind_of(node: Any) -> str:
    is_block = "block" in node if is_mapping(node) else isinstance(node, Block)
    return "block" if is_block else "step"


Node = Annotated[Annotated[Step, Tag("step")] | Annotated[Block, Tag("block")], Discriminator(_kind_of)]


class JobDocument(Part):
    """A job, as written.

    Attributes:
        api_version: Version of this format (`apiVersion` in the document).
        kind: `Job`.
        name: Label of the job.
        description: What it is for.
        parameters: What a run must or may give.
        targets: Which targets a run takes; absent for jobs of run-scoped steps, or when each run names them.
        strategy: How a run goes over its targets.
        timeout_seconds: Limit of a whole run.
        steps: The graph.
        layout: Positions on the canvas, by node id; nothing else.
    """

    api_version: Annotated[Literal["opsconductor/v1"], Field(alias="apiVersion")]
    kind: Literal["Job"]
    name: Label
    description: Annotated[str, StringConstraints(max_length=10_000)] = ""
    parameters: Annotated[dict[str, Parameter], Field(max_length=200)] = {}
    targets: Targets | None = None
    strategy: Strategy = Strategy()
    timeout_seconds: Seconds | None = None
    steps: Annotated[tuple[Node, ...], Field(min_length=1, max_length=MAX_NODES, strict=False)]
    layout: Annotated[dict[str, Position], Field(max_length=MAX_NODES)] = {}

    _lines: SourceLines = PrivateAttr(default_factory=SourceLines)

    def at_lines(self, lines: SourceLines) -> Self:
        """This document, knowing where in its text everything stands."""
        self._lines = lines
        return self

    def line_of(self, place: Place) -> int | None:
        """The line of a place in the text this document was read from, if it was read from text."""
        return self._lines.find(place)

    def to_data(self) -> dict[str, Any]:
        """The document as JSON data, holding exactly what was given."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def walk(nodes: tuple[Node, ...], place: Place = ("steps",)) -> Iterator[tuple[Place, Step | Block]]:
    """Every node of a lane and of the lanes inside it, in document order, with its place."""
    for index, node in enumerate(nodes):
        yield (*place, index), node
        if isinstance(node, Block):
            for lane in ("steps", "rescue", "always"):
                yield from walk(getattr(node.block, lane), (*place, index, "block", lane))
