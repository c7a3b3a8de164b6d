"""`opsconductor credential`: every kind from files, and everything that can be done to one."""

import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.fixtures.portal import sign_in
from tests.unit.blocks.conftest import fields_of

from .command_line import CommandLine
from .test_credential_bindings import make_group

OPTIONS = {
    "ssh_password": "--username ops --password-file @password --sudo-password-file @sudo_password",
    "ssh_key": "-u ops --key-file @private_key --certificate-file @certificate --sudo-password-file @sudo_password",
    "winrm": "-u ops --authentication kerberos --domain EXAMPLE.ORG --password-file @password",
    "bearer_token": "--token-file @token",
    "api_key": "--api-key-file @key --prefix Token",
    "http_basic": "--kind http_basic -u ops --password-file @password",
    "certificate": "--certificate-file @certificate --chain-file @chain --key-file @private_key",
    "secret_text": "--text-file @text",
}


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


def typed(folder: Path, kind: str) -> list[str]:
    """The options of a kind, with its secrets in files."""
    for name, value in fields_of(kind).items():
        (folder / f"{kind}.{name}").write_text(value)
    return [str(folder / f"{kind}.{word[1:]}") if word[0] == "@" else word for word in OPTIONS[kind].split()]


async def test_every_kind_comes_from_files(admin: CommandLine, tmp_path: Path):
    for kind in OPTIONS:
        assert f"Sealed c-{kind}" in await admin.run("credential", "add", f"c-{kind}", *typed(tmp_path, kind))
        said = await admin.run("credential", "rotate", f"c-{kind}", *typed(tmp_path, kind))
        assert "at version 2 now" in said
    listed = json.loads(await admin.run("credential", "list", "--json"))
    assert {row["kind"] for row in listed} == OPTIONS.keys()
    for said in (await admin.run("credential", "list"), await admin.run("credential", "export", "--json")):
        assert "hush" not in said
        assert "PRIVATE KEY" not in said


async def test_a_life_of_a_credential(admin: CommandLine, tmp_path: Path, portal_database: str):
    await admin.run("credential", "add", "ops", *typed(tmp_path, "ssh_password"), "--next-rotation", "2020-01-31")
    await admin.run("credential", "add", "other", *typed(tmp_path, "ssh_password"))
    make_group(portal_database, "web")
    await admin.run("target", "add", "web01", "web01.test", "--credential", "ops")
    said = await admin.run("credential", "show", "ops")
    assert "web01" in said
    assert "opsconductor credential rotate ops" in said
    assert "own" in await admin.run("credential", "of", "web01")
    assert "instead of ops" in await admin.run("credential", "bind", "other", "target", "web01")
    refused = await admin.try_run("credential", "delete", "other")
    assert (refused.code, "used by targets: web01" in refused.err) == (2, True)
    await admin.run("credential", "unbind", "other", "target", "web01")
    assert "neither the target nor" in await admin.run("credential", "of", "web01")
    await admin.run("credential", "edit", "ops", "--valid-until", "2020-01-01T00:00:00Z", "--next-rotation", "none")
    assert "cannot use it now" in await admin.run("credential", "show", "ops")
    [expiring] = json.loads(await admin.run("credential", "list", "--expiring", "30", "--json"))
    assert (expiring["name"], expiring["next_rotation_date"]) == ("ops", None)
    new = ("credential", "rotate", "ops", *typed(tmp_path, "ssh_password"))
    refused = await admin.try_run(*new)
    assert (refused.code, "valid_until: has passed" in refused.err) == (2, True)
    await admin.run(*new, "--valid-until", "none")
    assert "cannot use it now" not in await admin.run("credential", "show", "ops")
    assert "Nobody has used" in await admin.run("credential", "accesses", "ops")
    shown = await admin.run("credential", "reveal", "ops", "--reason", "moving house", "--field", "password")
    assert shown == "hush-hush\n"
    assert "moving house" in await admin.run("credential", "accesses", "ops")
    await admin.run("credential", "delete", "ops", "other")
    assert "No credentials yet" in await admin.run("credential", "list")


async def test_odd_passwords_survive_the_command_line(admin: CommandLine, tmp_path: Path):
    odd = "  #'\"\\ $(id) `x` %s {} \u00e4 \U0001f600 " + "x" * 4000 + " "
    (tmp_path / "odd").write_text(odd + "\n")
    await admin.run("credential", "add", "odd", "-u", "ops", "--password-file", str(tmp_path / "odd"))
    reveal = ("credential", "reveal", "odd", "--reason", "is it whole")
    assert json.loads(await admin.run(*reveal, "--json"))["fields"]["password"] == odd
    assert await admin.run(*reveal, "--field", "password") == odd + "\n"


async def test_what_is_typed_wrongly_says_what_to_do(admin: CommandLine, tmp_path: Path):
    for arguments, words in (
        (("add", "x"), "--username: is needed for a ssh_password"),
        (("add", "x", "-u", "ops"), "--password-file FILE"),
        (("add", "x", "--token-file", str(tmp_path / "none")), "No such file"),
        (("show", "nobody"), "opsconductor credential list"),
        (("add", "x", *typed(tmp_path, "secret_text"), "--valid-until", "soon"), "valid_until"),
    ):
        refused = await admin.try_run("credential", *arguments)
        assert refused.code == 2, arguments
        assert words in refused.err
