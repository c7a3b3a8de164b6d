"""What expressions give, and what they refuse."""

from typing import Any

import pytest

from opsconductor.errors import ExpressionError
from opsconductor.sdk.expressions import Expression, Scope, StepNames, compile_condition, compile_expression

SCOPE = Scope(
    params={
        "unit": "string",
        "tries": "integer",
        "ratio": "number",
        "force": "boolean",
        "names": "array",
        "extra": "object",
        "token": "secret",
    },
    steps={
        "probe": StepNames(frozenset({"active", "lines"})),
        "query": StepNames(None),
        "tell": StepNames(frozenset({"sent"}), scope="run"),
    },
)
CONTEXT: dict[str, Any] = {
    "params": {
        "unit": "nginx.service",
        "tries": 3,
        "ratio": 1.5,
        "force": True,
        "names": ["a", "b"],
        "extra": {"when": None, "a-b": 1},
        "token": "credential:1",
    },
    "target": {"name": "web1", "address": "10.0.0.1", "port": 22, "vars": {"site": "fra"}, "tags": ("prod",)},
    "run": {"id": "r1", "failed_targets": ["web2"]},
    "steps": {
        "probe": {"outcome": "ok", "ok": True, "active": False, "lines": ["x", "y"]},
        "query": {"outcome": "skipped", "ok": True},
    },
}


def value_of(source: str, scope: Scope = SCOPE) -> Any:
    return compile_expression(source, scope).evaluate(CONTEXT)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("params.unit", "nginx.service"),
        (" params.tries ", 3),
        ("params.ratio", 1.5),
        ("params.names", ["a", "b"]),
        ("params.extra", {"when": None, "a-b": 1}),
        ("params.extra.when", None),
        ("params.extra['a-b']", 1),
        ("params['unit']", "nginx.service"),
        ("params.tries + 1", 4),
        ("params.tries / 2", 1),
        ("params.ratio * 2.0", 3.0),
        ("double(params.tries) / 2.0", 1.5),
        ("!steps.probe.active", True),
        ("steps.probe.ok && params.tries > 2", True),
        ("params.force ? 'yes' : 'no'", "yes"),
        ("'unit ' + params.unit", "unit nginx.service"),
        ("target.vars.site == 'fra'", True),
        ("'prod' in target.tags", True),
        ("target.tags", ["prod"]),
        ("params.names.map(n, n + '!')", ["a!", "b!"]),
        ("params.names.filter(n, n != 'a')", ["b"]),
        ("steps.probe.lines.exists(l, l == 'y')", True),
        ("run.failed_targets.join(', ')", "web2"),
        ("params.unit.split('.')", ["nginx", "service"]),
        ("params.unit.matches('^nginx')", True),
        ("size(params.names)", 2),
        ("size('é')", 1),
        ("{'a': [1, 2.5, null, true]}", {"a": [1, 2.5, None, True]}),
        ("duration('90s')", "90s"),
        ("timestamp('2026-01-01T00:00:00Z') + duration('1h')", "2026-01-01T01:00:00Z"),
        ("1u", 1),
        ("params.unit == null", False),
        ("has(params.unit)", True),
        ("has(steps.query.rows)", False),
        ("has(steps.query.rows) ? steps.query.rows : 0", 0),
        ("has(target.vars.nope)", False),
    ],
)
def test_value(source: str, value: Any) -> None:
    found = value_of(source)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("source", ["params.unit", "params.tries", "params.extra", "steps.probe.active"])
