"""Jobs written in Python."""

import pytest

from opsconductor.errors import DocumentError
from opsconductor.sdk import Job, after, target
from opsconductor.sdk.job import json_schema, parse_yaml
from steplib.linux import LIBRARY

TWIN = """\
apiVersion: opsconductor/v1
kind: Job
name: deploy
targets: {select: all}
strategy: {batches: [1, 50%]}
parameters: {token: {type: secret}, path: {type: string}}
steps:
  - {id: look, uses: linux/command@1, with: {line: "test -e ${{ params.path }}", accept: [0, 1]}, timeout_seconds: 5}
  - id: change
    scope: run
    when: steps.look.failed == 0
    block:
      steps:
        - id: put
          uses: linux/command@1
          with: {line: "touch ${{ target.vars.file }}", secret_stdin: "${{ params.token }}"}
        - id: inner
          block:
            steps: [{id: check, uses: core/assert@1, with: {that: "${{ steps.put.exit_code == 0 }}"}}]
      rescue:
        - {id: undo, uses: linux/command@1, with: {line: rm file}}
      always:
        - {id: say, uses: core/log@1, scope: run, with: {message: end}}
  - {id: end, uses: core/log@1, with: {message: ok}, needs: [look, {step: change, on: failure}], join: any}
"""


def test_blocks_lanes_edges_and_conditions_as_in_yaml():
    job = Job("deploy", targets="all", batches=[1, "50%"])
    token, path = job.secret("token"), job.parameter("path")
    command = next(action for action in LIBRARY.actions if action.name == "command")
    look = job.step("look", command, line=f"test -e {path}", accept=[0, 1], timeout_seconds=5)
    with job.block("change", scope="run", when=look.failed == 0) as change:
        put = job.step("put", command, line=f"touch {target.vars.file}", secret_stdin=token)
        with job.block("inner"):
            job.step("check", "core/assert@1", that=put.exit_code == 0)
        with change.rescue():
            job.step("undo", command, line="rm file")
        with change.always():
            job.step("say", "core/log@1", scope="run", message="end")
    job.step("end", "core/log@1", needs=[look, after(change, on="failure")], join="any", message="ok")

    assert job.document() == parse_yaml(TWIN)


def test_arguments_that_are_also_keywords_go_into_a_mapping():
    job = Job("x")
    job.step("a", "notify/email.send@1", {"timeout_seconds": 5}, timeout_seconds=9, body="b")

    step = job.document().steps[0]

    assert (step.timeout_seconds, step.arguments) == (9, {"timeout_seconds": 5, "body": "b"})


def test_what_is_wrong_is_said_with_its_path():
    job = Job("x", concurrency=0)
    job.step("a-b", "core/log@1", message="m")

    with pytest.raises(DocumentError) as caught:
        job.document()

    assert {problem.path for problem in caught.value.problems} == {"strategy.concurrency", "steps[0].id"}


def test_a_parameter_of_a_type_nobody_knows():
    with pytest.raises(TypeError, match="use str, int"):
        Job("x").parameter("p", set)


def test_the_schema_for_editors_accepts_the_document_and_refuses_its_mistakes():
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(json_schema())
    data = parse_yaml(TWIN).to_data()

    assert list(validator.iter_errors(data)) == []
    assert list(validator.iter_errors(data | {"stepz": []}))
    assert list(validator.iter_errors(data | {"timeout_seconds": "5"}))
