"""Templates in jobs: their steps stand in place, under names of their own, and what is wrong is said at the use."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from flows.compiler import check_reading, check_template
from flows.plan import Plan, PlannedBlock, PlannedNode
from opsconductor.sdk.job import TemplateDocument, template_ref, try_template_yaml, try_yaml
from steplib.loader import load

REGISTRY = load()
HEAD = "apiVersion: opsconductor/v1\nkind: Job\nname: x\ntargets: {select: all}\n"
TEMPLATE_HEAD = "apiVersion: opsconductor/v1\nkind: Template\n"
RESTART = """\
name: web.restart
parameters:
  unit: {type: string, pattern: '^[a-z.]+$'}
  tries: {type: integer, default: 2, minimum: 1}
outputs:
  lines: steps.probe.stdout
  twice: steps.probe.stdout + steps.probe.stdout
steps:
  - {id: probe, uses: linux/command@1, with: {line: "systemctl status ${{ params.unit }}", accept: [0, 3]}}
  - id: restart
    uses: linux/command@1
    when: steps.probe.exit_code == 3 && params.tries > 1
    with: {line: "systemctl restart ${{ params.unit }}"}
    needs: [probe]
"""


class Kept:
    """A catalogue of templates, each version as it was written."""

    def __init__(self, *texts: str) -> None:
        self.documents: dict[str, TemplateDocument] = {}
        for text in texts:
            reading = try_template_yaml(TEMPLATE_HEAD + text)
            assert reading.template is not None, reading.problems
            ref = template_ref(reading.template.name, 1)
            self.documents[ref] = reading.template

    def find(self, ref: str) -> TemplateDocument | None:
        return self.documents.get(ref)

    def suggest(self, ref: str) -> str | None:
        return next(iter(self.documents), None)


def checked(body: str, *templates: str):
    return check_reading(try_yaml(HEAD + body), REGISTRY, Kept(*templates))


def planned(body: str, *templates: str) -> Plan:
    found = checked(body, *templates)
    assert found.plan is not None, [str(problem) for problem in found.problems]
    return found.plan


def said(body: str, *templates: str) -> Mapping[str, str]:
    return {problem.path: str(problem) for problem in checked(body, *templates).problems}


def flat(nodes: tuple[PlannedNode, ...]) -> Iterator[PlannedNode]:
    for node in nodes:
        yield node
        if isinstance(node, PlannedBlock):
            yield from flat((*node.steps, *node.rescue, *node.always))


def arguments(plan: Plan, step: str) -> dict[str, Any]:
    return {name: bound.value for name, bound in next(n for n in flat(plan.nodes) if n.id == step).arguments.items()}


def test_a_use_becomes_a_block_of_the_templates_steps():
    plan = planned(
        """\
steps:
  - {id: first, uses: core/delay@1, with: {seconds: 1}}
  - {id: web, uses: template/web.restart@1, with: {unit: nginx.service}, needs: [first], when: target.name != "x"}
  - {id: last, uses: core/delay@1, with: {seconds: 1}}
""",
        RESTART,
    )
    assert [(node.ord, node.id) for node in flat(plan.nodes)] == [
        (0, "first"), (1, "web"), (2, "web__probe"), (3, "web__restart"), (4, "last"),
    ]  # fmt: skip
    block = plan.nodes[1]
    assert isinstance(block, PlannedBlock)
    assert (block.when, [need.step for need in block.needs]) == ('target.name != "x"', ["first"])
    inner = block.steps[1]
    assert inner.when == "steps.web__probe.exit_code == 3 && 2 > 1"
    assert [need.step for need in inner.needs] == ["web__probe"]


def test_a_constant_is_quoted_where_a_shell_reads_it():
    plan = planned("steps: [{id: w, uses: template/web.restart@1, with: {unit: a.b}}]", RESTART)
    assert arguments(plan, "w__probe")["line"] == 'systemctl status ${{ "a.b" }}'


def test_a_whole_parameter_keeps_its_type():
    template = """\
name: pause
parameters: {seconds: {type: number}, note: {type: string, default: waited}}
steps:
  - {id: wait, uses: core/delay@1, with: {seconds: "${{ params.seconds }}"}}
  - {id: note, uses: core/log@1, with: {message: "${{params.note}}"}}
