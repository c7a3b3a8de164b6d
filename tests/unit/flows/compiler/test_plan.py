"""What a plan keeps of a document, and what a document is warned of."""

import pytest

from flows.compiler import check, compile_job
from flows.plan import PlannedBlock
from opsconductor.errors import DocumentError
from opsconductor.sdk.job import parse_yaml
from steplib.loader import load

REGISTRY = load()
HEAD = "apiVersion: opsconductor/v1\nkind: Job\nname: x\ntargets: {select: all}\n"


def _plan(body):
    return compile_job(parse_yaml(HEAD + body), REGISTRY)


def _warnings(body):
    return {problem.path: str(problem) for problem in check(parse_yaml(HEAD + body), REGISTRY).warnings}


def _flat(nodes):
    for node in nodes:
        yield node
        if isinstance(node, PlannedBlock):
            yield from _flat((*node.steps, *node.rescue, *node.always))


NESTED = """\
steps:
  - {id: a, uses: core/delay@1, with: {seconds: 1}}
  - id: b
    block:
      steps: [{id: c, uses: core/delay@1, with: {seconds: 1}}, {id: d, uses: core/delay@1, with: {seconds: 1}}]
      rescue: [{id: e, uses: core/log@1, with: {message: "${{ steps.c.outcome }}"}}]
      always: [{id: f, uses: core/log@1, with: {message: "${{ steps.e.outcome }} ${{ steps.a.outcome }}"}}]
  - {id: g, uses: core/log@1, with: {message: "${{ has(steps.d.summary) ? steps.d.summary : steps.b.outcome }}"}}
"""


def test_nodes_are_numbered_in_document_order_lanes_included():
    assert [(node.ord, node.id) for node in _flat(_plan(NESTED).nodes)] == list(enumerate("abcdefg"))


def test_a_node_needs_the_one_above_it_in_its_own_lane():
    needs = {node.id: [(need.step, need.on) for need in node.needs] for node in _flat(_plan(NESTED).nodes)}

    assert needs == {
        "a": [], "b": [("a", "success")], "c": [], "d": [("c", "success")], "e": [], "f": [], "g": [("b", "success")],
    }  # fmt: skip


def test_edges_say_how_the_step_before_must_have_ended():
    plan = _plan("""\
steps:
  - {id: a, uses: core/delay@1, with: {seconds: 1}}
  - {id: b, uses: core/delay@1, needs: [], with: {seconds: 1}}
  - {id: c, uses: core/log@1, needs: [a, {step: b, on: always}], on: failure, join: any, with: {message: x}}
""")

    assert [(need.step, need.on) for need in plan.nodes[2].needs] == [("a", "failure"), ("b", "always")]
    assert plan.nodes[2].join == "any"
    assert plan.nodes[1].needs == ()


def test_a_step_keeps_what_its_action_declares():
    step = _plan('steps: [{id: a, uses: linux/command@1, with: {line: "echo ${{ target.name }}", sudo: true}}]').nodes[
        0
    ]

    assert (step.effect, step.scope, step.uses) == ("once", "target", "linux/command@1")
    assert step.library_version == REGISTRY.versions["linux"]
    assert (step.arguments["line"].shell, step.arguments["sudo"].shell) == ("posix", None)


def test_the_scope_of_a_step_that_can_run_either_way():
    plan = _plan("""\
steps:
  - {id: a, uses: core/delay@1, with: {seconds: 1}}
  - {id: b, uses: core/delay@1, scope: run, with: {seconds: 1}}
""")

    assert [node.scope for node in plan.nodes] == ["target", "run"]


def test_parameters_arrive_with_their_schema():
    plan = _plan("""\
parameters:
  unit: {type: string, default: nginx, pattern: '^[a-z]+$', max_length: 9, description: A unit.}
  token: {type: secret}
steps: [{id: a, uses: core/delay@1, with: {seconds: 1}}]
""")

    unit, token = plan.parameters
    assert unit.json_schema == {"type": "string", "pattern": "^[a-z]+$", "maxLength": 9}
    assert (unit.required, unit.default, unit.description) == (False, "nginx", "A unit.")
    assert (token.type, token.required) == ("secret", True)


def test_warned_of_a_step_that_only_stands_below_a_failure_branch():
    body = """\
steps:
  - {id: work, uses: core/delay@1, with: {seconds: 1}}
  - {id: alarm, uses: core/log@1, on: failure, with: {message: x}}
  - {id: next, uses: core/log@1, with: {message: x}}
"""

    assert "needs: [work]" in _warnings(body)["steps[2]"]
    assert _warnings(body.replace("id: next,", "id: next, needs: [alarm],")) == {}


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        ("steps: [{id: a, uses: core/delay@1, with: {seconds: 1}}]\nlayout: {b: [0, 0]}", "layout.b", "no step `b`"),
        ("steps: [{id: a, uses: core/delay@1, with: {seconds: 1}, when: 'false'}]", "steps[0].when", "always false"),
        (
            'steps: [{id: a, uses: linux/command@1, with: {line: "${{ raw(target.name) }}"}}]',
            "steps[0].with.line",
            "not quoted",
        ),
        (
            "parameters: {p: {type: string, pattern: '[a-z]'}}\nsteps: [{id: a, uses: core/log@1, with: {message: x}}]",
            "parameters.p.pattern",
            "anchor it",
        ),
    ],
)
def test_warned_of_what_is_probably_not_meant(body, path, says):
    assert says in _warnings(body)[path]


def test_after_a_branch_and_its_failure_branch_a_step_can_join_both():
    body = """\
steps:
  - {id: stop, uses: core/fail@1, with: {message: stop}}
  - {id: alarm, uses: core/log@1, on: failure, with: {message: x}}
  - {id: end, uses: core/log@1, needs: [stop, alarm], join: any, with: {message: x}}
"""

    assert [node.id for node in _plan(body).nodes] == ["stop", "alarm", "end"]


def test_a_document_without_text_has_problems_without_lines():
    document = parse_yaml(HEAD + "steps: [{id: a, uses: core/nap@1}]")

    with pytest.raises(DocumentError) as caught:
        compile_job(type(document).model_validate(document.to_data()), REGISTRY)

    assert [(problem.path, problem.line) for problem in caught.value.problems] == [("steps[0].uses", None)]
