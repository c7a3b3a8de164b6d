"""A template on real hosts: what is passed arrives as it was, what it gives can be read, and nothing else runs."""

import json
from pathlib import Path

import pytest

from .site import Site, folder
from .test_runs import HOSTILE

pytestmark = pytest.mark.real

TEMPLATE = """\
apiVersion: opsconductor/v1
kind: Template
name: keep.words
parameters: {words: {type: string}, file: {type: string}, loud: {type: boolean, default: false}}
outputs: {said: steps.show.stdout, code: steps.show.exit_code}
steps:
  - {id: write, uses: linux/command@1, with: {line: "printf %s ${{ params.words }} > /srv/kept/${{ params.file }}"}}
  - {id: show, uses: linux/command@1, with: {line: "cat /srv/kept/${{ params.file }}"}}
  - {id: shout, uses: linux/command@1, when: params.loud, with: {line: touch /srv/kept/loud}}
"""


def job_with(constants: tuple[str, ...]) -> str:
    """A job that passes constants, and one parameter, to the template."""
    steps: list[dict[str, object]] = [
        {"id": f"keep_{n}", "uses": "template/keep.words@1", "with": {"words": words, "file": f"constant_{n}"}}
        for n, words in enumerate(constants)
    ]
    passed = {"words": "${{ params.text }}", "file": "${{ 'pass' + 'ed' }}", "loud": True}
    steps.append({"id": "last", "uses": "template/keep.words@1", "with": passed})
    line = "printf %s ${{ steps.last.said }} > /srv/kept/read; exit ${{ steps.last.code }}"
    steps.append({"id": "read", "uses": "linux/command@1", "with": {"line": line}})
    document = {
        "apiVersion": "opsconductor/v1", "kind": "Job", "name": "kept-words", "targets": {"select": "tag:web"},
        "parameters": {"text": {"type": "string"}}, "steps": steps,
    }  # fmt: skip
    return json.dumps(document)  # JSON is YAML


def test_what_is_passed_to_a_template_arrives_and_what_it_gives_is_read(site: Site) -> None:
    site.client.post("/job-templates", {"yaml": TEMPLATE})
    constants = tuple(text for text in HOSTILE if "${{" not in text)
    site.publish(job_with(constants))
    hosts = site.hosts[:3]
    for host in hosts:
        folder(host, "kept")
    text = HOSTILE[0] + HOSTILE[5]

    record = site.run("kept-words", {"text": text}, select=" or ".join(f"host:{host.name}" for host in hosts))

    assert record.outcomes == {"changed": 3}, record.facts["summary"]
    for host in hosts:
        kept = Path(host.root, "srv", "kept")
        for n, words in enumerate(constants):
            assert (kept / f"constant_{n}").read_bytes() == words.encode(), words
        assert (kept / "passed").read_text() == (kept / "read").read_text() == text
        assert (kept / "loud").exists()
        assert not (host.home / "owned").exists()
    steps = record.steps(hosts[0].name)
    assert (steps["keep_0__shout"], steps["last__shout"], steps["read"]) == ("skipped", "changed", "changed")
