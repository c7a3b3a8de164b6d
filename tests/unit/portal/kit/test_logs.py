"""What somebody else chose cannot make a line of its own in the log."""

import json
import subprocess
import sys

_LOGS = """
import structlog
from portal.kit.logs import configure_logs
configure_logs()
structlog.stdlib.get_logger("portal").info("request", user="eve\\n{\\"level\\": \\"forged\\"}\\u202e\\u2028\\x1b[2J")
"""


def test_new_lines_and_marks_of_direction_are_escaped():
    done = subprocess.run([sys.executable, "-c", _LOGS], capture_output=True, check=True)
    [line] = done.stderr.splitlines()
    assert line.isascii()
    assert b"\x1b" not in line
    assert json.loads(line)["user"].startswith("eve\n")