"""
    plan = planned("steps: [{id: p, uses: template/pause@1, with: {seconds: 3}}]", template)
    assert (arguments(plan, "p__wait"), arguments(plan, "p__note")) == ({"seconds": 3}, {"message": "waited"})


def test_a_template_is_used_twice_with_other_values():
    plan = planned(
        """\
parameters: {unit: {type: string, pattern: '^[a-z.]+$'}}
steps:
  - {id: one, uses: template/web.restart@1, with: {unit: "${{ params.unit }}"}}
  - {id: two, uses: template/web.restart@1, with: {unit: "${{ 'x.' + params.unit }}", tries: 5}}
""",
        RESTART,
    )
    assert arguments(plan, "one__restart")["line"] == "systemctl restart ${{ params.unit }}"
    assert arguments(plan, "two__restart")["line"] == "systemctl restart ${{ ('x.' + params.unit\n) }}"
    assert next(node for node in flat(plan.nodes) if node.id == "two__restart").when.endswith("5 > 1")


def test_later_steps_read_the_outputs():
    plan = planned(
        """\
steps:
  - {id: web, uses: template/web.restart@1, with: {unit: a.b}}
  - {id: note, uses: core/log@1, when: has(steps.web.lines) && steps.web.ok,
     with: {message: "${{ steps.web.lines }} ${{ steps.web.twice }}"}}
""",
        RESTART,
    )
    note = plan.nodes[1]
    assert note.when == "has(steps.web__probe.stdout) && steps.web.ok"
    assert arguments(plan, "note")["message"] == (
        "${{ steps.web__probe.stdout }} ${{ (steps.web__probe.stdout + steps.web__probe.stdout\n) }}"
    )


OUTER = """\
name: deploy
parameters: {unit: {type: string, pattern: '^[a-z.]+$'}}
outputs: {said: steps.inner.lines}
steps:
  - {id: inner, uses: template/web.restart@1, with: {unit: "${{ params.unit }}"}}
  - {id: tell, uses: core/log@1, with: {message: "${{ steps.inner.lines }}"}}
"""


def test_templates_inside_templates():
    found = checked(
        """\
steps:
  - {id: d, uses: template/deploy@1, with: {unit: a.b}}
  - {id: note, uses: core/log@1, with: {message: "${{ steps.d.said }}"}}
""",
        RESTART,
        OUTER,
    )
    assert found.plan is not None, found.problems
    assert found.templates == {"template/web.restart@1", "template/deploy@1"}
    assert [node.id for node in flat(found.plan.nodes)] == [
        "d", "d__inner", "d__inner__probe", "d__inner__restart", "d__tell", "note",
    ]  # fmt: skip
    assert arguments(found.plan, "d__inner__probe")["line"] == 'systemctl status ${{ "a.b" }}'
    for step in ("d__tell", "note"):
        assert arguments(found.plan, step)["message"] == "${{ steps.d__inner__probe.stdout }}"


def test_a_secret_goes_through_whole():
    template = """\
