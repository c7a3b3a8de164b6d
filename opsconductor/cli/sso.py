"""Single sign-on: `opsconductor login --sso`, and `opsconductor sso` for who signs in with which account."""

import hashlib
import secrets
import sys
import time
import webbrowser
from base64 import urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import cyclopts

from opsconductor.client import Json, PortalClient
from opsconductor.errors import NotAuthenticatedError, NotFoundError

from .lookup import resolve, secret_line
from .output import Done, JsonOption, changing, console, print_list
from .session import portal

app = cyclopts.App(name="sso", help="Who signs in with which account at the sign-in provider.")

_COLUMNS = ("issuer", "subject", "created_at", "last_login_at")
_WAIT_SECONDS: Final = 600
_DONE: Final = b"<!doctype html><title>Signed in</title><p>Signed in. Go back to your terminal.</p>"


@app.command(name="list")
def list_(user: str, *, json_: JsonOption = False) -> None:
    """List the accounts that a user signs in with.

    Args:
        user: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/users", "user", user, field="username")
        accounts = client.get(f"/users/{found['id']}/sso")
    empty = f"{found['username']} signs in with no account. Link one: opsconductor sso link {found['username']} SUBJECT"
    print_list(accounts, _COLUMNS, as_json=json_, empty=empty)


@app.command
@changing
def link(user: str, subject: str) -> Done:
    """Let a user sign in with an account at the provider.

    Args:
        user: Name or id.
        subject: Who they are there; `opsconductor audit list --event sso.refused` shows it after they tried.
    """
    with portal() as client:
        found = resolve(client, "/users", "user", user, field="username")
        made = client.post(f"/users/{found['id']}/sso", {"subject": subject})
    return Done(made, f"{found['username']} signs in with this account from now on.")


@app.command
@changing
def unlink(user: str) -> Done:
    """Let a user sign in with no account at the provider any more; all of their sign-ins end.

    Args:
        user: Name or id.
    """
    with portal() as client:
        found = resolve(client, "/users", "user", user, field="username")
        client.delete(f"/users/{found['id']}/sso")
    fact = {"username": found["username"], "signs_in_by_sso": False}
    return Done(fact, f"{found['username']} does not sign in with an account any more.")


def sign_in_by_browser(address: str, code_file: Path | None) -> Json:
    """The tokens of a sign-in that a browser makes.

    The browser hands a one-time code to this process through its loopback. It is worth nothing without a secret that
    never leaves this process (as in RFC 7636).

    Args:
        address: The portal.
        code_file: Where the code is read from when the browser runs elsewhere and its user copies it.
    """
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    query: dict[str, str | int] = {"challenge": urlsafe_b64encode(digest).rstrip(b"=").decode()}
    with PortalClient(address) as anonymous:
        if not anonymous.get("/auth/sso")["enabled"]:
            raise NotFoundError("single sign-on", f"at {address}", hint="sign in with your password")
        code = _ask_elsewhere(address, query, code_file) if code_file else _wait_here(address, query)
        return anonymous.post("/auth/sso/token", {"code": code, "verifier": verifier})


def _ask_elsewhere(address: str, query: dict[str, str | int], code_file: Path) -> str:
    _show(address, query)
    return secret_line(code_file)


def _wait_here(address: str, query: dict[str, str | int]) -> str:
    with _Loopback() as loopback:
        url = _show(address, {**query, "port": loopback.server_port})
        if sys.stdout.isatty():
            webbrowser.open(url)
        return loopback.wait()


def _show(address: str, query: dict[str, str | int]) -> str:
    url = f"{address}/api/v1/auth/sso/start?{urlencode(query)}"
    console.print(f"Open this in your browser:\n{url}", soft_wrap=True, highlight=False)
    return url


class _Loopback(HTTPServer):
    """Waits on this machine's loopback for the browser to bring the code."""

    timeout = 1.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.code = ""

    def wait(self) -> str:
        """The code, once it is there."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while not self.code:
            if time.monotonic() > deadline:
                raise NotAuthenticatedError("nobody signed in in time; start again: opsconductor login --sso")
            self.handle_request()
        return self.code


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        code = parse_qs(urlsplit(self.path).query).get("code", [""])[0]
        self.send_response(200 if code else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        if code and isinstance(self.server, _Loopback):
            self.server.code = code
            self.wfile.write(_DONE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Say nothing: the request line holds the code."""
