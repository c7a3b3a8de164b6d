"""Values with expressions in them."""

from typing import Any

import pytest

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions import Scope, StepNames, compile_template

SCOPE = Scope(
    params={"unit": "string", "tries": "integer", "names": "array", "token": "secret"},
    steps={"probe": StepNames(frozenset({"active"}))},
)
CONTEXT: dict[str, Any] = {
    "params": {"unit": "nginx", "tries": 3, "names": ["a", "b c"], "token": "credential:1"},
    "steps": {"probe": {"active": True}},
}


@pytest.mark.parametrize(
    ("value", "rendered"),
    [
        ("${{ params.tries }}", 3),
        ("${{params.names}}", ["a", "b c"]),
        (" ${{ params.tries }}", " 3"),
        ("unit=${{ params.unit }} tries=${{ params.tries }}", "unit=nginx tries=3"),
        ("${{ params.names }}!", '["a","b c"]!'),
        ("${{ steps.probe.active }}.", "true."),
        (["${{ params.tries }}", {"deep": ["x-${{ params.unit }}"]}, 7, None], [3, {"deep": ["x-nginx"]}, 7, None]),
        ({"a": 1, "b": "${{ params.tries + 1 }}"}, {"a": 1, "b": 4}),
        ("${{ params.token }}", "credential:1"),
        ("${{ 'a' }}${{ 'b' }}", "ab"),
    ],
)
def test_render(value: Any, rendered: Any) -> None:
    template = compile_template(value, SCOPE)
    assert template.render(CONTEXT) == rendered
    assert not template.is_constant


@pytest.mark.parametrize("value", ["text", "$x ${y}", 7, None, True, [1, ["a"]], {"a": {"b": []}}])
def test_constants_come_back_as_they_are(value: Any) -> None:
    template = compile_template(value, SCOPE)
    assert template.is_constant
    assert template.render({}) is value
    assert template.references == frozenset()


def test_references() -> None:
    template = compile_template({"a": ["${{ params.unit }} ${{ steps.probe.active }}"], "b": "${{ 1 }}"}, SCOPE)
    assert template.references == {"params.unit", "steps.probe.active"}
    assert template.steps == {"probe"}
    assert [expression.source for expression in template.expressions] == ["params.unit", "steps.probe.active", "1"]


def test_rendering_twice_gives_independent_values() -> None:
    template = compile_template({"a": ["${{ params.tries }}"]}, SCOPE)
    template.render(CONTEXT)["a"].append("changed")
    assert template.render(CONTEXT) == {"a": [3]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("${{ params.unti }}", "did you mean"),
        ({"${{ params.unit }}": 1}, "key of a map"),
        ("${{ raw(params.unit) }}", "here nothing is quoted"),
        ("Bearer ${{ params.token }}", "hand it over whole"),
        (["${{ params.token + 'x' }}"], "cannot be computed with"),
    ],
)
def test_refused_when_compiled(value: Any, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        compile_template(value, SCOPE)


def test_a_secret_never_becomes_part_of_a_command_line() -> None:
    for line in ("${{ params.token }}", "login ${{ raw(params.token) }}"):
        with pytest.raises(ExpressionError, match="hand it over whole"):
            compile_template(line, SCOPE, "posix")


def test_null_has_no_text() -> None:
    with pytest.raises(ExpressionError, match="null"):
        compile_template("a ${{ null }}", SCOPE).render(CONTEXT)


def test_raw_is_visible() -> None:
    template = compile_template("ls ${{ raw(params.unit) }} ${{ params.unit }}", SCOPE, "posix")
    assert template.uses_raw
    assert template.render(CONTEXT) == "ls nginx 'nginx'"
    assert not compile_template("ls ${{ params.unit }}", SCOPE, "posix").uses_raw