name: login
parameters: {word: {type: secret}}
steps: [{id: go, uses: linux/command@1, with: {line: cat, secret_stdin: "${{ params.word }}"}}]
"""
    use = 'steps: [{id: l, uses: template/login@1, with: {word: "${{ params.token }}"}}]'
    plan = planned("parameters: {token: {type: secret}}\n" + use, template)
    assert arguments(plan, "l__go")["secret_stdin"] == "${{ params.token }}"
    assert "steps[0].with.word" in said("parameters: {token: {type: string}}\n" + use, template)
    assert (
        "a document holds none"
        in said("steps: [{id: l, uses: template/login@1, with: {word: hunter2}}]", template)["steps[0].with.word"]
    )


@pytest.mark.parametrize(
    ("step", "path", "words"),
    [
        ("{id: w, uses: template/web.restart@1}", "steps[0]", "`unit` of `template/web.restart@1` is missing"),
        ("{id: w, uses: template/web.restart@1, with: {unit: A B}}", "steps[0].with.unit", "does not match"),
        ("{id: w, uses: template/web.restart@1, with: {unit: 3}}", "steps[0].with.unit", "must be a string"),
        ("{id: w, uses: template/web.restart@1, with: {unit: a, tri: 2}}", "steps[0].with.tri", "`tries`"),
        ("{id: w, uses: template/web.restart@1, with: {unit: a, tries: 0}}", "steps[0].with.tries", "at least 1"),
        ("{id: w, uses: template/web.restart@7, with: {unit: a}}", "steps[0].uses", "did you mean"),
        ("{id: w, uses: template/web.restart@1, with: {unit: a}, retry: {attempts: 2}}", "steps[0].retry",
         "no `retry`"),
        ("{id: w, uses: template/web.restart@1, with: {unit: a}, scope: run}", "steps[0].scope", "no `scope`"),
        ('{id: w, uses: template/web.restart@1, with: {unit: "${{ raw(x) }}"}}', "steps[0].with.unit", "raw"),
        ('{id: w, uses: template/web.restart@1, with: {unit: "${{ params.no }}"}}',
         "steps[0].template.steps[0].with.line", "in template/web.restart@1"),
        (f"{{id: {'w' * 60}, uses: template/web.restart@1, with: {{unit: a}}}}",
         "steps[0].template.steps[0]", "longer"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_use_or_inside_it(step: str, path: str, words: str):
    found = said(f"steps:\n  - {step}\n", RESTART)
    assert words in found[path], found
    assert found[path].startswith("line 6: ")


def test_the_other_problems_of_the_job_are_named_with_it():
    found = said(
        "steps:\n  - {id: w, uses: template/none@1}\n  - {id: n, uses: core/log@1, when: steps.w.out == 1}\n"
        "  - {id: w__x, uses: core/lgo@1}\n",
        RESTART,
    )
    assert sorted(found) == ["steps[0].uses", "steps[1]", "steps[2].uses"]


def test_ids_stay_unique():
    body = (
        "steps:\n  - {id: w, uses: template/web.restart@1, with: {unit: a}}\n"
        "  - {id: w__probe, uses: core/log@1, with: {message: x}}\n"
    )
    assert "another step is named `w__probe`" in said(body, RESTART)["steps[1].id"]


def uses(name: str, *refs: str) -> str:
    steps = "\n".join(f"  - {{id: s{index}, uses: {ref}}}" for index, ref in enumerate(refs))
    return f"name: {name}\nsteps:\n{steps}\n"


def test_templates_that_use_each_other_are_refused():
    found = said("steps: [{id: w, uses: template/a@1}]", uses("a", "template/b@1"), uses("b", "template/a@1"))
    assert "template/a@1 → template/b@1 → template/a@1" in next(iter(found.values()))
    assert list(found) == ["steps[0].template.steps[0].template.steps[0].uses"]


def test_templates_are_not_nested_without_end():
    chain = [uses(f"t{n}", f"template/t{n + 1}@1") for n in range(6)]
    found = said("steps: [{id: w, uses: template/t0@1}]", *chain, uses("t6", "core/fail@1"))
    assert any("deeper than 5" in problem for problem in found.values())


def test_a_job_does_not_grow_without_bounds():
    wide = [uses(f"t{n}", *[f"template/t{n + 1}@1"] * 40) for n in range(3)]
    leaf = "name: t3\nsteps:\n" + "\n".join(
        f"  - {{id: x{n}, uses: core/log@1, with: {{message: hi}}}}" for n in range(40)
    )
    found = checked("steps: [{id: w, uses: template/t0@1}]", *wide, leaf)
    assert found.plan is None
    assert any("too many nodes" in str(problem) for problem in found.problems)
    assert len(found.problems) < 300


def test_large_values_are_not_multiplied_without_bounds():
    message = "x" * 100_000
    body = "steps:\n" + "\n".join(
        f"  - {{id: a{n}, uses: template/talk@1, with: {{say: {message}}}}}" for n in range(2)
    )
    talk = "name: talk\nparameters: {say: {type: string, max_length: 200000}}\nsteps:\n" + "\n".join(
        f"  - {{id: x{n}, uses: core/log@1, with: {{message: '${{{{ params.say }}}}'}}}}" for n in range(40)
    )
    found = checked(body, talk)
    assert any("too much text" in str(problem) for problem in found.problems), found.problems


def test_a_run_scoped_template():
    template = """\
