"""YAML that is written, read and edited again."""

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsconductor.errors import DocumentError
from opsconductor.sdk.job import dump_yaml, parse, parse_yaml

TEXT = """\
# Owned by the web team.
apiVersion: opsconductor/v1
kind: Job
name: restart-web   # shown in the portal

parameters:
  unit: {type: string, default: nginx.service}  # a systemd unit
targets: {select: "tag:web", at_most: 500, allow_empty: false}
steps:
  # First look …
  - {id: probe, uses: linux/service.status@1, with: {unit: "${{ params.unit }}"}}

  # … then act.
  - id: restart
    uses: linux/service.restart@1   # idempotent
    when: "!steps.probe.active"
    with:
      unit: ${{ params.unit }}
  # Last words.
  - id: note
    uses: core/log@1
    with: {message: 'done'}
layout: {probe: [0, 0]}   # canvas positions only
"""


def _edited(**changes):
    return parse({**parse_yaml(TEXT).to_data(), **changes})


def test_an_unchanged_document_keeps_its_text():
    assert dump_yaml(parse_yaml(TEXT), TEXT) == TEXT


def test_a_changed_value_changes_one_line():
    written = dump_yaml(_edited(timeout_seconds=60, description="What it does."), TEXT)

    assert [line for line in TEXT.splitlines() if line not in written.splitlines()] == []
    assert parse_yaml(written) == _edited(timeout_seconds=60, description="What it does.")


def test_steps_take_their_comments_with_them():
    data = copy.deepcopy(parse_yaml(TEXT).to_data())
    data["steps"][1]["timeout_seconds"] = 30
    data["steps"].append({"id": "end", "uses": "core/log@1", "with": {"message": "end"}})

    written = dump_yaml(parse(data), TEXT)

    for comment in (
        "Owned by", "shown in", "a systemd", "First look", "then act", "idempotent", "Last words", "canvas",
    ):  # fmt: skip
        assert comment in written
    assert parse_yaml(written) == parse(data)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_removed_step_is_gone_and_the_rest_is_as_it_was(index):
    data = copy.deepcopy(parse_yaml(TEXT).to_data())
    del data["steps"][index]
    data["layout"] = {}

    written = dump_yaml(parse(data), TEXT)

    assert parse_yaml(written) == parse(data)
    assert "# Owned by the web team." in written


def test_steps_in_another_order():
    data = copy.deepcopy(parse_yaml(TEXT).to_data())
    data["steps"].reverse()

    assert parse_yaml(dump_yaml(parse(data), TEXT)) == parse(data)


def test_an_original_that_is_not_yaml_is_refused():
    with pytest.raises(DocumentError):
        dump_yaml(parse_yaml(TEXT), "a: [")


@pytest.mark.parametrize("file", sorted((Path(__file__).parents[4] / "acceptance" / "jobs").glob("*.yaml")), ids=str)
def test_canonical_text_is_its_own_image(file):
    document = parse_yaml(file.read_text())
    canonical = dump_yaml(document)

    assert parse_yaml(canonical) == document
    assert dump_yaml(parse_yaml(canonical)) == canonical
    assert dump_yaml(document, file.read_text()) == file.read_text()


_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=8,
)


@given(value=_values)
@settings(max_examples=80, deadline=None)
def test_any_argument_survives_writing_and_reading(value):
    step = {"id": "a", "uses": "core/set@1", "with": {"values": {"x": value}}}
    document = parse({"apiVersion": "opsconductor/v1", "kind": "Job", "name": "x", "steps": [step]})

    written = dump_yaml(document)

    assert parse_yaml(written).to_data() == document.to_data()
    assert dump_yaml(parse_yaml(written)) == written


@given(before=_values, after=_values)
@settings(max_examples=60, deadline=None)
def test_any_edit_is_what_is_read_back(before, after):
    def document(value):
        step = {"id": "a", "uses": "core/set@1", "with": {"values": value}}
        return parse({"apiVersion": "opsconductor/v1", "kind": "Job", "name": "x", "steps": [step]})

    original = dump_yaml(document(before))

    assert parse_yaml(dump_yaml(document(after), original)).to_data() == document(after).to_data()
