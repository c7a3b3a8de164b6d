"""The names an expression may use, and what becomes of one that does not exist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

ROOTS = ("params", "target", "run", "steps")
TARGET_FIELDS = frozenset({"name", "address", "port", "platform", "vars", "tags"})
RUN_FIELDS = frozenset(
    {"id", "job", "requested_by", "summary", "failed_targets", "succeeded", "failed", "total", "url"}
)
STEP_FIELDS = frozenset({"outcome", "ok", "failed", "changed", "skipped", "exit_code", "summary"})
ACROSS_TARGETS_FIELDS = frozenset(
    {"outcome", "ok", "failed", "total", "succeeded_count", "failed_count", "failed_targets", "results"}
)


@dataclass(frozen=True, slots=True)
class StepNames:
    """What one step offers to expressions.

    Attributes:
        outputs: Names of its outputs; None when they are known at run time only.
        scope: Where the step runs: on each `target`, or once per `run`.
    """

    outputs: frozenset[str] | None = None
    scope: Literal["target", "run"] = "target"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names an expression may use.

    Attributes:
        params: Type of each job parameter: `string`, `integer`, `number`, `boolean`, `array`, `object`, `secret`.
        steps: The steps whose results can be read, by id.
        target: Whether the expression is evaluated for one target; otherwise once per run.
    """

    params: Mapping[str, str] = field(default_factory=dict[str, str])
    steps: Mapping[str, StepNames] = field(default_factory=dict[str, StepNames])
    target: bool = True

    @property
    def secrets(self) -> frozenset[str]:
        """Dotted paths of the secret parameters."""
        return frozenset(f"params.{name}" for name, kind in self.params.items() if kind == "secret")

    def problem(self, path: tuple[str, ...]) -> str | None:
        """Say what is wrong with a dotted path, or None when it names something."""
        root, rest = path[0], path[1:]
        if not rest:
            return f"`{root}` alone has no value; name what you want of it, such as `{root}.{self._example(root)}`"
        if root == "params":
            return _missing("parameter", "params.", rest[0], self.params)
        if root == "target":
            if not self.target:
                return "a step that runs once per run has no `target`; use `steps.<id>.results` or `run`"
            return _missing("target field", "target.", rest[0], TARGET_FIELDS)
        if root == "run":
            return _missing("run field", "run.", rest[0], RUN_FIELDS)
        return self._step_problem(rest)

    def unknown_name(self, name: str) -> str:
        """Say what to write instead of a name that does not exist."""
        if name in self.params:
            return f"`{name}` is a parameter: write `params.{name}`"
        if name in self.steps:
            return f"`{name}` is a step: write `steps.{name}.…`"
        near = suggestion(name, [*ROOTS, *self.params, *self.steps])
        return f"`{name}` is not declared; {near or 'names begin with params, target, run or steps'}"

    def _example(self, root: str) -> str:
        names = {"params": self.params, "steps": self.steps, "target": ["name"], "run": ["id"]}[root]
        return next(iter(names), "name")

    def _step_problem(self, rest: tuple[str, ...]) -> str | None:
        step = self.steps.get(rest[0])
        if step is None:
            return _missing("step", "steps.", rest[0], self.steps)
        if len(rest) == 1:
            return None
        prefix = f"steps.{rest[0]}."
        if not self.target and step.scope == "target":
            if step.outputs and rest[1] in step.outputs and rest[1] not in ACROSS_TARGETS_FIELDS:
                return f"`{prefix}{rest[1]}` differs from target to target; read it from `{prefix}results`"
            return _missing("field", prefix, rest[1], ACROSS_TARGETS_FIELDS)
        if step.outputs is None:
            return None
        return _missing("output", prefix, rest[1], step.outputs | STEP_FIELDS)


def suggestion(name: str, known: Iterable[str]) -> str:
    """`did you mean …?`, or the known names when they are few, or nothing."""
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else ""


def _missing(kind: str, prefix: str, name: str, known: Iterable[str]) -> str | None:
    names = list(known)
    if name in names:
        return None
    near = suggestion(name, names)
    return f"there is no {kind} `{prefix}{name}`" + (f"; {near}" if near else "")
