"""`opsconductor job new`: a job file to begin with."""

import json
import shlex
from typing import Annotated, Final

from cyclopts import Parameter

from opsconductor.errors import InvalidInputError

from .dash import FileOrDash
from .output import console

_STARTER: Final = """\
# Check it:      opsconductor job validate {file}
# Publish it:    opsconductor job publish {file}
# Every action:  opsconductor library list; what one takes: opsconductor library show linux/service.start
# Every field:   opsconductor job schema
apiVersion: opsconductor/v1
kind: Job
name: {name}
parameters:
  greeting: {{type: string, default: hello}}
targets: {{select: {select}, at_most: 500}}
strategy: {{concurrency: 20}}
timeout_seconds: 600
steps:
  - id: look
    uses: linux/uptime@1
  - id: greet
    uses: linux/command@1
    with: {{line: "echo ${{{{ params.greeting }}}} from $(hostname)"}}
"""


def new(
    file: FileOrDash,
    *,
    select: Annotated[str, Parameter(help="The targets it is for, such as group:web.")] = "all",
) -> None:
    """Write a job file to begin with: two steps that change nothing. It is called as the file is.

    Args:
        file: A new file, such as hello.yaml; `-` for standard output.
    """
    from flows.compiler import check_reading
    from opsconductor.sdk.job import try_yaml
    from steplib.loader import load

    name = "hello" if str(file) == "-" else file.stem
    text = _STARTER.format(file=shlex.quote(str(file)), name=json.dumps(name), select=json.dumps(select))
    checked = check_reading(try_yaml(text), load())
    if checked.plan is None:
        raise InvalidInputError(checked.problems)
    if str(file) == "-":
        console.out(text, end="", highlight=False)
        return
    with file.open("x") as made:
        made.write(text)
    console.print(
        f"Wrote {file}. Go on with: opsconductor job publish {shlex.quote(str(file))}", highlight=False, soft_wrap=True
    )
