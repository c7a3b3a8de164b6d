"""The acceptance jobs: YAML and Python say the same, and both compile to the plan that was reviewed."""

import json
from pathlib import Path

import pytest

from flows.compiler import check, compile_job
from flows.plan import Plan
from opsconductor.sdk.job import dump_yaml, parse_yaml
from steplib.loader import load
from tests.acceptance.jobs import DOCUMENTS, JOBS

REGISTRY = load()
PLANS = Path(__file__).parent / "plans"


@pytest.mark.parametrize("name", sorted(JOBS))
def test_yaml_and_python_are_the_same_document(name):
    written = parse_yaml((DOCUMENTS / f"{name}.yaml").read_text())

    built = JOBS[name]()

    assert built.to_data() == written.to_data()
    assert built == written
    assert dump_yaml(built) == dump_yaml(written)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_compiles_to_the_golden_plan(name):
    plan = compile_job(parse_yaml((DOCUMENTS / f"{name}.yaml").read_text()), REGISTRY)

    golden = json.loads((PLANS / f"{name}.json").read_text())

    assert plan.model_dump(mode="json") == golden
    assert Plan.model_validate(golden) == plan


@pytest.mark.parametrize("name", sorted(JOBS))
def test_nothing_in_it_is_doubtful(name):
    assert check(JOBS[name](), REGISTRY).warnings == ()


def test_every_document_has_its_twin():
    assert {file.stem for file in DOCUMENTS.glob("*.yaml")} == JOBS.keys()
