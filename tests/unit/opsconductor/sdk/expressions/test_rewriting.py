"""Names are replaced where they are names, and values that are put in mean what they were."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import ExpressionBudgetError, ExpressionError
from opsconductor.sdk.expressions import Scope, compile_expression
from opsconductor.sdk.expressions.rewriting import as_expression, rewrite_expression, rewrite_text

ANYTHING = Scope(params={"y": "string", "n": "integer"})
# A NUL never comes here: requests and documents that hold one are refused.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def replace(names: tuple[str, ...]) -> tuple[int, str] | None:
    return {"params": (2, "params.y"), "steps": (2, f"steps.in__{names[1]}")}.get(names[0]) if len(names) > 1 else None


@pytest.mark.parametrize(
    ("source", "rewritten"),
    [
        ("params.x", "params.y"),
        ("params . x.startsWith('params.x')", "params.y.startsWith('params.x')"),
        ('"params.x" + r"\\" + params.x', '"params.x" + r"\\" + params.y'),
        ("'it\\'s params.x' + params.x", "'it\\'s params.x' + params.y"),
        ("[1].map(i, i.params.x)", "[1].map(i, i.params.x)"),
        ("a.params.x", "a.params.x"),
        ("has(params.x) && has(steps.a.out)", "has(params.y) && has(steps.in__a.out)"),
        ("{'params.x': params.x}[params.x]", "{'params.x': params.y}[params.y]"),
        ("steps.a.out > 3", "steps.in__a.out > 3"),
        ("myparams.x", "myparams.x"),
        ("'''params.x''' + params.x", "'''params.x''' + params.y"),
        ("params", "params"),
    ],
)
def test_only_names_are_replaced(source: str, rewritten: str):
    assert rewrite_expression(source, replace) == rewritten


def test_a_text_keeps_what_stands_around_its_expressions():
    text = "params.x ${{ params.x }} ${{ raw(params.x) }}"
    assert rewrite_text(text, replace) == "params.x ${{ params.y }} ${{ raw(params.y) }}"


@settings(max_examples=300)
@given(VALUES)
def test_a_constant_is_an_expression_of_the_same_value(value: Any):
    def as_text(inner: Any) -> bool:
        return "${{" in str(inner)

    if as_text(value) or len(as_expression(value)) > 4000:
        return
    assert compile_expression(as_expression(value), Scope()).evaluate({}) == value


@given(TEXTS, TEXTS, TEXTS)
def test_a_text_with_expressions_is_joined(before: str, between: str, value: str):
    if "${{" in before + between:
        return
    source = as_expression(f"{before}${{{{ params.y }}}}{between}${{{{ params.n }}}}")
    context = {"params": {"y": value, "n": 7}}
    assert compile_expression(source, ANYTHING).evaluate(context) == f"{before}{value}{between}7"


def test_a_comment_cannot_swallow_what_follows():
    passed = as_expression("${{ 1 + 1 // two }}")
    source = rewrite_expression("params.x + 1", lambda names: (2, passed) if names[0] == "params" else None)
    assert compile_expression(source, Scope()).evaluate({}) == 3


def test_a_value_that_was_put_in_is_there():
    source = rewrite_expression("has(params.x) ? 1 : 2", lambda names: (2, '"text"') if names[0] == "params" else None)
    assert compile_expression(source, Scope()).evaluate({}) == 1


def test_what_is_computed_cannot_be_asked_for():
    with pytest.raises(ExpressionError, match="is computed"):
        rewrite_expression("has(steps.a.out)", lambda names: (3, "1 + 1") if names[0] == "steps" else None)


def test_growth_ends():
    with pytest.raises(ExpressionBudgetError):
        rewrite_expression("params.x + " * 300 + "1", lambda _: (2, '"' + "a" * 1000 + '"'))


def test_raw_is_no_value():
    with pytest.raises(ExpressionError, match="raw"):
        as_expression("${{ raw(params.y) }}")
