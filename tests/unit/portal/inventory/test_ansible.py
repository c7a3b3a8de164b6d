"""Ansible's inventories as Ansible reads them."""

from textwrap import dedent
from typing import Any

import pytest

from opsconductor.errors import InvalidInputError
from portal.inventory.formats import ansible_ini, ansible_yaml
from portal.inventory.formats.ranges import expand
from portal.inventory.formats.rows import Inventory

INI = """\
# the whole site
bastion.example.org:2222 ansible_user=jump

[web]
web[01:03].example.org ansible_host=10.0.0.1 path="a;b"
web02.example.org ansible_port=2200 motd="hello world" # a comment

[web:vars]
http_port=80
ratio = 0.5
names = ['a', 'b']
site=fra
ansible_password=hunter2
quoted = "5"

[db]
db-[a:c] ansible_become_pass='x y' replicas="{'n':2}"
[2001:db8::1]:22

[eu:children]
web
db   # both

[eu:vars]
site=eu
zone=1

[all:vars]
ntp=pool.example.org
"""
YAML = """\
all:
  vars: {ntp: pool.example.org}
  hosts:
    bastion.example.org: {ansible_port: 2222, ansible_user: jump}
  children:
    eu:
      vars: &eu {site: eu, zone: 1}
      children:
        web:
          hosts:
            web[01:03].example.org:
              ansible_host: 10.0.0.1
          vars:
            <<: *eu
            site: fra
            enabled: yes
            ansible_password: hunter2
        db:
          hosts:
            db-a:
              ansible_become_pass: !vault |
                $ANSIBLE_VAULT;1.1;AES256
                3161
              note: !unsafe "{{ x }}"
              deep: {login: {password: x, user: y}}
"""


def row_of(inventory: Inventory, name: str) -> Any:
    return next(row for row in inventory.rows if row.name == name)


def test_an_ini_inventory_is_read_as_ansible_reads_it():
    found = ansible_ini.read(INI)
    assert [row.name for row in found.rows] == [
        "bastion.example.org", "web01.example.org", "web02.example.org", "web03.example.org", "db-a", "db-b", "db-c",
        "2001:db8::1",
    ]  # fmt: skip
    assert found.parents == {"web": {"eu"}, "db": {"eu"}, "eu": set()}
    web02 = row_of(found, "web02.example.org")
    assert web02.fields == {
        "name": "web02.example.org", "address": "10.0.0.1", "port": 2200, "groups": ["web"],
        "variables": {
            "ntp": "pool.example.org", "site": "fra", "zone": 1, "http_port": 80, "ratio": 0.5, "names": ["a", "b"],
            "quoted": "5", "motd": "hello world", "path": "a;b",
        },
    }  # fmt: skip
    assert (web02.withheld, web02.line) == (("ansible_password",), 5)
    bastion = row_of(found, "bastion.example.org")
    assert (bastion.fields["port"], bastion.username, bastion.fields["groups"]) == (2222, "jump", [])
    assert row_of(found, "db-b").fields["variables"]["replicas"] == {"n": 2}
    assert row_of(found, "db-b").withheld == ("ansible_become_pass",)


def test_a_yaml_inventory_is_read_as_ansible_reads_it():
    found = ansible_yaml.read(YAML)
    web = row_of(found, "web03.example.org")
    assert web.fields["variables"] == {"ntp": "pool.example.org", "site": "fra", "zone": 1, "enabled": True}
    assert (web.withheld, web.line) == (("ansible_password",), 11)
    db = row_of(found, "db-a")
    assert db.withheld == ("ansible_become_pass", "deep.login.password")
    assert db.fields["variables"]["deep"] == {"login": {"user": "y"}}
    assert db.fields["variables"]["note"] == "{{ x }}"
    assert found.parents == {"eu": set(), "web": {"eu"}, "db": {"eu"}}
    assert (row_of(found, "bastion.example.org").fields["port"], db.fields["groups"]) == (2222, ["db"])


