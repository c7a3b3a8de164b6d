"""Values of a run against the parameters of its job."""

import time

import pytest

from flows.compiler import planned_parameters
from opsconductor.errors import InvalidInputError
from opsconductor.sdk.job import bind_parameters, parameters_schema, parse

STEP = {"id": "a", "uses": "core/delay@1", "with": {"seconds": 1}}


def _declared(**parameters):
    document = {"apiVersion": "opsconductor/v1", "kind": "Job", "name": "x", "parameters": parameters, "steps": [STEP]}
    return planned_parameters(parse(document))


def _refusals(declared, values):
    with pytest.raises(InvalidInputError) as caught:
        bind_parameters(declared, values)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_values_are_kept_and_defaults_filled_in():
    declared = _declared(unit={"type": "string"}, tries={"type": "integer", "default": 2}, token={"type": "secret"})

    bound = bind_parameters(declared, {"unit": "nginx", "token": "cred-1"})

    assert bound == {"unit": "nginx", "tries": 2, "token": "cred-1"}


def test_a_default_of_nothing_is_a_default():
    assert bind_parameters(_declared(a={"type": "object", "default": {}}), {}) == {"a": {}}


def test_every_problem_is_named_at_once():
    declared = _declared(unit={"type": "string"}, tries={"type": "integer", "maximum": 5})

    refused = _refusals(declared, {"tries": 9, "unti": "x"})

    assert refused.keys() == {"parameters.unit", "parameters.tries", "parameters.unti"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "3"), ("integer", "3; rm -rf /"), ("integer", True), ("integer", 3.0), ("integer", None),
        ("integer", 2**63), ("number", "1.5"), ("number", float("nan")), ("number", float("inf")), ("number", False),
        ("boolean", 1), ("boolean", "true"), ("string", 5), ("string", None), ("string", "a\0b"),
        ("string", "\ud800"), ("string", "x" * 65_537), ("array", "a"), ("array", {"a": 1}), ("array", ["a\0"]),
        ("object", []), ("object", {1: 2}), ("object", {"a": object()}), ("secret", 5), ("secret", ""), ("secret", {}),
    ],
)  # fmt: skip
def test_nothing_is_coerced(kind, value):
    refused = _refusals(_declared(p={"type": kind}), {"p": value})

    assert all(path.startswith("parameters.p") for path in refused)


def test_a_refusal_repeats_no_value():
    declared = _declared(a={"type": "string", "pattern": "^x$"}, b={"type": "secret"}, c={"type": "integer"})

    refused = _refusals(declared, {"a": "hunter2", "b": ["hunter2"], "c": "hunter2"})

    assert "hunter2" not in str(refused)


@pytest.mark.parametrize("value", ["nginx.service\n", "nginx.service; id", "$(id).service", "", "a b.service"])
def test_an_anchored_pattern_lets_nothing_else_through(value):
    declared = _declared(unit={"type": "string", "pattern": r"^[\w@.-]+\.service$"})

    assert "pattern" in _refusals(declared, {"unit": value})["parameters.unit"]


def test_a_pattern_that_others_never_finish_takes_no_time():
    declared = _declared(p={"type": "string", "pattern": "^(a+)+$"})
    began = time.process_time()

    _refusals(declared, {"p": "a" * 60_000 + "!"})

    assert time.process_time() - began < 1


def test_bounds_of_every_type():
    declared = _declared(
        s={"type": "string", "min_length": 2, "max_length": 3},
        n={"type": "number", "minimum": 0, "maximum": 1},
        e={"type": "string", "enum": ["dev", "test"]},
        l={"type": "array", "min_items": 1, "max_items": 2, "items": {"type": "string", "pattern": "^[a-z]+$"}},
    )
    good = {"s": "ab", "n": 0.5, "e": "dev", "l": ["a"]}

    assert bind_parameters(declared, good) == good
    assert _refusals(declared, good | {"s": "a"}).keys() == {"parameters.s"}
    assert _refusals(declared, good | {"n": 1.5}).keys() == {"parameters.n"}
    assert _refusals(declared, good | {"e": "prod"}).keys() == {"parameters.e"}
    assert _refusals(declared, good | {"l": []}).keys() == {"parameters.l"}
    assert _refusals(declared, good | {"l": ["a", "B"]}).keys() == {"parameters.l[1]"}


REGION = {"type": "string", "enum": ["eu", "us"]}
PLACE = {"type": "string", "choices_when": {"region": {"eu": ["fra", "ams"], "us": ["iad"]}}}


