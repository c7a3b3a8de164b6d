"""`opsconductor second-factor`: codes of an authenticator app, asked for after the password."""

import getpass
import sys
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter

from opsconductor.client import Json, PortalClient
from opsconductor.errors import NotAuthenticatedError

from .lookup import resolve, secret_line
from .output import Done, JsonOption, changing, console, print_json, print_record
from .session import portal

app = cyclopts.App(name="second-factor", help="Codes of an authenticator app, asked for after the password.")

PasswordOption = Annotated[
    Path | None, Parameter(help="File whose first line is your password; asked for when absent.")
]
CodeOption = Annotated[
    Path | None,
    Parameter(
        help="File whose first line is the code, `-` for standard input; asked for when absent.",
        allow_leading_hyphen=True,
    ),
]


@app.command
def status(*, json_: JsonOption = False) -> None:
    """Say whether you have a second factor, and have to."""
    with portal() as client:
        found = client.get("/auth/second-factor")
    if json_:
        print_json(found)
    else:
        print_record(found)


@app.command
def enrol(*, password_file: PasswordOption = None, code_file: CodeOption = None) -> None:
    """Enrol an authenticator app; from then on, signing in asks for its codes."""
    with portal() as client:
        made = client.post("/auth/second-factor", {"password": _ask(password_file, "Your password: ")})
        show_enrolment(made)
        confirmed = client.post("/auth/second-factor/confirm", {"code": _ask(code_file, "Code of the app: ")})
    show_recovery_codes(confirmed["recovery_codes"])


@app.command
@changing
def recovery_codes(*, password_file: PasswordOption = None) -> Done:
    """Make new recovery codes; those before are worth nothing."""
    with portal() as client:
        password = _ask(password_file, "Your password: ")
        made = client.post("/auth/second-factor/recovery-codes", {"password": password})
    return Done(made, *_recovery_codes(made["recovery_codes"]))


@app.command
@changing
def disable(*, password_file: PasswordOption = None) -> Done:
    """Do without a second factor from now on."""
    with portal() as client:
        client.post("/auth/second-factor/disable", {"password": _ask(password_file, "Your password: ")})
    return Done({"enabled": False}, "Signing in takes only your password from now on.")


@app.command
@changing
def reset(user: str) -> Done:
    """Remove the second factor of a user who lost it; all of their sign-ins end.

    Args:
        user: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/users", "user", user, field="username")
        client.delete(f"/users/{found['id']}/second-factor")
    fact = {"username": found["username"], "second_factor": False}
    return Done(fact, f"{found['username']} signs in with their password alone now.")


def second_step(anonymous: PortalClient, challenge: Json, code_file: Path | None) -> Json:
    """Meet the challenge of a sign-in; gives its tokens.

    Args:
        anonymous: The portal.
        challenge: What the portal answered to the password.
        code_file: Holds the code; it is asked for when absent.
    """
    token = {"challenge": challenge["challenge"]}
    if challenge["enrolment_due"]:
        console.print("Your role needs a second factor.")
        show_enrolment(anonymous.post("/auth/login/enrol", token))
    code = _ask(code_file, "Code of the app, or a recovery code: ")
    tokens = anonymous.post("/auth/login/code", {**token, "code": code})
    show_recovery_codes(tokens["recovery_codes"])
    return tokens


def show_enrolment(made: Json) -> None:
    """Say what the app needs to know."""
    console.print("Add this to your authenticator app; it is shown only now:", highlight=False)
    console.print(made["uri"], soft_wrap=True, highlight=False)
    console.print(f"or by hand: {made['secret']}", highlight=False)


def show_recovery_codes(codes: list[Any]) -> None:
    """Show codes for when the app is lost, if there are new ones."""
    for line in _recovery_codes(codes):
        console.print(line, highlight=False)


def _recovery_codes(codes: list[Any]) -> list[str]:
    return ["For when the app is lost, each works once; shown only now:", *codes] if codes else []


def _ask(file: Path | None, question: str) -> str:
    if file is not None:
        return secret_line(file)
    if not sys.stdin.isatty():
        raise NotAuthenticatedError(
            f"{question.rstrip(': ').lower()} is needed: run this on a terminal, or give it in a file "
            "(--password-file, --code-file)"
        )
    return getpass.getpass(question)
