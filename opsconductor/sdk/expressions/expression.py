"""An expression: compiled once, evaluated for every target."""

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any, cast, final

from opsconductor.errors import ExpressionBudgetError, ExpressionError

from . import language
from .cost import needs_reckoning, reckon
from .names import Path, check_names, paths_in, plain_path
from .reading import extract, outermost
from .scope import Scope
from .size import Size, measure

_ABSENT = re.compile(r'Key not found in map : "(.*)"', re.DOTALL)
_NO_OVERLOAD = re.compile(r"No matching overloads found : (\S+?)\((.*)\)", re.DOTALL)


@final
class Expression:
    """A compiled expression. Made by `compile_expression`.

    Attributes:
        source: The text it was compiled from.
        references: The dotted paths it reads, such as `params.unit` or `steps.probe.exit_code`.
        boolean: Whether it can be true or false: its type is boolean, or only the values decide.
    """

    __slots__ = ("_outermost", "_path", "_paths", "_program", "_reckoned", "boolean", "references", "source")

    def __init__(self, source: str, program: language.Program, paths: frozenset[Path], returns: str) -> None:
        self.source = source
        self.references = frozenset(".".join(path) for path in paths)
        self.boolean = returns in {"BOOL", "DYN"} or "BoolValue" in returns
        self._paths = paths
        self._outermost = outermost(paths)
        self._program = program
        self._reckoned = needs_reckoning(program.tree)
        self._path = plain_path(source, paths)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    @property
    def plain(self) -> bool:
        """Whether it is nothing but one dotted path."""
        return self._path is not None

    @property
    def steps(self) -> frozenset[str]:
        """Ids of the steps whose results it reads."""
        return frozenset(path[1] for path in self._paths if path[0] == "steps")

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        """The expression's value, as JSON: dates and durations become texts.

        Args:
            context: `params`, `target`, `run` and `steps`, as far as the scope names them; JSON values.

        Raises:
            ExpressionBudgetError: It would cost more than one expression may.
            ExpressionError: It has no value, such as when it reads the output of a step that was skipped.
        """
        if self._path is not None:
            return self._read(self._path, context)
        data, values = extract(context, self._outermost)
        sizes = {path: self._measured(value) for path, value in values.items()}
        if self._reckoned:
            reckon(self._program.tree, sizes, self.source)
        return self._json(self._run(data))

    def _read(self, path: Path, context: Mapping[str, Any]) -> Any:
        found: Any = context
        for name in path:
            try:
                found = found[name]
            except (KeyError, TypeError, IndexError):
                raise self._absent(name) from None
        if isinstance(found, tuple):
            found = list(cast("tuple[Any, ...]", found))
        if isinstance(found, str | list | dict):
            self._measured(cast("Any", found))
        return cast("Any", found)

    def _measured(self, value: Any) -> Size:
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ExpressionError("a text holds half a character (a lone surrogate)", source=self.source) from None
        return measure(value, self.source)

    def _run(self, data: dict[str, Any]) -> Any:
        try:
            value = self._program.run(data=data)
            plain = value.plain_value()
        except RuntimeError as error:
            if "budget" in str(error):
                raise ExpressionBudgetError("the expression loops too often", source=self.source) from None
            raise ExpressionError(str(error)[:200], source=self.source) from None
        if value.type().name() == "ERROR":
            raise self._failure(str(plain))
        return plain

    def _failure(self, text: str) -> ExpressionError:
        absent = _ABSENT.search(text)
        if absent:
            return self._absent(absent[1])
        overload = _NO_OVERLOAD.search(text)
        if overload:
            return ExpressionError(language.mismatch(overload[1], overload[2]), source=self.source)
        return ExpressionError(text.partition(": ")[2][:200] or text[:200], source=self.source)

    def _absent(self, name: str) -> ExpressionError:
        path = next((".".join(path) for path in sorted(self._paths) if name in path), name)
        return ExpressionError(f"`{path}` is absent; guard it with has({path})", source=self.source)

    def _json(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            if math.isfinite(value):
                return value
            raise ExpressionError("the value is not a finite number", source=self.source)
        if isinstance(value, list):
            return [self._json(element) for element in cast("list[Any]", value)]
        if isinstance(value, dict):
            return {self._key(key): self._json(element) for key, element in cast("dict[Any, Any]", value).items()}
        return self._text(value)

    def _key(self, key: Any) -> str:
        if isinstance(key, str):
            return key
        raise ExpressionError("the keys of a map have to be texts", source=self.source)

    def _text(self, value: Any) -> str:
        if isinstance(value, dt.datetime):
            return value.isoformat().replace("+00:00", "Z")
        if isinstance(value, dt.timedelta):
            return f"{value.total_seconds():g}s"
        raise ExpressionError("the value is neither text, number, truth, date, list nor map", source=self.source)


def compile_expression(source: str, scope: Scope) -> Expression:
    """Compile an expression (CEL) and check every name it uses.

    Args:
        source: The text, without `${{ }}`.
        scope: The names it may use.

    Raises:
        ExpressionBudgetError: It is too long or nested too deeply.
        ExpressionError: It is not an expression, names something that does not exist, or mixes types.
    """
    program = language.compile_source(source, scope)
    check_names(program.tree, scope, source)
    expression = Expression(source, program, paths_in(program.tree), language.check_types(program, source, scope))
    if not expression.plain and expression.references & scope.secrets:
        raise ExpressionError("a secret cannot be computed with; name the parameter alone", source=source)
    return expression


def compile_condition(source: str, scope: Scope) -> Expression:
    """Compile an expression that has to be true or false, such as `when`.

    Raises:
        ExpressionError: As `compile_expression`; also when it cannot be true or false.
    """
    expression = compile_expression(source, scope)
    if not expression.boolean or expression.references & scope.secrets:
        raise ExpressionError("a condition has to be true or false; compare with == or !=", source=source)
    return expression