def test_choices_follow_another_value():
    declared = _declared(region=REGION, place=PLACE)

    assert bind_parameters(declared, {"region": "us", "place": "iad"}) == {"region": "us", "place": "iad"}
    assert _refusals(declared, {"region": "us", "place": "fra"}) == {
        "parameters.place": "must be iad when `region` is us"
    }
    assert _refusals(declared, {"region": "mars", "place": "pluto"}).keys() == {"parameters.region", "parameters.place"}
    assert _refusals(declared, {"place": "fra"}).keys() == {"parameters.region"}
    assert _refusals(declared, {"region": ["eu"], "place": 3}).keys() == {"parameters.region", "parameters.place"}


def test_a_default_is_held_against_the_value_that_was_given():
    declared = _declared(region={**REGION, "default": "eu"}, place={**PLACE, "default": "fra"})

    assert bind_parameters(declared, {}) == {"region": "eu", "place": "fra"}
    assert _refusals(declared, {"region": "us"}).keys() == {"parameters.place"}


def test_without_an_enum_a_value_that_no_row_names_allows_nothing():
    declared = _declared(region={"type": "string"}, place=PLACE)

    assert "nothing can be chosen" in _refusals(declared, {"region": "x", "place": "fra"})["parameters.place"]


@pytest.mark.parametrize(
    ("parameters", "path", "says"),
    [
        ({"region": REGION, "p": {**PLACE, "choices_when": {"rgion": {"eu": ["a"]}}}}, "p.choices_when", "rgion"),
        ({"region": REGION, "p": {**PLACE, "choices_when": {"region": {"eu": ["a"]}}}}, "p.choices_when", "is us"),
        ({"region": REGION, "p": {**PLACE, "choices_when": {"region": {"eu": ["a"], "us": ["b"], "x": ["c"]}}}},
         "p.choices_when", "no value of"),
        ({"region": {"type": "integer"}, "p": PLACE}, "p.choices_when", "type integer"),
        ({"region": REGION, "p": {**PLACE, "type": "boolean"}}, "p.choices_when", "no choices"),
        ({"region": REGION, "p": {**PLACE, "choices_when": {"region": {"eu": [1], "us": ["b"]}}}}, "p.choices_when",
         "must be a string"),
        ({"region": REGION, "p": {**PLACE, "max_length": 2}}, "p.choices_when", "at most 2"),
        ({"region": {**REGION, "default": "us"}, "p": {**PLACE, "default": "fra"}}, "p.default", "must be iad"),
        ({"region": {**PLACE, "choices_when": {"p": {"fra": ["eu"]}}}, "p": PLACE}, "region.choices_when",
         "depend on each other"),
        ({"p": {**PLACE, "choices_when": {"p": {"a": ["a"]}}}}, "p.choices_when", "depend on each other"),
        ({"region": REGION, "p": {**PLACE, "choices_when": {}}}, "p.choices_when", "empty"),
        ({"region": REGION, "p": {**PLACE, "choices_when": {"region": {"eu": [], "us": ["b"]}}}},
         "p.choices_when.region.eu", "empty"),
        ({"p": {"type": "secret", "default": "hunter2"}}, "p.default", "no default"),
        ({"p": {"type": "string", "credential": "x"}}, "p.credential", "only a secret"),
    ],
)  # fmt: skip
def test_choices_that_make_no_sense_are_refused_when_written(parameters, path, says):
    with pytest.raises(InvalidInputError) as caught:
        _declared(**parameters)

    found = {problem.path: problem.message for problem in caught.value.problems}
    assert says in found[f"parameters.{path}"], found


def test_a_secret_falls_back_to_the_credential_it_names():
    declared = _declared(token={"type": "secret", "credential": "deploy"})

    assert bind_parameters(declared, {}) == {"token": "deploy"}
    assert bind_parameters(declared, {"token": "other"}) == {"token": "other"}


def test_the_form_knows_which_choices_go_together():
    schema = parameters_schema(_declared(region=REGION, place=PLACE), title="x")

    assert schema["properties"]["place"]["enum"] == ["fra", "ams", "iad"]
    assert schema["required"] == ["region", "place"]
    assert schema["allOf"][1] == {
        "if": {"properties": {"region": {"const": "us"}}, "required": ["region"]},
        "then": {"properties": {"place": {"enum": ["iad"]}}},
    }