def test_a_plain_path_reads_what_the_language_would(source: str) -> None:
    assert value_of(source) == value_of(f"[{source}][0]")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("params.unti", "did you mean `unit`"),
        ("unit", "write `params.unit`"),
        ("probe", "write `steps.probe.…`"),
        ("parms.unit", "did you mean `params`"),
        ("steps.prob.ok", "did you mean `probe`"),
        ("steps.probe.actve", "did you mean `active`"),
        ("target.nme", "did you mean `name`"),
        ("run.idd", "did you mean `id`"),
        ("params", "`params` alone has no value"),
        ("params.map(x, x)", "`params` alone has no value"),
        ("params[params.unit]", "`params` alone has no value"),
        ("has(params.unti)", "did you mean `unit`"),
        ("params.names.map(params, 1)", "cannot name the elements"),
        ("launch(1)", "no function `launch`"),
        ("params.unit.launch()", "no function `launch`"),
        ("'%s'.format(['a'])", "no function `format`"),
        ("raw(params.unit)", "enclose the whole"),
        ("''.__class__", "cannot be the operand of a select"),
        ("params.unit.deeper", "cannot be the operand of a select"),
        ("params.unit > 3", "does not take (string, int)"),
        ("params.tries + 1.5", "does not take (int, double)"),
        ("params.tries +", "column 15"),
        ("'open", "column 1"),
        ("", "not an expression"),
        ("params.token + 'x'", "a secret cannot be computed with"),
    ],
)
def test_refused_when_compiled(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_expression(source, SCOPE)
    assert message in str(refusal.value)
    assert refusal.value.source == source


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("steps.query.rows", "`steps.query.rows` is absent; guard it with has(steps.query.rows)"),
        ("steps.query.rows + 1", "`steps.query.rows` is absent"),
        ("steps.tell.sent", "`steps.tell.sent` is absent"),
        ("target.vars.nope", "`target.vars.nope` is absent"),
        ("params.names[7]", "index=7"),
        ("params.tries / (params.tries - 3)", "divide by zero"),
        ("9223372036854775807 + params.tries", "overflow"),
        ("params.extra.when + 1", "does not take"),
        ("int(params.unit)", "cannot convert"),
        ("{1: 2}", "have to be texts"),
        ("b'bytes'", "neither text"),
        ("1.0 / 0.0", "not a finite number"),
        ("type(1)", "neither text"),
    ],
)
def test_no_value(source: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refusal:
        value_of(source)
    assert message in str(refusal.value)


def test_references_are_the_longest_paths() -> None:
    expression = compile_expression(
        "has(steps.probe.active) && params.extra['a-b'] == 1 && [1].exists(x, x == params.tries)", SCOPE
    )
    assert expression.references == {"steps.probe.active", "params.extra.a-b", "params.tries"}
    assert expression.steps == {"probe"}


def test_a_step_that_runs_once_has_no_target() -> None:
    with pytest.raises(ExpressionError, match="has no `target`"):
        compile_expression("target.name", Scope(target=False))


def test_a_step_that_runs_once_reads_target_steps_as_results() -> None:
    scope = Scope(steps=SCOPE.steps, target=False)
    with pytest.raises(ExpressionError, match="read it from"):
        compile_expression("steps.probe.active", scope)
    results = [{"target": "a", "outputs": {"active": True}}, {"target": "b", "outputs": {"active": False}}]
    expression = compile_expression("steps.probe.results.filter(r, r.outputs.active).map(r, r.target)", scope)
    assert expression.evaluate({"steps": {"probe": {"results": results}}}) == ["a"]
    assert compile_expression("steps.tell.sent", scope).references == {"steps.tell.sent"}


@pytest.mark.parametrize("source", ["params.tries", "'a' + 'b'", "size(params.names)", "params.token"])
def test_a_condition_is_true_or_false(source: str) -> None:
    with pytest.raises(ExpressionError, match="has to be true or false"):
        compile_condition(source, SCOPE)


@pytest.mark.parametrize("source", ["params.force", "has(params.unit)", "steps.probe.active", "params.tries > 1"])
def test_conditions(source: str) -> None:
    assert isinstance(compile_condition(source, SCOPE), Expression)


def test_a_secret_is_handed_over_whole() -> None:
    assert value_of("params.token") == "credential:1"


def test_half_a_character_is_refused() -> None:
    context = {"params": {"unit": "\ud800"}}
    for source in ("params.unit", "params.unit + 'x'"):
        with pytest.raises(ExpressionError, match="half a character"):
            compile_expression(source, SCOPE).evaluate(context)


def test_integers_beyond_64_bits_are_refused_in_arithmetic() -> None:
    with pytest.raises(ExpressionError, match="out of range"):
        compile_expression("params.tries + 1", SCOPE).evaluate({"params": {"tries": 2**70}})


def test_the_context_is_not_changed() -> None:
    before = repr(CONTEXT)
    value_of("params.names + ['c'] + steps.probe.lines")
    assert repr(CONTEXT) == before
