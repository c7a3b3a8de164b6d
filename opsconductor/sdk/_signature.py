"""From an action's function to its parameter and output models; every mistake is named here."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, PydanticUserError, create_model
from pydantic.fields import FieldInfo

from opsconductor.errors import ActionDefinitionError

from . import _docstring
from .credential import Secret
from .markers import ReadByShell, Shell
from .result import Result

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
_TAKEN = frozenset(name for name in dir(BaseModel) if not name.startswith("__"))


class _Parameters(BaseModel):
    """Base of every parameter model: nothing unknown, and a text is never a number."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, validate_default=True
    )


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a function's signature and docstring declare."""

    summary: str
    parameters: type[BaseModel]
    outputs: type[BaseModel] | None
    dynamic_outputs: bool
    shell_parameters: Mapping[str, Shell]
    secret_parameters: frozenset[str]


def declare(name: str, function: Callable[..., Any], subject: type) -> Declaration:
    """Check a function against the standard of actions and read what it declares.

    Args:
        name: The action's name, for messages.
        function: The action's function.
        subject: What its first argument has to be.

    Raises:
        ActionDefinitionError: The function is not up to the standard; the message says how to mend it.
    """
    if not _NAME.fullmatch(name):
        _refuse(name, "the name is `noun.verb` or one noun, in lower case, such as `service.start`")
    if not inspect.iscoroutinefunction(function):
        _refuse(name, "declare its function with `async def`")
    hints = get_type_hints(function, include_extras=True)
    keywords = _keywords(name, function, hints, subject)
    outputs = _outputs(name, hints.get("return"))
    return Declaration(
        summary=_summary(name, function),
        parameters=_model(name, function, keywords, hints),
        outputs=outputs if isinstance(outputs, type) and issubclass(outputs, BaseModel) else None,
        dynamic_outputs=get_origin(outputs) is dict,
        shell_parameters={key: shell for key in keywords if (shell := _shell(hints[key]))},
        secret_parameters=frozenset(key for key in keywords if _holds_secret(hints[key])),
    )


def same_signature(name: str, function: Callable[..., Any], check: Callable[..., Any]) -> None:
    """Refuse a check whose parameters are not the action's."""
    if not inspect.iscoroutinefunction(check):
        _refuse(name, "declare its check with `async def`")
    if _shape(function) != _shape(check):
        _refuse(name, f"give its check `{check.__name__}` the very parameters of `{function.__name__}`")


def _shape(function: Callable[..., Any]) -> list[tuple[Any, ...]]:
    hints = get_type_hints(function, include_extras=True)
    found = inspect.signature(function).parameters.values()
    return [
        (item.kind, item.name if item.kind is item.KEYWORD_ONLY else "", item.default, repr(hints.get(item.name)))
        for item in found
    ]


def _summary(name: str, function: Callable[..., Any]) -> str:
    line = _docstring.summary(function.__doc__ or "")
    if not line.endswith("."):
        _refuse(name, "write a docstring whose first line is one sentence, then an empty line, then `Args:`")
    return line


def _keywords(
    name: str, function: Callable[..., Any], hints: Mapping[str, Any], subject: type
) -> dict[str, inspect.Parameter]:
    items = list(inspect.signature(function).parameters.values())
    first, rest = items[0] if items else None, items[1:]
    if first is None or first.kind is first.KEYWORD_ONLY or hints.get(first.name) is not subject:
        _refuse(name, f"give its function a first argument of type `{subject.__name__}`")
    for item in rest:
        if item.kind is not item.KEYWORD_ONLY:
            _refuse(name, f"make parameter `{item.name}` keyword-only (put `*` before it)")
        if item.name not in hints:
            _refuse(name, f"give parameter `{item.name}` a type")
        if item.name.startswith("_") or item.name in _TAKEN:
            _refuse(name, f"choose another name for parameter `{item.name}`: it is reserved")
    return {item.name: item for item in rest}


def _model(
    name: str, function: Callable[..., Any], keywords: Mapping[str, inspect.Parameter], hints: Mapping[str, Any]
) -> type[BaseModel]:
    described = _docstring.section(function.__doc__ or "", "Args")
    fields: dict[str, Any] = {}
    for key, item in keywords.items():
        text = _description(hints[key]) or described.get(key, "")
        if not text:
            _refuse(name, f"describe parameter `{key}` under `Args:` in the docstring")
        default: Any = ... if item.default is item.empty else item.default
        fields[key] = (Annotated[hints[key], FieldInfo(description=text)], default)
    title = "".join(part.title() for part in re.split(r"[._]", name)) + "Parameters"
    try:
        return create_model(title, __base__=_Parameters, __module__=function.__module__, **fields)
    except (PydanticUserError, TypeError) as error:
        raise ActionDefinitionError(f"action {name}: its parameters make no model: {error}") from error


def _outputs(name: str, returned: Any) -> Any:
    declared = get_args(returned)[0] if get_origin(returned) is Result else ...
    if declared is None or declared is type(None):
        return None
    if get_origin(declared) is dict and get_args(declared)[0] is str:
        return declared
    if not (isinstance(declared, type) and issubclass(declared, BaseModel)):
        _refuse(name, "declare what it returns: `Result[Model]`, `Result[None]` or `Result[dict[str, Any]]`")
    return _described(name, declared)


def _described(name: str, outputs: type[BaseModel]) -> type[BaseModel]:
    described = _docstring.section(outputs.__doc__ or "", "Attributes")
    for key, info in outputs.model_fields.items():
        info.description = info.description or described.get(key)
        if not info.description:
            _refuse(name, f"describe output `{key}` under `Attributes:` in the docstring of `{outputs.__name__}`")
    outputs.model_rebuild(force=True)
    return outputs


def _description(hint: Any) -> str:
    infos = [item for item in getattr(hint, "__metadata__", ()) if isinstance(item, FieldInfo)]
    return next((info.description for info in infos if info.description), "")


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _shell(hint: Any) -> Shell | None:
    for member in _members(hint):
        for mark in getattr(member, "__metadata__", ()):
            if isinstance(mark, ReadByShell):
                return mark.shell
    return None


def _holds_secret(hint: Any) -> bool:
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return any(member is Secret for member in _members(bare))


def _refuse(name: str, mend: str) -> NoReturn:
    raise ActionDefinitionError(f"action {name}: {mend}")
