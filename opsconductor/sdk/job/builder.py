"""Write a job in Python: the same document as its YAML, with names that an editor completes."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from .document import EdgeOn, JobDocument, Scope
from .parsing import parse
from .terms import Term, plain, source

_TYPES: Mapping[type, str] = {
    str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object",
}  # fmt: skip

ParameterTypeName = Literal["string", "integer", "number", "boolean", "array", "object", "secret"]


class ReferencedAction(Protocol):
    """A declared action: its reference is enough."""

    @property
    def ref(self) -> str: ...


class StepTerm(Term):
    """A step as later steps see it: `probe.exit_code`, `probe.ok`, `probe.outcome`."""

    __slots__ = ("_id",)

    def __init__(self, step_id: str) -> None:
        super().__init__(f"steps.{step_id}")
        self._id = step_id


@dataclass(frozen=True, slots=True)
class Edge:
    """A need that says for itself how the step before must have ended; made by `after`."""

    step: str
    on: EdgeOn


def after(step: StepTerm | str, *, on: EdgeOn) -> Edge:
    """An edge that says for itself how the step before must have ended.

    In `needs=[probe, after(restart, on="failure")]` only the second one follows a failure.
    """
    return Edge(_id_of(step), on)


def retry(
    attempts: int,
    *,
    delay_seconds: float | None = None,
    backoff: float | None = None,
    on: Sequence[str] | None = None,
) -> dict[str, Any]:
    """When and how often a failed attempt is repeated; fields as in the document."""
    return _given(attempts=attempts, delay_seconds=delay_seconds, backoff=backoff, on=None if on is None else list(on))


class BlockTerm(StepTerm):
    """A block while it is written: its other lanes are opened with `with block.rescue():`."""

    __slots__ = ("_job", "_lanes")

    def __init__(self, block_id: str, job: "Job", lanes: dict[str, list[Any]]) -> None:
        super().__init__(block_id)
        self._job = job
        self._lanes = lanes

    @contextmanager
    def rescue(self) -> Generator[None, None, None]:
        """Steps written inside run when a step of the block failed."""
        with self._job._writing_into(self._lanes.setdefault("rescue", [])):  # pyright: ignore[reportPrivateUsage]
            yield

    @contextmanager
    def always(self) -> Generator[None, None, None]:
        """Steps written inside run last, however the block's other steps ended."""
        with self._job._writing_into(self._lanes.setdefault("always", [])):  # pyright: ignore[reportPrivateUsage]
            yield


