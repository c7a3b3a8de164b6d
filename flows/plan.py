"""The Plan: what a job document compiles to. Pure data, no Prefect."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Scope = Literal["target", "run"]
Effect = Literal["read", "idempotent", "once"]
EdgeOn = Literal["success", "failure", "always"]
Shell = Literal["posix", "powershell", "cmd"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Need(_Frozen):
    """An edge: this node waits for `step` and follows when it ended as `on` says."""

    step: str
    on: EdgeOn = "success"


class Retry(_Frozen):
    """When and how often a failed attempt is repeated."""

    attempts: int = 1
    delay_seconds: float = 0
    backoff: float = 1
    on: tuple[str, ...] = ("failed", "timed_out")


class Binding(_Frozen):
    """One argument of an action: a JSON value whose texts may hold `${{ … }}`.

    `shell` names the shell that will read the text; expressions in it are quoted for that shell.
    """

    value: Any
    shell: Shell | None = None


class _Node(_Frozen):
    ord: int
    id: str
    scope: Scope
    needs: tuple[Need, ...] = ()
    join: Literal["all", "any"] = "all"
    when: str | None = None


class PlannedStep(_Node):
    """One action call. `ord` is unique over the whole plan, lanes included: the ledger's step_ord."""

    kind: Literal["step"] = "step"
    uses: str
    library_version: str
    effect: Effect
    arguments: dict[str, Binding] = {}
    retry: Retry = Retry()
    timeout_seconds: float | None = None


class PlannedBlock(_Node):
    """Inner steps, with what runs when one fails and what runs in any case."""

    kind: Literal["block"] = "block"
    steps: tuple["PlannedNode", ...]
    rescue: tuple["PlannedNode", ...] = ()
    always: tuple["PlannedNode", ...] = ()


PlannedNode = Annotated[PlannedStep | PlannedBlock, Field(discriminator="kind")]


class Strategy(_Frozen):
    """How a run goes over its targets.

    `batches` are sizes of the rolling waves, as a count or a percentage of all targets (`10%`); the last
    one repeats. `max_failures` (count or percentage) ends the run before the next wave; None never does.
    """

    concurrency: int = 50
    batches: tuple[int | str, ...] = ()
    max_failures: int | str | None = None


class PlannedParameter(_Frozen):
    """One parameter of the job; `json_schema` holds its bounds (JSON Schema 2020-12).

    `choices_when` holds the values allowed for each value of another parameter. The default of a secret is the
    name of a credential.
    """

    name: str
    type: Literal["string", "integer", "number", "boolean", "array", "object", "secret"]
    json_schema: dict[str, Any]
    required: bool
    default: Any = None
    choices_when: dict[str, dict[str, tuple[Any, ...]]] = {}
    description: str = ""


class Plan(_Frozen):
    """A compiled job: everything the engine needs but targets and parameter values."""

    name: str
    description: str = ""
    parameters: tuple[PlannedParameter, ...] = ()
    strategy: Strategy = Strategy()
    timeout_seconds: float | None = None
    nodes: tuple[PlannedNode, ...]
