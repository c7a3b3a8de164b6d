"""From the state of a fleet to what the demo's CLI commands read; and services to look after on its hosts.

python inventory.py FLEET.json FOLDER writes targets.json, username and key into FOLDER. Every fourth host's
`web.service` is down, and on one host it refuses to start, so that the demo shows a branch and a failure;
with --mend as a third argument it stops refusing.
"""

import json
import os
import sys
from pathlib import Path

UNIT = "web.service"
REFUSAL = "web.service: address already in use\n"


def write_units(home: Path, *, active: bool, refuses: bool) -> None:
    """Put the unit where the fleet's stand-in of systemctl looks for it."""
    units = home / ".units"
    units.mkdir(exist_ok=True)
    (units / UNIT).write_text("active\n" if active else "inactive\n")
    if refuses:
        (units / f"{UNIT}.refuses").write_text(REFUSAL)
    owner = home.stat()
    for path in (units, *units.iterdir()):
        os.chown(path, owner.st_uid, owner.st_gid)


def mend(state: Path) -> None:
    """Let the unit start everywhere."""
    for host in json.loads(state.read_text())["hosts"]:
        Path(host["root"], "home", host["username"], ".units", f"{UNIT}.refuses").unlink(missing_ok=True)


def main(state: Path, folder: Path) -> None:
    """Write everything the demo needs."""
    hosts = json.loads(state.read_text())["hosts"]
    for number, host in enumerate(hosts):
        home = Path(host["root"], "home", host["username"])
        write_units(home, active=number % 4 != 0, refuses=number == len(hosts) - 4)
    targets = [
        {
            "name": host["name"], "address": host["address"], "port": host["port"], "tags": ["web"],
            "host_keys": [host["host_key"]],
        }
        for host in hosts
    ]  # fmt: skip
    (folder / "targets.json").write_text(json.dumps(targets))
    (folder / "username").write_text(hosts[0]["username"] + "\n")
    (folder / "key").write_text(hosts[0]["private_key"])


if __name__ == "__main__":
    if sys.argv[3:] == ["--mend"]:
        mend(Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