class Job:
    """A job under construction; `document()` is what it says.

    ```python
    job = Job("restart-web", targets="group:web and tag:prod")
    unit = job.parameter("unit", str, default="nginx.service")
    probe = job.step("probe", "linux/service.status@1", unit=unit)
    restart = job.step("restart", "linux/service.restart@1", unit=unit, when=~probe.active)
    with job.block("check") as check:
        job.step("ask", "linux/command@1", line=f"curl -f http://localhost/{target.name}")
        with check.rescue():
            job.step("note", "core/log@1", message=f"{unit} does not answer")
    ```

    Args:
        name: Label of the job.
        description: What it is for.
        targets: Selector; absent when each run names its targets.
        at_most: A run that would take more targets is refused.
        allow_empty: Whether a run without targets may start.
        concurrency: Most targets worked on at the same time.
        batches: Sizes of rolling waves, as counts or percentages.
        max_failures: A run with more failed targets ends before its next wave.
        timeout_seconds: Limit of a whole run.
    """

    def __init__(
        self,
        name: str,
        *,
        description: str | None = None,
        targets: str | None = None,
        at_most: int | None = None,
        allow_empty: bool | None = None,
        concurrency: int | None = None,
        batches: Sequence[int | str] | None = None,
        max_failures: int | str | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        waves = None if batches is None else list(batches)
        self._head = _given(
            apiVersion="opsconductor/v1",
            kind="Job",
            name=name,
            description=description,
            targets=_given(select=targets, at_most=at_most, allow_empty=allow_empty) or None,
            strategy=_given(concurrency=concurrency, batches=waves, max_failures=max_failures) or None,
            timeout_seconds=timeout_seconds,
        )
        self._parameters: dict[str, Any] = {}
        self._steps: list[Any] = []
        self._lanes: list[list[Any]] = [self._steps]
        self._layout: dict[str, Any] = {}

    def parameter(self, name: str, kind: type | ParameterTypeName = str, /, **declaration: Any) -> Term:
        """Declare a parameter and get the term that stands for its value.

        Args:
            name: Its name.
            kind: A Python type or the name of a document's type.
            declaration: `default`, `description`, `pattern`, `minimum`, `enum`, … as in the document.
        """
        written = kind if isinstance(kind, str) else _TYPES.get(kind)
        if written is None:
            raise TypeError(f"a parameter cannot be of type {kind!r}; use str, int, float, bool, list or dict")
        self._parameters[name] = {"type": written, **declaration}
        return Term(f"params.{name}")

    def secret(self, name: str, *, credential: str | None = None, description: str | None = None) -> Term:
        """Declare a parameter that takes a credential: its value goes whole to an argument that takes a secret.

        Args:
            name: Its name.
            credential: Name of the credential of a run that gives none.
            description: What it means.
        """
        self._parameters[name] = _given(type="secret", credential=credential, description=description)
        return Term(f"params.{name}")

    def step(
        self,
        step_id: str,
        uses: str | ReferencedAction,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        needs: Sequence[StepTerm | Edge | str] | None = None,
        on: EdgeOn | None = None,
        join: Literal["all", "any"] | None = None,
        when: Term | str | None = None,
        retry: Mapping[str, Any] | None = None,
        timeout_seconds: float | None = None,
        scope: Scope | None = None,
        **more_arguments: Any,
    ) -> StepTerm:
        """Write a step into the open lane and get the term for its outputs.

        Args:
            step_id: Its id.
            uses: The action or its reference.
            arguments: Arguments; needed only for names that are also keywords here, such as `timeout_seconds`.
            needs: What comes first; absent: the step above.
            on: How needs that do not say so must have ended.
            join: Whether all needs or any of them must be met.
            when: Condition.
            retry: Made by `retry(…)`.
            timeout_seconds: Limit of one attempt.
            scope: For actions that can run either way.
            more_arguments: Arguments by name.
        """
        self._lanes[-1].append(
            _given(
                **_node(step_id, needs, on, join, when, scope),
                uses=uses if isinstance(uses, str) else uses.ref,
                **{"with": plain({**(arguments or {}), **more_arguments}) or None},
                retry=dict(retry) if retry is not None else None,
                timeout_seconds=timeout_seconds,
            )
        )
        return StepTerm(step_id)

    @contextmanager
    def block(
        self,
        block_id: str,
        *,
        needs: Sequence[StepTerm | Edge | str] | None = None,
        on: EdgeOn | None = None,
        join: Literal["all", "any"] | None = None,
        when: Term | str | None = None,
        scope: Scope | None = None,
    ) -> Generator[BlockTerm, None, None]:
        """Open a block: steps written inside `with` are its steps. Arguments as in `step`."""
        lanes: dict[str, list[Any]] = {"steps": []}
        self._lanes[-1].append({**_node(block_id, needs, on, join, when, scope), "block": lanes})
        with self._writing_into(lanes["steps"]):
            yield BlockTerm(block_id, self, lanes)

    def place(self, step: StepTerm | str, x: float, y: float) -> None:
        """Put a node on the canvas."""
        self._layout[_id_of(step)] = [x, y]

    def document(self) -> JobDocument:
        """The document that was written.

        Raises:
            DocumentError: Every problem at once, with its path.
        """
        return parse(
            _given(**self._head, parameters=self._parameters or None, steps=self._steps, layout=self._layout or None)
        )

    @contextmanager
    def _writing_into(self, lane: list[Any]) -> Generator[None, None, None]:
        self._lanes.append(lane)
        try:
            yield
        finally:
            self._lanes.pop()


def _node(
    node_id: str,
    needs: Sequence[StepTerm | Edge | str] | None,
    on: EdgeOn | None,
    join: str | None,
    when: Term | str | None,
    scope: Scope | None,
) -> dict[str, Any]:
    edges = None if needs is None else [_need(need) for need in needs]
    condition = None if when is None else source(when)
    return _given(id=node_id, scope=scope, needs=edges, on=on, join=join, when=condition)


def _need(need: StepTerm | Edge | str) -> Any:
    return {"step": need.step, "on": need.on} if isinstance(need, Edge) else _id_of(need)


def _id_of(step: StepTerm | str) -> str:
    return step if isinstance(step, str) else step._id  # pyright: ignore[reportPrivateUsage]


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
