"""What the README shows is true."""

import re
from pathlib import Path
from typing import Any

from flows.compiler import compile_job
from opsconductor.sdk.job import parse_yaml
from steplib.loader import load

README = (Path(__file__).parents[2] / "README.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_yaml_and_python_give_the_same_document() -> None:
    names: dict[str, Any] = {}
    exec(compile(block("python"), "README.md", "exec"), names)
    assert names["job"].document() == parse_yaml(block("yaml"))


def test_the_job_compiles() -> None:
    assert compile_job(parse_yaml(block("yaml")), load()).name == "restart-web"


def test_its_pictures_and_pages_are_there() -> None:
    named = re.findall(r"\((docs/[^)]+)\)|`(deploy/\S+?\.sh)`|`((?:CONTRIBUTING|SECURITY)\.md)`", README)
    paths = [path for group in named for path in group if path]
    assert paths
    for path in paths:
        assert (Path(__file__).parents[2] / path).exists(), path
