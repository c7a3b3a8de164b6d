"""`opsconductor group`, and `opsconductor target` for many targets."""

import json
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.fixtures.portal import sign_in

from .command_line import CommandLine
from .world import add_credential


@pytest.fixture
async def admin(served: str, portal_app: FastAPI, tmp_path: Path) -> CommandLine:
    return CommandLine(f"http://{served}", tmp_path).signed_in(await sign_in(portal_app))


async def test_groups_are_made_filled_drawn_and_removed(admin: CommandLine):
    assert "Make one: opsconductor group create NAME" in await admin.run("group", "list")
    await admin.run("group", "create", "dc", "--description", "Frankfurt")
    await admin.run("target", "add", "web01", "10.0.0.1", "--group", "web", "--zone", "fra", "--service", "https:8443")
    assert "Changed web. Targets in it: 1." in await admin.run("group", "edit", "web", "--in", "dc")
    await admin.run("target", "add", "web02", "10.0.0.2")
    assert "Added 2." in await admin.run("group", "add", "dc", "WEB02", "--select", "zone:fra")
    await admin.run("group", "create", "fra", "--select", 'zone:"fra" or tag:"[x]"')
    drawn = await admin.run("group", "tree")
    assert [line.rstrip() for line in drawn.splitlines()] == [
        "dc (2)", "└── web (1)", 'fra (1)  zone:"fra" or tag:"[x]"',
    ]  # fmt: skip
    listed = json.loads(await admin.run("group", "members", "dc", "--json"))
    assert [(row["name"], row["groups"]) for row in listed] == [("web01", ["dc", "fra", "web"]), ("web02", ["dc"])]
    assert "Removed 1." in await admin.run("group", "remove", "dc", "web02")
    refused = await admin.try_run("group", "delete", "fra", "nobody")
    assert (refused.code, "Removed fra." in refused.out, "see opsconductor group list" in refused.err) == (
        2,
        True,
        True,
    )
    cycle = await admin.try_run("group", "edit", "dc", "--in", "web")
    assert (cycle.code, "would contain itself" in cycle.err) == (2, True)


async def test_groups_are_sorted_narrowed_and_say_what_names_them(admin: CommandLine):
    await admin.run("target", "add", "web01", "10.0.0.1", "--group", "dc", "--group", "web")
    await admin.run("group", "create", "rest", "--select", "not group:web", "--in", "dc")
    groups = ("group", "list", "--json")
    assert [row["name"] for row in json.loads(await admin.run(*groups, "--sort", "-name"))] == ["web", "rest", "dc"]
    assert [row["name"] for row in json.loads(await admin.run(*groups, "--static"))] == ["dc", "web"]
    assert [row["name"] for row in json.loads(await admin.run(*groups, "--in", "DC"))] == ["rest"]
    assert "selectors of groups  rest" in await admin.run("group", "use", "web")
    assert "Nothing names rest." in await admin.run("group", "use", "rest")


async def test_many_targets_are_listed_changed_and_removed(admin: CommandLine):
    for name, zone in (("web01", "fra"), ("web02", "fra"), ("db01", "ams")):
        await admin.run("target", "add", name, f"{name}.test", "--zone", zone, "--service", "ssh")
    assert [row["name"] for row in json.loads(await admin.run("target", "list", "--select", "zone:f*", "--json"))] == [
        "web01",
        "web02",
    ]
    many = ("target", "edit", "--select", "zone:fra", "--add-tag", "prod", "--add-group", "web", "--set-var", "n=3")
    assert "Would change 2." in await admin.run(*many, "--dry-run")
    assert "Changed 2." in await admin.run(*many)
    assert "Changed db01." in await admin.run("target", "edit", "db01", "--rename", "db02", "--tag", "x")
    gone = await admin.try_run("target", "edit", "nobody", "--add-tag", "x")
    assert (gone.code, "there is no such target" in gone.out) == (1, True)
    shown = json.loads(await admin.run("target", "show", "web01", "--json"))
    assert (shown["tags"], shown["groups"], shown["variables"]) == (["prod"], ["web"], {"n": 3})
    for arguments, hint in (
        (("edit", "--add-tag", "x"), "say which target"),
        (("edit", "db02", "--select", "all", "--zone", "x"), "say which target"),
        (("edit", "--select", "all", "--rename", "x"), "--rename"),
        (("edit", "--select", "all", "--zone", "x", "--at-most", "2"), "3 targets are meant, 2 at most"),
        (("edit", "db02", "--service", "ssh:x"), "TYPE:PORT"),
        (("delete",), "say which targets"),
    ):
        refused = await admin.try_run("target", *arguments)
        assert (refused.code, hint in refused.err) == (2, True), (arguments, refused)
    assert "Would remove web01." in await admin.run("target", "delete", "--select", "tag:prod", "--dry-run")
    await admin.run("target", "delete", "--select", "tag:prod")
    assert [row["name"] for row in json.loads(await admin.run("target", "list", "--json"))] == ["db02"]
    assert (await admin.try_run("target", "delete", "nobody", "--dry-run")).code == 1


async def test_services_and_credentials_of_targets_are_said_and_taken_away(admin: CommandLine, api: httpx.AsyncClient):
    await add_credential(api)
    target = ("target", "edit", "web01")
    await admin.run("target", "add", "web01", "web01.test", "--credential", "root", "--service", "http:81,secure")
    await admin.run(*target, "--service", "https:8443,credential=root,disabled", "--credential", "none")
    shown = json.loads(await admin.run("target", "show", "web01", "--json"))
    [service] = shown["services"]
    assert (shown["credential"], service["credential"], service["enabled"]) == (None, "root", False)
    refused = await admin.try_run(*target, "--service", "https,credentials=root")
    assert (refused.code, "https:8443,credential=web,disabled" in refused.err) == (2, True)
    assert "No target matches" in await admin.run("target", "list", "--health", "up")
