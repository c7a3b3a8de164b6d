"""People by the command line alone: its commands against a portal on a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from opsconductor.cli import main
from tests.fixtures.portal import Prepared

GOOD = "Tuesday-harbour-42-lemon"
BETTER = "Window-elephant-77-violin"


@dataclass(frozen=True)
class Shell:
    """Somebody's terminal, with their own configuration folder."""

    home: Path
    monkeypatch: pytest.MonkeyPatch
    output: pytest.CaptureFixture[str]

    async def run(self, *arguments: str, code: int = 0) -> str:
        """What a command says; its exit code must be the one expected."""
        self.home.mkdir(exist_ok=True)
        self.monkeypatch.setenv("XDG_CONFIG_HOME", str(self.home))
        ended = await asyncio.to_thread(_ended_with, arguments)
        said = "".join(self.output.readouterr())
        assert ended == code, f"{arguments}: {said}"
        return said

    def file(self, text: str) -> str:
        """A file with a secret."""
        self.home.mkdir(exist_ok=True)
        path = self.home / f"secret-{len(list(self.home.iterdir()))}"
        path.write_text(f"{text}\n")
        return str(path)


def _ended_with(arguments: Sequence[str]) -> int:
    try:
        main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


@pytest.fixture
def anna(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The terminal of somebody who cannot sign in yet."""
    return Shell(tmp_path / "anna", monkeypatch, capsys)


@pytest.fixture
async def admin(
    served: str, prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Shell]:
    """The terminal of the admin, signed in with a password of their own; the portal's log is not shown on it."""
    shell = Shell(tmp_path / "admin", monkeypatch, capsys)
    with capture_logs():
        await shell.run(
            "login", "--url", served, "--password-file", shell.file(prepared.password),
            "--new-password-file", shell.file(GOOD),
        )  # fmt: skip
        yield shell


async def test_people_are_managed_by_the_command_line_alone(admin: Shell, anna: Shell, served: str):
    made = json.loads(
        await admin.run("user", "add", "anna", "--role", "operator", "--email", "anna@corp.local", "--json")
    )
    once, own = anna.file(made["one_time_password"]), anna.file(BETTER)
    login = ("login", "--url", served, "-u", "anna")
    await anna.run(*login, "--password-file", once, "--new-password-file", own)
    assert "anna (operator)" in await anna.run("whoami")

    await admin.run("user", "edit", "ANNA", "--role", "viewer", "--title", "Guest", "--rename", "anna.b")
    assert json.loads(await admin.run("user", "show", "anna.b", "--json"))["title"] == "Guest"
    assert "(viewer)" in await anna.run("whoami")
    assert "did you mean anna.b?" in await admin.run("user", "show", "anab", code=2)
    listed = json.loads(await admin.run("user", "list", "corp", "--role", "viewer", "--active", "--json"))
    assert [user["username"] for user in listed] == ["anna.b"]
    assert "anna@corp.local" in await admin.run("user", "list")
    assert "No user matches" in await admin.run("user", "list", "--disabled")
    assert "permission users:manage" in await anna.run("user", "list", code=2)

    await anna.run("login", "--url", served, "-u", "anna.b", "--password-file", own)
    sessions = json.loads(await anna.run("user", "sessions", "--json"))
    assert [session["current"] for session in sessions].count(True) == 1
    assert len(json.loads(await admin.run("user", "sessions", "anna.b", "--json"))) == len(sessions)
    assert f"Ended {len(sessions) - 1} sign-in" in await anna.run("user", "sign-out")
    current = json.loads(await anna.run("user", "sessions", "--json"))[0]["id"]
    assert "Ended 1 sign-in." in await admin.run("user", "sign-out", "anna.b", "--session", current)
    assert "not signed in" in await anna.run("whoami", code=2)

    reset = await admin.run("user", "reset-password", "anna.b")
    once = anna.file(reset.rsplit(": ", 1)[1].strip())
    weak = await anna.run(
        "login", "--url", served, "-u", "anna.b", "--password-file", once, "--new-password-file",
        anna.file("passwordpassword"), code=2,
    )  # fmt: skip
    assert "common password" in weak
    assert "opsconductor password" in await anna.run("whoami", code=2), "it says what to do"
    await anna.run("password", "--password-file", once, "--new-password-file", own)
    assert "anna.b" in await anna.run("whoami")

    await admin.run("user", "disable", "anna.b")
    assert "not signed in" in await anna.run("whoami", code=2)
    await admin.run("user", "enable", "anna.b")
    await anna.run("login", "--url", served, "-u", "anna.b", "--password-file", own)
    await anna.run("logout", "--everywhere")
    await admin.run("user", "delete", "anna.b")
    assert "last active admin" in await admin.run("user", "delete", "admin", code=2)


async def test_people_change_themselves_and_what_is_not_said_stays(admin: Shell):
    await admin.run("profile", "edit", "--email", "root@corp.local", "--last-name", "\u00c5ngstr\u00f6m")
    await admin.run("profile", "preferences", "--zone", "Europe/Berlin")
    await admin.run("profile", "preferences", "--theme", "dark")
    await admin.run("profile", "notifications", "--on", "start", "--on", "failure", "--slack", "#ops")
    await admin.run("profile", "notifications", "--no-email", "--quiet", "22:00-06:00")
    shown = json.loads(await admin.run("profile", "show", "--json"))
    assert (shown["profile"]["email"], shown["profile"]["last_name"]) == ("root@corp.local", "\u00c5ngstr\u00f6m")
    assert shown["preferences"] == {"zone": "Europe/Berlin", "theme": "dark", "density": "comfortable"}
    assert shown["notifications"] == {
        "on": ["start", "failure"], "email": False, "teams": False, "slack": {"channel": "#ops"}, "webhook": None,
        "quiet_hours": {"start": "22:00", "end": "06:00"},
    }  # fmt: skip
    await admin.run("profile", "notifications", "--nothing", "--slack", "none", "--quiet", "none")
    said = await admin.run("profile", "show")
    assert "#ops" not in said
    assert "quiet" not in said
    assert "root@corp.local" in said
    assert "22:00-06:00" in await admin.run("profile", "notifications", "--quiet", "night", code=2)
    assert "IANA" in await admin.run("profile", "preferences", "--zone", "Mars/Olympus", code=2)
    assert "say what to change" in await admin.run("profile", "preferences", code=2)
    found = json.loads(await admin.run("user", "list", "\u00e5ngstr\u00d6m", "--json"))
    assert [user["username"] for user in found] == ["admin"]


async def test_logging_out_works_after_the_sign_in_has_ended(admin: Shell, portal_database: str):
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE sessions SET revoked_at = now()")
    assert "not signed in" in await admin.run("logout", "--everywhere", code=2)
    assert "Signed out." in await admin.run("logout")
    assert "not signed in" in await admin.run("whoami", code=2)
