"""Signing in with an authenticator app from the command line."""

import json
import re
from pathlib import Path

import psycopg
import pyotp
import pytest

from tests.fixtures.portal import Prepared

from .command_line import CommandLine


@pytest.fixture
def admin(served: str, portal_database: str, tmp_path: Path) -> CommandLine:
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE users SET must_change_password = false")
    return CommandLine(f"http://{served}", tmp_path)


async def test_an_app_is_enrolled_and_asked_for_at_login(
    admin: CommandLine, portal_database: str, prepared: Prepared, tmp_path: Path
):
    password, code = tmp_path / "password", tmp_path / "code"
    password.write_text(prepared.password)
    login = ("login", "--url", admin.url, "--password-file", str(password))
    await admin.run(*login)
    refused = await admin.try_run("second-factor", "enrol", "--password-file", str(password), "--code-file", "-")
    assert refused.code == 2, "an empty code confirms nothing"
    secret = re.search(r"by hand: (\w+)", refused.out)
    assert secret is not None, refused
    enrolled = json.loads(await admin.run("second-factor", "status", "--json"))
    assert (enrolled["enabled"], enrolled["recovery_codes_left"]) == (False, 0)
    with psycopg.connect(portal_database) as connection:
        connection.execute("UPDATE second_factors SET confirmed_at = now()")
    code.write_text(pyotp.TOTP(secret[1]).now())
    without = await admin.try_run(*login)
    assert (without.code, "--code-file" in without.err) == (2, True)
    assert "Signed in" in await admin.run(*login, "--code-file", str(code))
    codes = (await admin.run("second-factor", "recovery-codes", "--password-file", str(password))).split()[-10:]
    assert "Signed in" in await admin.run(*login, "--code-file", "-", stdin=codes[0] + "\n")
    assert "only your password" in await admin.run("second-factor", "disable", "--password-file", str(password))
    assert "Signed in" in await admin.run(*login)
