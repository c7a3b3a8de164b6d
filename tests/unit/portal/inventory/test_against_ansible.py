"""The same inventories, read by Ansible itself; only where it is installed."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.inventory.formats import ansible_ini, ansible_yaml
from portal.inventory.formats.rows import Export, Exported, Inventory

from .test_ansible import INI, YAML

_PROGRAM = Path(os.environ.get("OPSCONDUCTOR_BENCH_PEERS", "/opt/opsconductor/bench"), "bin", "ansible-inventory")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not _PROGRAM.exists(), reason="ansible-core is no dependency; deploy/bench.sh installs it"),
]
_TOLD = {"ansible_host": "address", "ansible_port": "port"}


def listed(text: str, suffix: str, folder: Path) -> dict[str, Any]:
    file = folder / f"hosts{suffix}"
    file.write_text(text)
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "ANSIBLE_INVENTORY_ENABLED": (
        "yaml" if suffix == ".yaml" else "ini"
    ), "ANSIBLE_LOCAL_TEMP": str(folder / "tmp")}  # fmt: skip
    done = subprocess.run(
        [_PROGRAM, "-i", file, "--list"], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_same(ours: Inventory, theirs: dict[str, Any]) -> None:
    variables = theirs["_meta"]["hostvars"]
    assert {row.name for row in ours.rows} >= set(variables)
    for row in ours.rows:
        expected = dict(variables.get(row.name, {}))
        for path in row.withheld:
            expected.pop(path.split(".")[0], None)
        kept = {name: value for name, value in row.fields["variables"].items() if f"{name}" not in _deep(row.withheld)}
        told = {name: row.fields[field] for name, field in _TOLD.items() if name in expected}
        if row.username:
            told["ansible_user"] = row.username
        assert {**kept, **told} == expected, row.name
        groups = {name for name, group in theirs.items() if row.name in group.get("hosts", ())}
        assert set(row.fields["groups"]) == groups - {"ungrouped"}, row.name
    nesting = {(child, name) for name, group in theirs.items() for child in group.get("children", ()) if name != "all"}
    assert {(child, parent) for child, above in ours.parents.items() for parent in above} == nesting


def _deep(withheld: tuple[str, ...]) -> set[str]:
    return {path.split(".")[0] for path in withheld if "." in path}


def test_an_ini_inventory(tmp_path: Path):
    assert_same(ansible_ini.read(INI), listed(INI, ".ini", tmp_path))


def test_a_yaml_inventory(tmp_path: Path):
    text = YAML.replace("!vault |", "|").replace("!unsafe", "!!str")
    assert_same(ansible_yaml.read(text), listed(text, ".yaml", tmp_path))


ODD = {
    "text": "a 'quoted' \"text\" # with {braces}",
    "number": 5,
    "like_a_number": "5",
    "yes": "yes",
    "none": None,
    "list": [1, "b", {"c": [True]}],
    "lines": "one\ntwo",
    "unicode": "größe 🎉",
    "literal": "[1, 2]",
}


@pytest.mark.parametrize("suffix", [".ini", ".yaml"])
def test_what_we_export(suffix: str, tmp_path: Path):
    targets = [
        Exported({"name": "web01", "address": "10.0.0.1", "port": 2222, "groups": ["web"], "variables": ODD}, "ops"),
        Exported({"name": "db01", "address": "db01", "groups": ["db", "web"]}),
        Exported({"name": "alone", "address": "alone"}),
    ]
    export = Export(targets, {"web": ["site"], "db": [], "site": []})
    writer, reader = (ansible_ini, ansible_ini) if suffix == ".ini" else (ansible_yaml, ansible_yaml)
    text = writer.write(export)
    theirs = listed(text, suffix, tmp_path)
    assert theirs["_meta"]["hostvars"]["web01"] == {
        "ansible_host": "10.0.0.1", "ansible_port": 2222, "ansible_user": "ops", **ODD
    }  # fmt: skip
    assert_same(reader.read(text), theirs)
