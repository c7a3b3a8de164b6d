"""Reading the YAML cases of actions and performing them on a host that answers from the case.

A case has `name`, `arguments`, maybe `check: true` for the dry run, `replies` by command line (one or a list),
maybe `login` with what is known of the login, and what is expected: `error` (type, match), or `changed`, `summary`,
`outputs` (those named), `stdout`; then `commands` (all lines in order), `once` and `sudo` (the lines so marked),
`stdin` by line, `argv` of the last command, `calls` field by field. An argument `{secret: text}` is an opened
credential.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from opsconductor.sdk.action import AnyAction, Result, RunContext, StepContext
from opsconductor.sdk.credential import Secret
from opsconductor.sdk.testing import FakeHost
from opsconductor.sdk.transport import CommandOutput, LoginFacts

HERE = Path(__file__).parent


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Reference of the action, and the case, for every case there is."""
    for file in sorted(HERE.glob("*/*/*.yaml")):
        library, action = file.parts[-3:-1]
        for case in YAML(typ="safe", pure=True).load(file):
            yield f"{library}/{action}@1", case


def host_of(case: dict[str, Any]) -> FakeHost:
    """A host that answers as the case says."""
    replies = {line: _replies(given) for line, given in case.get("replies", {}).items()}
    return FakeHost(replies, login=LoginFacts(**case.get("login", {})))


async def perform(action: AnyAction, host: FakeHost, case: dict[str, Any]) -> Result[Any]:
    arguments = {name: _argument(value) for name, value in case["arguments"].items()}
    subject = {"target": host, "run": RunContext(), "any": StepContext()}[action.scope]
    return await (action.dry_run if case.get("check") else action.call)(subject, arguments)


def _replies(given: Any) -> list[CommandOutput]:
    return [CommandOutput(**reply) for reply in (given if isinstance(given, list) else [given])]


def _argument(value: Any) -> Any:
    return Secret(value["secret"]) if isinstance(value, dict) and list(value) == ["secret"] else value
