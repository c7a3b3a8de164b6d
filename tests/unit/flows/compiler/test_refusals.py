"""Every malformed document is refused with path, line and hint; all its problems at once."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows.compiler import check_reading
from opsconductor.sdk.job import try_yaml
from steplib.loader import load

CASES = Path(__file__).parents[3] / "cases" / "documents"
HEAD = "apiVersion: opsconductor/v1\nkind: Job\nname: x\n"
STEP = "\nsteps: [{id: a, uses: core/delay@1, with: {seconds: 1}}]\n"
REGISTRY = load()


def _cases():
    for file in sorted(CASES.glob("*.yaml")):
        for case in YAML(typ="safe", pure=True).load(file):
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def _text(case):
    if "document" in case:
        return case["document"]
    body = case["body"]
    return HEAD + body + ("" if "steps:" in body else STEP)


@pytest.mark.parametrize("case", list(_cases()))
def test_refused_with_path_line_and_hint(case):
    found = check_reading(try_yaml(_text(case)), REGISTRY)

    assert found.plan is None
    said = [(problem.path, problem.line) for problem in found.problems]
    assert sorted(said, key=repr) == sorted([(item["path"], item["line"]) for item in case["problems"]], key=repr)
    for item in case["problems"]:
        matching = [problem for problem in found.problems if problem.path == item["path"]]
        assert any(item["says"] in str(problem) for problem in matching), [str(problem) for problem in matching]
    assert all(problem.hint for problem in found.problems), [str(problem) for problem in found.problems]


def test_there_are_at_least_sixty_cases():
    assert len(list(_cases())) >= 60
