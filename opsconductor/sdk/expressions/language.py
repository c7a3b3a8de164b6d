"""CEL as OpsConductor speaks it: the environment, compiling, and errors a person can use."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from opsconductor.errors import ExpressionBudgetError, ExpressionError

from . import syntax
from .scope import ROOTS, Scope

if TYPE_CHECKING:
    from cel_expr_python.cel import Env

MAX_SOURCE = 4096
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")
_EXPECTED = re.compile(r" expecting \{.*")
_WHERE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
# Wrappers, because a parameter without a value is null. A `number` may arrive as integer or double: not checked.
_WRAPPERS = {
    "string": "google.protobuf.StringValue",
    "integer": "google.protobuf.Int64Value",
    "boolean": "google.protobuf.BoolValue",
}


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression.

    Attributes:
        run: Evaluates it: takes the context, returns a value of the library.
        tree: Its syntax tree.
        returns: Name of its type, `DYN` when only the values decide.
    """

    run: Any
    tree: syntax.Node
    returns: str


def compile_source(source: str, scope: Scope) -> Program:
    """Compile a source text; names below the roots are not checked here.

    Args:
        source: The text.
        scope: What to suggest from when a name is unknown.

    Raises:
        ExpressionBudgetError: It is too long or nested too deeply.
        ExpressionError: It is not an expression.
    """
    if len(source) > MAX_SOURCE:
        raise ExpressionBudgetError(
            f"an expression may have {MAX_SOURCE:,} characters, this one has {len(source):,}", source=source
        )
    try:
        return _program(source)
    except (RuntimeError, UnicodeError) as error:
        raise _readable(str(error), source, scope) from None


def check_types(program: Program, source: str, scope: Scope) -> str:
    """Check operators and functions against the parameters' types, and name the type of the value.

    Raises:
        ExpressionError: They do not fit.
    """
    types = tuple(sorted((name, _WRAPPERS[kind]) for name, kind in scope.params.items() if kind in _WRAPPERS))
    if not types or _tests_parameter(program.tree):
        return program.returns
    try:
        return str(_environment(types).compile(source).return_type().name())
    except RuntimeError as error:
        raise _readable(str(error), source, scope) from None


@lru_cache(maxsize=4096)
def _program(source: str) -> Program:
    compiled = _environment(()).compile(source)
    return Program(compiled.eval, syntax.parse(compiled.serialize()), compiled.return_type().name())


def _tests_parameter(node: syntax.Node) -> bool:
    """Whether it says `has(params.x)`, which a declared `params.x` would turn into reading it."""
    if isinstance(node, syntax.Select) and node.test and node.operand == syntax.Name("params"):
        return True
    return any(_tests_parameter(child) for child in syntax.children(node))


def _readable(text: str, source: str, scope: Scope) -> ExpressionError:
    if "recursion" in text:
        return ExpressionBudgetError("the expression is nested too deeply (32 levels at most)", source=source)
    undeclared = _UNDECLARED.search(text)
    if undeclared:
        return ExpressionError(_undeclared(undeclared[1], source, scope), source=source)
    where = _WHERE.search(text)
    column = f"column {int(where[2])}: " if where else ""
    overload = _OVERLOAD.search(text)
    if overload:
        return ExpressionError(column + mismatch(overload[1], overload[2]), source=source)
    reason = where[3] if where else text.partition("\n")[0]
    if reason.startswith("Syntax error"):
        reason = f"this is not an expression: {_EXPECTED.sub('', reason.removeprefix('Syntax error: '))}"
    return ExpressionError(column + reason[:200], source=source)


def _undeclared(name: str, source: str, scope: Scope) -> str:
    if name == "raw":
        return "`raw(…)` has to enclose the whole of `${{ … }}`"
    root = name.partition(".")[0]
    if re.search(rf"(?<![\w.]){re.escape(name)}\s*\(|\.{re.escape(name)}\s*\(", source):
        return f"there is no function `{name}`"
    return scope.unknown_name(root)


def mismatch(function: str, types: str) -> str:
    """Say that an operator or function does not take these types."""
    operator = function.replace("_", " ").strip() if function.startswith(("_", "!", "-")) else function
    names = types.replace("wrapper(", "").replace(")", "").replace("_type", "")
    return f"`{operator}` does not take ({names}); convert with string(…), int(…) or double(…)"


@lru_cache(maxsize=256)
def _environment(types: tuple[tuple[str, str], ...]) -> "Env":
    from cel_expr_python.cel import NewEnv, Type  # half a second: commands without expressions do not pay for it
    from cel_expr_python.ext.ext_encoders import ExtEncoders
    from cel_expr_python.ext.ext_math import ExtMath
    from cel_expr_python.ext.ext_strings import ExtStrings

    names = {root: Type.Map(Type.STRING, Type.DYN) for root in ROOTS}
    declared = {f"params.{name}": Type(wrapper) for name, wrapper in types}
    return NewEnv(variables={**names, **declared}, extensions=[ExtStrings(), ExtEncoders(), ExtMath()])
