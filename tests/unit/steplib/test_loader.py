"""Entry points against real modules in a folder of the test's own."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from steplib.loader import load
from steplib.registry import Registry

GOOD = '''
from opsconductor.sdk.action import Result, StepContext, action
from opsconductor.sdk.library import Library

@action("nap", effect="read", scope="any")
async def nap(step: StepContext) -> Result[None]:
    """Nap.

    Args:
        step: Where.
    """
    return Result.unchanged("slept")

LIBRARY = Library("{name}", "{version}", "{sdk}", (nap,))
'''


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the import path; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [file.stem for file in tmp_path.glob("*.py")]:
        sys.modules.pop(name, None)


def load_from(shelf: Path, **modules: str) -> Registry:
    for module, source in modules.items():
        (shelf / f"{module}.py").write_text(source)
    entries = [
        EntryPoint(name=module.removeprefix("lib_").rstrip("0123456789"), value=f"{module}:LIBRARY", group="x")
        for module in modules
    ]
    return load(entries)


def good(name: str, version: str = "1.0.0", sdk: str = ">=1,<2") -> str:
    return GOOD.format(name=name, version=version, sdk=sdk)


def test_a_broken_library_does_not_take_the_others_along(shelf: Path) -> None:
    registry = load_from(
        shelf,
        lib_bad="import nothing_of_this_name",
        lib_crash="raise RuntimeError('at import')",
        lib_syntax="def",
        lib_good=good("good"),
        lib_odd="LIBRARY = 3",
    )

    assert registry.find("good/nap@1") is not None
    assert set(registry.broken) == {"bad", "crash", "syntax", "odd"}
    assert "ModuleNotFoundError: No module named 'nothing_of_this_name'" in registry.broken["bad"]
    assert "RuntimeError: at import" in registry.broken["crash"]
    assert "is not a Library" in registry.broken["odd"]


def test_a_wrongly_declared_action_is_named(shelf: Path) -> None:
    registry = load_from(shelf, lib_wrong=good("wrong").replace('"""Nap.', '"""Nap'))

    assert registry.broken["wrong"].startswith("action nap: write a docstring")


def test_another_sdk_is_refused(shelf: Path) -> None:
    registry = load_from(shelf, lib_new=good("new", sdk=">=2"), lib_none=good("none", sdk="one"))

    assert registry.broken["new"] == "it needs SDK >=2, this is 1.0.0"
    assert "is not a range" in registry.broken["none"]
    assert list(registry) == []


def test_the_second_of_a_name_and_major_is_refused(shelf: Path) -> None:
    registry = load_from(shelf, lib_a1=good("a", "1.0.0"), lib_a2=good("a", "1.1.0"), lib_a3=good("a", "2.0.0"))

    assert registry.broken == {"a": "library a 1.1.0 is refused: version 1.0.0 is already loaded"}
    assert [action.ref for action in registry] == ["a/nap@1", "a/nap@2"]
    assert registry.versions == {"a": "2.0.0", "a@1": "1.0.0"}


def test_a_library_goes_by_the_name_of_its_entry_point(shelf: Path) -> None:
    registry = load_from(shelf, lib_linux=good("other"))

    assert "is named other, its entry point linux" in registry.broken["linux"]


def test_the_built_in_libraries_load_without_transports_and_prefect() -> None:
    heavy = ("prefect", "asyncssh", "aiosmtplib", "sqlalchemy")
    code = (
        "import sys; from steplib.loader import load; registry = load();"
        f"print(len(list(registry)) > 20, registry.broken, [m for m in {heavy} if m in sys.modules])"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert output.stdout.strip() == "True {} []"
