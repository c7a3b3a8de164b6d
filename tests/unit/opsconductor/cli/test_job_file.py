"""`opsconductor job validate|show|schema`, as a user runs them."""

import json
import subprocess
import sys

import pytest

from opsconductor.cli import app

GOOD = """\
apiVersion: opsconductor/v1
kind: Job
name: check
parameters: {path: {type: string, default: /srv}}
targets: {select: "tag:web", at_most: 5}
strategy: {batches: [2], max_failures: 1}
steps:
  - id: look
    uses: linux/command@1
    with: {line: "test -e ${{ params.path }}"}
    retry: {attempts: 2, delay_seconds: 3}
  - id: work
    block:
      steps: [{id: wait, uses: core/delay@1, with: {seconds: 1}, when: steps.look.ok}]
      rescue: [{id: note, uses: core/log@1, with: {message: bad}}]
"""
BAD = GOOD.replace("delay@1", "dely@1").replace("kind: Job", "kind: Jbo")


def _run(*arguments):
    with pytest.raises(SystemExit) as ended:
        app(["job", *map(str, arguments)])
    return ended.value.code


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def bad(tmp_path):
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    return file


def test_a_valid_document(good, capsys):
    assert _run("validate", good) == 0

    assert "valid, 3 steps" in capsys.readouterr().out


def test_a_refused_document_shows_every_problem_beside_its_line(good, bad, capsys):
    assert _run("validate", good, bad) == 2

    out = capsys.readouterr().out
    assert "refused, 2 problems" in out
    assert "did you mean `Job`?" in out
    assert "did you mean `core/delay@1`?" in out
    assert "2 | kind: Jbo" in out


def test_problems_for_programs(bad, capsys):
    assert _run("validate", bad, "--json") == 2

    report = json.loads(capsys.readouterr().out)
    assert report[0]["valid"] is False
    assert [(problem["path"], problem["line"]) for problem in report[0]["problems"]] == [
        ("kind", 2),
        ("steps[1].block.steps[0].uses", 14),
    ]


def test_show_draws_the_graph(good, capsys):
    assert _run("show", good) == 0

    out = capsys.readouterr().out
    for fact in ("tag:web (at most 5)", "batches of 2", "look", "2 attempts", "rescue", "when steps.look.ok", "/srv"):
        assert fact in out


def test_show_gives_the_plan_to_programs(good, capsys):
    assert _run("show", good, "--json") == 0

    assert [node["id"] for node in json.loads(capsys.readouterr().out)["nodes"]] == ["look", "work"]


def test_show_refuses_what_validate_refuses(bad, capsys):
    assert _run("show", bad) == 2
    assert "refused" in capsys.readouterr().out


def test_the_schema_is_json_schema(capsys):
    app(["job", "schema"], result_action="return_value")

    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read"), (b"name: \xff\xfe", "is not UTF-8 text")], ids=["absent", "latin"]
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_checked(tmp_path, capsys, good, content, says):
    file = tmp_path / "job.yaml"
    if content is not None:
        file.write_bytes(content)

    assert app(["job", "validate", str(file), str(good)], result_action="return_value") == 2

    printed = " ".join(capsys.readouterr().out.split())
    assert f"{file}: refused" in printed
    assert says in printed
    assert f"{good}: valid" in printed


def test_neither_prefect_nor_a_server_is_needed(good):
    program = (
        "import sys; from opsconductor.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code in (0, None), end.code\n"
        "heavy = {'prefect', 'sqlalchemy', 'asyncssh', 'fastapi', 'httpx2'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, "job", "validate", str(good)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
