"""Actions: what a step of a job does, declared once and checked where it is declared."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError

from opsconductor.errors import ActionDefinitionError, CheckNotSupportedError, InvalidInputError, Problem

from ._signature import declare, same_signature
from .context import RunContext, StepContext
from .markers import CmdLine, PowerShellLine, ReadByShell, Shell, ShellLine
from .result import Result
from .transport import Host

__all__ = [
    "Action",
    "ActionScope",
    "AnyAction",
    "CmdLine",
    "Effect",
    "PowerShellLine",
    "ReadByShell",
    "Result",
    "RunContext",
    "Shell",
    "ShellLine",
    "StepContext",
    "action",
]

Effect = Literal["read", "idempotent", "once"]
ActionScope = Literal["target", "run", "any"]

P = ParamSpec("P")
OutputsT = TypeVar("OutputsT", covariant=True)

_SUBJECTS: dict[str, type] = {"target": Host, "run": RunContext, "any": StepContext}
_EFFECTS = ("read", "idempotent", "once")


class Action(Generic[P, OutputsT]):
    """One declared action; made by the decorator `action`.

    Attributes:
        name: `noun.verb` or one noun.
        ref: How jobs name it: `library/noun.verb@major`; the bare name until a library takes it.
        library_version: Version of that library; empty until then.
        effect: What a repeat after a crash may do: `read`, `idempotent` or `once`.
        scope: `target` (on each target), `run` (once a run) or `any` (as the step says).
        platforms: Platforms of targets it works on; empty for all.
        summary: First line of the docstring.
        docstring: The whole docstring.
        parameters: Model of its parameters.
        outputs: Model of its outputs; None when it has none or they are dynamic.
        dynamic_outputs: Whether the outputs' names depend on the arguments.
        shell_parameters: Parameters whose text a shell reads, with the shell.
        secret_parameters: Parameters that take the opened value of a credential.
        check: Its dry run; None when it has none of its own.
    """

    def __init__(
        self,
        function: Callable[P, Awaitable[Result[OutputsT]]],
        *,
        name: str,
        effect: Effect,
        scope: ActionScope,
        platforms: tuple[str, ...],
        check: Callable[..., Awaitable[Result[Any]]] | None,
    ) -> None:
        if effect not in _EFFECTS:
            raise ActionDefinitionError(f"action {name}: say its effect: one of {', '.join(_EFFECTS)}")
        if scope not in _SUBJECTS:
            raise ActionDefinitionError(f"action {name}: its scope is one of {', '.join(_SUBJECTS)}")
        declared = declare(name, function, _SUBJECTS[scope])
        if check is not None:
            same_signature(name, function, check)
        self.name = name
        self.ref = name
        self.library_version = ""
        self.effect: Effect = effect
        self.scope: ActionScope = scope
        self.platforms = platforms
        self.summary = declared.summary
        self.docstring = function.__doc__ or ""
        self.parameters: type[BaseModel] = declared.parameters
        self.outputs: type[BaseModel] | None = declared.outputs
        self.dynamic_outputs = declared.dynamic_outputs
        self.shell_parameters: Mapping[str, Shell] = declared.shell_parameters
        self.secret_parameters: frozenset[str] = declared.secret_parameters
        self.check = check
        self.function = function

    def __repr__(self) -> str:
        return f"<Action {self.ref}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Awaitable[Result[OutputsT]]:
        """Call the function itself, typed and without validation: for tests and for other actions."""
        return self.function(*args, **kwargs)

    @property
    def supports_check(self) -> bool:
        """Whether a dry run is possible; an action that only reads is its own dry run."""
        return self.check is not None or self.effect == "read"

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments with their defaults filled in.

        Raises:
            InvalidInputError: They are not what the action takes; every one is named, no value is shown.
        """
        try:
            valid = self.parameters.model_validate(dict(arguments))
        except ValidationError as error:
            raise InvalidInputError([_problem(item) for item in error.errors(include_input=False)]) from None
        return {name: getattr(valid, name) for name in type(valid).model_fields}

    async def call(self, subject: Host | RunContext | StepContext, arguments: Mapping[str, Any]) -> Result[OutputsT]:
        """Validate the arguments and run the action.

        Args:
            subject: The host, or for scopes `run` and `any` the context.
            arguments: Values by parameter name; secret parameters as opened `Secret`s.

        Raises:
            InvalidInputError: The arguments are not what the action takes; nothing ran.
        """
        function = cast("Callable[..., Awaitable[Result[OutputsT]]]", self.function)
        return await function(subject, **self.validate(arguments))

    async def dry_run(self, subject: Host | RunContext | StepContext, arguments: Mapping[str, Any]) -> Result[Any]:
        """Find out what `call` would change, changing nothing.

        Raises:
            CheckNotSupportedError: The action cannot know.
            InvalidInputError: The arguments are not what the action takes; nothing ran.
        """
        valid = self.validate(arguments)
        if self.check is not None:
            return await self.check(subject, **valid)
        if self.effect == "read":
            return await self.call(subject, arguments)
        raise CheckNotSupportedError(self.ref)


AnyAction = Action[..., Any]


class _Declare(Protocol):
    def __call__(self, function: Callable[P, Awaitable[Result[OutputsT]]], /) -> Action[P, OutputsT]: ...


def action(
    name: str,
    *,
    effect: Effect,
    scope: ActionScope = "target",
    platforms: tuple[str, ...] = (),
    check: Callable[..., Awaitable[Result[Any]]] | None = None,
) -> _Declare:
    """Declare an action.

    Args:
        name: `noun.verb`, or one noun.
        effect: What a repeat after a crash may do: `read` changes nothing, `idempotent` leaves what one
            call leaves, `once` must never happen twice (set `once=True` on the one call that changes).
        scope: Where it runs: on each `target`, once a `run`, or `any` as the step says.
        platforms: Platforms of targets it works on; empty for all.
        check: A function with the same parameters that finds out what would change and changes nothing.

    Raises:
        ActionDefinitionError: The function is not up to the standard; the message says how to mend it.
    """

    def declare_action(function: Callable[P, Awaitable[Result[OutputsT]]], /) -> Action[P, OutputsT]:
        return Action(function, name=name, effect=effect, scope=scope, platforms=platforms, check=check)

    return declare_action


def _problem(error: Any) -> Problem:
    path = ".".join(str(part) for part in error["loc"])
    return Problem(path=path, message=error["msg"].removeprefix("Value error, "))