name: announce
scope: run
steps: [{id: mail, uses: core/log@1, scope: run, with: {message: "${{ run.summary }}"}}]
"""
    plan = planned("steps: [{id: a, uses: template/announce@1}]", template)
    assert [node.scope for node in flat(plan.nodes)] == ["run", "run"]


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("name: A-b\nsteps: [{id: a, uses: core/fail@1}]", "name", "web.restart"),
        ("name: a\nsteps: []", "steps", "must not be empty"),
        ("name: a\ntargets: {select: all}\nsteps: [{id: a, uses: core/fail@1}]", "targets", "no field of a template"),
        ("name: a\nscope: both\nsteps: [{id: a, uses: core/fail@1}]", "scope", "`target` or `run`"),
        ("name: a\noutputs: {ok: steps.a.ok}\nsteps: [{id: a, uses: core/log@1, with: {message: x}}]", "outputs.ok",
         "choose another name"),
        ("name: a\noutputs: {x: steps.b.ok}\nsteps: [{id: a, uses: core/log@1, with: {message: x}}]", "outputs.x",
         "there is no step"),
        ("name: a\noutputs: {x: 3}\nsteps: [{id: a, uses: core/log@1, with: {message: x}}]", "outputs.x",
         "must be text"),
        ("name: a\nparameters: {s: {type: secret}}\noutputs: {x: params.s}\n"
         "steps: [{id: a, uses: core/log@1, with: {message: x}}]", "outputs.x", "is a secret"),
        ("name: a\nparameters: {s: {type: string, default: '${{ x }}'}}\n"
         "steps: [{id: a, uses: core/log@1, with: {message: x}}]", "parameters.s.default", "not an expression"),
        ("name: a\nsteps: [{id: a, uses: core/log@1, scope: run, with: {message: x}}]", "steps[0]", "scope: run"),
        ("name: a\nsteps: [{id: a, uses: core/log@1, with: {message: '${{ params.x }}'}}]", "steps[0].with.message",
         "there is no parameter"),
        ("name: a\nsteps: [{id: a, uses: core/lgo@1}]", "steps[0].uses", "core/log@1"),
        ("steps: [{id: a, uses: core/fail@1}]", "name", "is missing"),
    ],
)  # fmt: skip
def test_a_template_is_refused_by_itself(text: str, path: str, words: str):
    found = check_template(try_template_yaml(TEMPLATE_HEAD + text), REGISTRY, Kept())
    assert words in {problem.path: str(problem) for problem in found.problems}.get(path, ""), found.problems
    assert all(problem.line for problem in found.problems)


def test_sound_templates_are_sound():
    for text in (RESTART, OUTER):
        assert check_template(try_template_yaml(TEMPLATE_HEAD + text), REGISTRY, Kept(RESTART)).problems == ()


@pytest.mark.parametrize("text", ["[1]", "kind: Template\nkind: Template", "!!x y", "\x00", "- a", "steps: 3"])
def test_what_is_no_template_at_all(text: str):
    assert check_template(try_template_yaml(text), REGISTRY).problems


def test_a_job_with_a_template_is_the_job_that_was_written_out():
    head = "parameters: {unit: {type: string, pattern: '^[a-z.]+$'}}\nsteps:\n"
    note = '  - {id: note, uses: core/log@1, with: {message: "${{ steps.%s }}"}}\n'
    used = (
        head + '  - {id: web, uses: template/web.restart@1, with: {unit: "${{ params.unit }}"}}\n' + note % "web.lines"
    )
    written = (
        head
        + """\
  - id: web
    block:
      steps:
        - id: web__probe
          uses: linux/command@1
          with: {line: "systemctl status ${{ params.unit }}", accept: [0, 3]}
        - id: web__restart
          uses: linux/command@1
          when: steps.web__probe.exit_code == 3 && 2 > 1
          with: {line: "systemctl restart ${{ params.unit }}"}
          needs: [web__probe]
"""
        + note % "web__probe.stdout"
    )
    assert planned(used, RESTART) == planned(written)
