import json

import pytest

from steplib.loader import load

REGISTRY = load()


def test_finds_by_reference() -> None:
    action = REGISTRY.find("linux/service.start@1")

    assert action is not None
    assert action.ref == "linux/service.start@1"
    assert REGISTRY.find("linux/service.start@2") is None
    assert REGISTRY.find("linux/service.start") is None


@pytest.mark.parametrize(
    ("ref", "meant"),
    [
        ("linux/service.start", "linux/service.start@1"),
        ("linux/service.start@7", "linux/service.start@1"),
        ("linux/servce.start@1", "linux/service.start@1"),
        ("command@1", "linux/command@1"),
        ("unix/command@1", "linux/command@1"),
        ("service.stop", "linux/service.stop@1"),
        ("nothing/like.it@1", None),
        ("", None),
    ],
)
def test_suggests_what_was_meant(ref: str, meant: str | None) -> None:
    assert REGISTRY.suggest(ref) == meant


def test_the_catalogue_is_json_and_complete() -> None:
    catalogue = json.loads(json.dumps(REGISTRY.catalogue()))

    entry = next(item for item in catalogue if item["ref"] == "linux/command@1")
    assert entry["effect"] == "once"
    assert entry["scope"] == "target"
    assert entry["shell_parameters"] == {"line": "posix"}
    assert entry["secret_parameters"] == ["secret_stdin"]
    assert entry["supports_check"] is True
    assert entry["parameters"]["required"] == ["line"]
    assert entry["parameters"]["properties"]["line"]["description"].startswith("The command line.")
    assert set(entry["outputs"]["properties"]) == {"exit_code", "stdout", "stderr", "data"}
    assert {item["ref"] for item in catalogue if item["dynamic_outputs"]} == {"core/set@1"}
