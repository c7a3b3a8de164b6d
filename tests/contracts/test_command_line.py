"""What holds for the command line as a whole."""

from pathlib import Path

import opsconductor.cli

ROOM = Path(opsconductor.cli.__file__).parent
LONGEST = 300


def test_a_file_of_the_command_line_has_one_purpose():
    long = {file.name: len(file.read_text().splitlines()) for file in ROOM.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}
