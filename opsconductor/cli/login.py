"""`login`, `logout`, `whoami` and `password`."""

import getpass
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from opsconductor.client import PortalClient
from opsconductor.errors import InvalidInputError, NotAuthenticatedError, Problem

from . import session
from .lookup import secret_line
from .machine.home import Home, default_root
from .machine.lock import UpLock
from .output import console, print_json
from .second_factor import CodeOption, second_step
from .sso import sign_in_by_browser


def login(
    *,
    url: Annotated[
        str | None,
        Parameter(help="Address of the portal; when absent, that of the last sign-in, else what runs on this machine."),
    ] = None,
    username: Annotated[str, Parameter(name=["--username", "-u"], help="Who you are there.")] = "admin",
    password_file: Annotated[
        Path | None, Parameter(help="File whose first line is the password; asked for when absent.")
    ] = None,
    new_password_file: Annotated[
        Path | None, Parameter(help="File whose first line becomes your password, where a change is due.")
    ] = None,
    code_file: CodeOption = None,
    sso: Annotated[
        bool,
        Parameter(
            help="Sign in with your account at the sign-in provider; with --code-file when the browser is elsewhere."
        ),
    ] = False,
    browser: Annotated[bool, Parameter(help="Open Prefect's pages by a one-time link, as who is signed in.")] = False,
) -> None:
    """Sign in to a portal; later commands need no password."""
    if browser:
        _open_browser()
        return
    address = _with_scheme(url or _known_url()).rstrip("/")
    if sso:
        _sign_in_by_browser(address, code_file)
        return
    with PortalClient(address) as anonymous:
        password = _secret(password_file, f"Password of {username} at {address}: ")
        tokens = anonymous.post("/auth/login", {"username": username, "password": password})
        if "challenge" in tokens:
            tokens = second_step(anonymous, tokens, code_file)
    _keep(address, username, tokens)
    if tokens["must_change_password"]:
        _change_password(address, tokens, password, new_password_file)
    console.print(f"Signed in to {address} as {username}.", highlight=False)


def logout(*, everywhere: Annotated[bool, Parameter(help="End your sign-ins on other machines too.")] = False) -> None:
    """Sign out here; the tokens are worth nothing from now on."""
    try:
        with session.portal() as portal:
            if everywhere:
                portal.delete("/auth/sessions")
            portal.post("/auth/logout")
    except session.NotSignedInError:  # it had ended already
        if everywhere:
            raise
    session.forget()
    console.print("Signed out everywhere." if everywhere else "Signed out.")


def password(
    *,
    password_file: Annotated[
        Path | None, Parameter(help="File whose first line is the password you have; asked for when absent.")
    ] = None,
    new_password_file: Annotated[
        Path | None, Parameter(help="File whose first line becomes your password; asked for when absent.")
    ] = None,
) -> None:
    """Change your password; you stay signed in here, and nowhere else."""
    kept = session.load()
    current = _secret(password_file, f"Password of {kept.username} at {kept.url}: ")
    new = _new_password(new_password_file)
    with session.portal() as portal:
        portal.post("/auth/password", {"current_password": current, "new_password": new})
    console.print("Changed. Your other sign-ins have ended.")


def _sign_in_by_browser(address: str, code_file: Path | None) -> None:
    tokens = sign_in_by_browser(address, code_file)
    _keep(address, tokens["username"], tokens)
    console.print(f"Signed in to {address} as {tokens['username']}.", highlight=False)


def _open_browser() -> None:
    with session.portal() as portal:
        link = portal.post("/auth/browser-link")
    console.print(f"Open within {link['expires_in_seconds']} s, it works once:\n{link['url']}", soft_wrap=True)
    if sys.stdout.isatty():
        webbrowser.open(link["url"])


def _change_password(address: str, tokens: dict[str, Any], password: str, new_password_file: Path | None) -> None:
    if new_password_file is None:
        console.print("This password was for once: choose one of your own (12 characters or more).")
    new = _new_password(new_password_file)
    with PortalClient(address, tokens["access_token"]) as portal:
        portal.post("/auth/password", {"current_password": password, "new_password": new})


def _new_password(file: Path | None) -> str:
    new = _secret(file, "New password: ")
    if file is None and getpass.getpass("The same again: ") != new:
        raise InvalidInputError([Problem("new_password", "the two do not agree", "try again")])
    return new


def _keep(address: str, username: str, tokens: dict[str, Any]) -> None:
    session.Session(address, username, tokens["access_token"], tokens["refresh_token"]).save()


def _secret(file: Path | None, question: str) -> str:
    if file is not None:
        return secret_line(file)
    if not sys.stdin.isatty():
        raise NotAuthenticatedError(
            "a password is needed: run this on a terminal, or give it with --password-file FILE"
        )
    return getpass.getpass(question)


def _known_url() -> str:
    """Where the last sign-in was, else what runs on this machine."""
    try:
        return session.load().url
    except NotAuthenticatedError:
        running = UpLock(Home(default_root()).lock).holder()
        return running.portal_url if running else session.DEFAULT_URL


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"http://{url}"


def whoami(*, json_: Annotated[bool, Parameter(name="--json", help="As JSON, for programs.")] = False) -> None:
    """Say who is signed in here, and where."""
    kept = session.load()
    with session.portal() as portal:
        me = portal.get("/auth/me")
    if json_:
        print_json({"url": kept.url, **me})
    else:
        console.print(f"{me['user']['username']} ({me['user']['role']}) at {kept.url}", highlight=False)