def test_priority_decides_between_groups_of_one_depth():
    text = "[a]\nh\n[b]\nh\n[a:vars]\nx=a\nansible_group_priority=10\n[b:vars]\nx=b\n"
    assert ansible_ini.read(text).rows[0].fields["variables"] == {"x": "a"}
    assert ansible_ini.read(text.replace("10", "1")).rows[0].fields["variables"] == {"x": "b"}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("web[01:03]", ["web01", "web02", "web03"]),
        ("web[8:10]", ["web8", "web9", "web10"]),
        ("n[1:9:4].x", ["n1.x", "n5.x", "n9.x"]),
        ("[a:c]", ["a", "b", "c"]),
        ("r[0:1]n[a:b]", ["r0na", "r0nb", "r1na", "r1nb"]),
        ("n[:2]", ["n0", "n1", "n2"]),
    ],
)
def test_ranges_are_written_out(pattern: str, names: list[str]):
    assert expand(pattern) == names


REFUSED = [
    ("[web\nh", 1),
    ("[web:things]\nh", 1),
    ("[web]\nh x", 2),
    ("[web]\nh x='", 2),
    ("[web]\nweb[1:999999999]", 2),
    ("[web]\nweb[1:300]n[1:300]", 2),
    ("[web]\nweb[3:1]", 2),
    ("[web]\nweb[1:2:0]", 2),
    ("[web]\nweb[1]", 2),
    ("[web]\nweb[01:100]", 2),
    ("[a:children]\nb", 2),
    ("[a:vars]\nx=1", 1),
    ("[a:vars]\nx", 2),
    ("[a:children]\nb\n[b:children]\na", 1),
    ("[a:children]\na", 1),
]


@pytest.mark.parametrize(("text", "line"), REFUSED)
def test_what_makes_no_sense_is_refused_by_line(text: str, line: int):
    with pytest.raises(InvalidInputError) as refused:
        ansible_ini.read(text)
    assert refused.value.problems[0].line == line


HOSTILE = {
    "objects": "all:\n  hosts:\n    a: !!python/object/apply:os.system ['id']",
    "binary": "all:\n  hosts:\n    a: {x: !!binary aGk=}",
    "itself": "all: &a\n  hosts: *a",
    "documents": "all: {}\n---\nall: {}",
    "deep": "a: " + "[" * 5000,
    "deep by aliases": "\n".join(["a0: &a0 [1]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]),
    "bomb": "\n".join(["b0: &b0 [1]", *(f"b{n}: &b{n} [{','.join([f'*b{n - 1}'] * 9)}]" for n in range(1, 30))]),
    "merges": "all:\n  hosts:\n    a: {<<: [1]}",
    "twice": "all:\n  hosts:\n    a: {x: 1, x: 2}",
    "a list": "- a\n- b",
    "a list of hosts": "all:\n  hosts: [a, b]",
    "a text": "hello",
    "nothing": "",
    "another key": "all:\n  host:\n    a:",
    "tabs": "all:\n\thosts:",
    "half": "all: {hosts: {a: {",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_yaml_is_refused(text: str):
    with pytest.raises(InvalidInputError):
        ansible_yaml.read(text)


def test_group_variables_cannot_grow_without_bound():
    text = f"all:\n  vars: {{x: {'y' * 100_000}}}\n  hosts: {{'h[1:2000]': }}"
    with pytest.raises(InvalidInputError, match="MiB"):
        ansible_yaml.read(text)


def test_literals_of_ini_files_never_break_the_reader():
    for value in (
        "(" * 8000,
        "-" * 8000 + "1",
        "[" * 4000 + "]" * 4000,
        "9" * 8000,
        "'a'+" * 1500 + "'a'",
        "b'x'",
        "{1}",
    ):
        found = ansible_ini.read(f"[g]\nh\n[g:vars]\nx={value}")
        assert found.rows[0].fields["variables"] == {"x": value}


def test_own_fields_are_told_by_prefixed_variables():
    text = dedent("""\
        web01 opsconductor_platform=unix opsconductor_tags="['prod']" opsconductor_credential=root tags=mine
        win01 ansible_connection=winrm
    """)
    web01, win01 = ansible_ini.read(text).rows
    assert web01.fields["platform"] == "unix"
    assert (web01.fields["tags"], web01.fields["credential"]) == (["prod"], "root")
    assert web01.fields["variables"] == {"tags": "mine"}
    assert win01.fields["platform"] == "windows"
