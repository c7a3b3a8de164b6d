"""Python operators become the text of an expression."""

import pytest

from opsconductor.sdk import Term, choose, has, is_in, raw, run, size, target
from opsconductor.sdk.expressions import Scope, StepNames, compile_expression
from opsconductor.sdk.job.terms import source

probe = Term("steps.probe")
n = Term("params.n")
CONTEXT = {
    "params": {"n": 7},
    "steps": {"probe": {"exit_code": 3, "ok": True, "data": {"a b": [1, 2]}}},
    "target": {"name": "web1", "vars": {"site": "north"}},
    "run": {"failed": 2},
}


@pytest.mark.parametrize(
    ("term", "text", "value"),
    [
        (probe.exit_code != 0, "steps.probe.exit_code != 0", True),
        (~probe.ok, "!steps.probe.ok", False),
        (~(n == 7), "!(params.n == 7)", False),
        ((n > 1) & (n < 9) | probe.ok, "params.n > 1 && params.n < 9 || steps.probe.ok", True),
        ((n > 1) & ((n < 3) | probe.ok), "params.n > 1 && (params.n < 3 || steps.probe.ok)", True),
        ((n + 1) * 2 - -n, "(params.n + 1) * 2 - -params.n", 23),
        (10 - (n - 1), "10 - (params.n - 1)", 4),
        (2 * n % 4, "2 * params.n % 4", 2),
        ((n >= 7) == (n <= 7), "(params.n >= 7) == (params.n <= 7)", True),
        (probe.data["a b"][1], 'steps.probe.data["a b"][1]', 2),
        (has(probe.exit_code), "has(steps.probe.exit_code)", True),
        (size(target.name), "size(target.name)", 4),
        (is_in("north", [target.vars.site, "south"]), '"north" in [target.vars.site, "south"]', True),
        (choose(probe.ok, "yes", "no") + "!", '(steps.probe.ok ? "yes" : "no") + "!"', "yes!"),
        (target.name.startsWith("web") & (run.failed > 1), 'target.name.startsWith("web") && run.failed > 1', True),
        (target.name == 'a"b\\\n', 'target.name == "a\\"b\\\\\\n"', False),
    ],
)
def test_terms_say_what_their_operators_say(term, text, value):
    assert source(term) == text

    scope = Scope(params={"n": "integer"}, steps={"probe": StepNames()})
    assert compile_expression(text, scope).evaluate(CONTEXT) == value


def test_in_an_f_string_a_term_is_a_template():
    assert f"rm -f {target.vars.path} {raw(n)}" == "rm -f ${{ target.vars.path }} ${{ raw(params.n) }}"


def test_a_term_has_no_value_while_the_job_is_written():
    with pytest.raises(TypeError, match="use `&`"):
        bool(probe.ok and probe.exit_code)
    with pytest.raises(TypeError, match="is_in"):
        _ = "a" in n
    with pytest.raises(TypeError, match="formatted"):
        f"{n:>5}"
    with pytest.raises(TypeError, match="no items"):
        list(n)
    with pytest.raises(TypeError, match="cannot be part"):
        _ = n == object()
