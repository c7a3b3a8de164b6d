"""What plain YAML 1.2 says, and where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import DocumentError
from opsconductor.sdk.job import try_yaml
from opsconductor.sdk.job.reader import MAX_BYTES, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("no", "no"), ("off", "off"), ("y", "y"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("12", 12), ("-3", -3), ("+3", 3), ("0o17", 15), ("0x1F", 31), ("017", 17), ("1_000", "1_000"),
        ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("1.2.3", "1.2.3"),
        ("2024-01-31", "2024-01-31"), ("12:30:45", "12:30:45"), ("0b11", "0b11"), ("=", "="),
        ('"12"', "12"), ("'true'", "true"), (r'"\u00e9\n"', "é\n"), (r'"😀"', "😀"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(text, value):
    read = read_yaml(f"key: {text}\n").data["key"]

    assert read == value
    assert type(read) is type(value)


def test_the_key_on_stays_text():
    assert read_yaml("on: failure").data == {"on": "failure"}


def test_json_is_read_too():
    assert read_yaml('{"a": [1, {"b": null}], "c": "x"}').data == {"a": [1, {"b": None}], "c": "x"}


def test_every_place_knows_its_line():
    lines = read_yaml("a:\n  - b: 1\n    c:\n      - x\n      - y\n").lines

    assert lines.find(("a",)) == 1
    assert lines.find(("a", 0, "b")) == 2
    assert lines.find(("a", 0, "c", 1)) == 5
    assert lines.find(("a", 0, "not here")) == 2


def test_a_text_that_is_too_long_is_refused_before_it_is_read():
    with pytest.raises(DocumentError) as caught:
        read_yaml("a: " + "x" * MAX_BYTES)

    assert str(MAX_BYTES) in str(caught.value)


def test_a_document_that_is_all_mistakes_names_some_and_stops():
    with pytest.raises(DocumentError) as caught:
        read_yaml("a: [" + "*x, " * 20_000 + "1]")

    assert 0 < len(caught.value.problems) <= 201


@given(st.text(max_size=200) | st.text(alphabet="{}[]:,-&*!|>'\"%@`#? \n\tab0\\", max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_the_text_holds_it_is_read_or_refused(text):
    reading = try_yaml(text)

    assert reading.problems
    assert all(problem.message and problem.hint for problem in reading.problems)
