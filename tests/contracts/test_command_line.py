"""What holds for the command line as a whole."""

import json
from collections.abc import Iterator
from pathlib import Path

import cyclopts
import pytest

import opsconductor.cli
from opsconductor.cli import output

ROOM = Path(opsconductor.cli.__file__).parent
LONGEST = 300
WITHOUT_JSON = {
    "up": "shows its parts until they end",
    "down": "ends with 0 once all has stopped",
    "logs": "prints lines of logs",
    "login": "asks for secrets on a terminal",
    "logout": "forgets this person's session",
    "password": "asks for secrets on a terminal",
    "second-factor enrol": "shows a secret, then asks for a code made of it",
    "job new": "writes a text that people edit",
    "job schema": "prints JSON and nothing else",
    "template schema": "prints JSON and nothing else",
    "job export": "writes the file that it is asked for",
    "target export": "writes the file that it is asked for",
    "audit export": "writes the file that it is asked for",
}
"""Commands whose answer no program reads from standard output, and why."""


def commands(app: cyclopts.App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, cyclopts.App]]:
    for name in app:
        if not name.startswith("-"):
            below = app[name]
            yield from commands(below, (*path, name))
            if below.default_command is not None:
                yield " ".join((*path, name)), below


def test_every_command_can_answer_a_program():
    """A new one takes `--json`, by `@changing` or `JsonOption`, or says in `WITHOUT_JSON` why it needs none."""
    found = dict(commands(opsconductor.cli.app))
    assert {"user add", "run start", "target delete", "admin rotate-keyring", "job restore"} < found.keys()
    lacking = {
        name
        for name, command in found.items()
        if not any("--json" in argument.names for argument in command.assemble_argument_collection())
    }
    assert lacking == WITHOUT_JSON.keys()


def test_a_file_of_the_command_line_has_one_purpose():
    long = {file.name: len(file.read_text().splitlines()) for file in ROOM.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


@output.changing
def remove(*names: str) -> Iterator[output.Done]:
    """Remove things; there is no `c`."""
    for name in names:
        if name == "c":
            raise LookupError(name)
        yield output.Done(output.removed({"id": name}), f"Removed {name}.")


@output.changing
def make(name: str) -> output.Done:
    """Make a thing."""
    return output.Done({"name": name, "[odd]": True}, f"Made [b]{name}[/b].")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["make", "a"], "Made [b]a[/b].\n"),
        (["remove", "a", "b"], "Removed a.\nRemoved b.\n"),
        (["remove", "a", "c"], "Removed a.\n"),
        (["make", "a", "--json"], {"name": "a", "[odd]": True}),
        (["remove", "--json", "a", "b"], [{"id": "a", "deleted": True}, {"id": "b", "deleted": True}]),
        (["remove", "--json", "a", "c"], [{"id": "a", "deleted": True}]),
        (["remove", "--json"], []),
    ],
)
def test_people_read_words_and_programs_facts(arguments: list[str], said: object, capsys: pytest.CaptureFixture[str]):
    app = cyclopts.App(result_action="return_value")
    app.command(make)
    app.command(remove)
    if "c" in arguments:
        with pytest.raises(LookupError):
            app(arguments)
    else:
        app(arguments)
    printed = capsys.readouterr().out
    assert (json.loads(printed) if "--json" in arguments else printed) == said
