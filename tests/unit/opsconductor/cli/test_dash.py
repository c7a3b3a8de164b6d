"""A lone `-` is an argument wherever the help says so; any other word that begins with one is an option."""

import cyclopts
import pytest

from opsconductor.cli import app

TAKES = [
    "job publish -",
    "job create - --folder web",
    "job validate -",
    "job show -",
    "job new -",
    "job list --sort -name",
    "template publish -",
    "target import - --format ansible-ini",
    "target export -",
    "audit export - --csv",
    "run steps last -",
    "run output last - greet",
    "run output last --download -",
    "run decide last - greet skip",
]


@pytest.mark.parametrize("line", TAKES)
def test_a_dash_is_taken(line: str):
    _, bound, _ = app.parse_args(line.split(), exit_on_error=False, print_error=False)
    assert [value for value in bound.arguments.values() if str(value).startswith("-")]


@pytest.mark.parametrize("line", ["job publish --fodler web", "run steps last --jsn", "audit export --csv"])
def test_a_misspelt_option_is_refused(line: str):
    with pytest.raises(cyclopts.CycloptsError):
        app.parse_args(line.split(), exit_on_error=False, print_error=False)
