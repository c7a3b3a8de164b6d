#!/usr/bin/env python3
"""A fleet of real OpenSSH hosts on one machine, for demo, tests and measurements.

    python3 deploy/fleet.py up --hosts 20 --state fleet.json
    python3 deploy/fleet.py down --state fleet.json

Every host is an sshd of its own with a host key, address, host name, users, homes, /tmp and process table of its
own: namespaces of network, mounts, processes and names. The machine's own users and files are not touched, and
nothing listens outside: the hosts live behind a private link that ends with the fleet. What a host's users see as
/home, /root and /srv lies in `DIR/<host>/…`, so that what really happened on a host can be read from outside.

Users, on every host: `ops` (/bin/sh, sudo with password), `bash` (/bin/bash, the same), `admin` (/bin/sh, sudo
without password), `guest` (/bin/sh, no sudo), `root`. All of them take the fleet's password and the fleet's key;
none has rc files.

Needs root, Linux, OpenSSH's server and iproute2; only the standard library of Python.
"""

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

PREFIX = "opsf"
PORT = 22
START_SECONDS = 60.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USERS = {"root": 0, "ops": 20001, "bash": 20002, "admin": 20003, "guest": 20004}
PASSWORD_ACCOUNTS = ("nobody", "sshd")

SSHD_CONFIG = """\
ListenAddress {address}:{port}
HostKey /run/host/host_key
AuthorizedKeysFile /run/host/authorized_keys
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin yes
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
PidFile none
Subsystem sftp internal-sftp
SetEnv PATH=/run/host/bin:{path}
"""
DEFAULT_OPTIONS = ("MaxStartups 1000",)

SUDOERS = f"""\
Defaults secure_path="/run/host/bin:{PATH}"
Defaults lecture=never
root ALL=(ALL:ALL) ALL
ops ALL=(ALL:ALL) ALL
bash ALL=(ALL:ALL) ALL
admin ALL=(ALL:ALL) NOPASSWD: ALL
"""

# Runs as the first process of a host: its own /run, /home, /root, /srv, /tmp and /etc, then sshd.
# `cd` keeps a hold on the host's folder, which may itself lie below what gets covered. /etc is covered whole: a mount
# on /etc/passwd itself falls off when a `useradd` on this machine renames a new file over it.
BOOT = """\
set -e
cd "$1"
hostname "$2"
mount -t tmpfs -o mode=755 fleet /run
mkdir -p /run/sshd /run/host
mount --bind . /run/host
cd /
for name in home root srv; do mount --bind "/run/host/$name" "/$name"; done
mkdir /run/etc
cp -a /etc/. /run/etc
for name in passwd shadow group hosts sudoers; do
    : >>"/run/etc/$name"
    mount --bind "/run/host/etc/$name" "/run/etc/$name"
done
mount --rbind /run/etc /etc
mount -t tmpfs -o mode=1777 fleet /tmp
umask 022
exec "$3" -D -e -f /run/host/sshd_config
"""


class FleetError(Exception):
    """The fleet cannot be made; the message says why."""


@dataclass(frozen=True)
class FleetHost:
    """One host.

    Attributes:
        name: Host name, `web001` and so on.
        address: IPv4 address.
        port: Port of sshd.
        username: Login of the ordinary test user.
        password: Password of every user.
        private_key: OpenSSH text of the key that every user accepts.
        private_key_path: The same, as a file.
        host_key: The host's public key, `ssh-ed25519 AAAA…`.
        root: Folder that holds the host's `home/`, `root/` and `srv/` as seen from outside.
    """

    name: str
    address: str
    port: int
    username: str
    password: str
    private_key: str
    private_key_path: str
    host_key: str
    root: str

    @property
    def home(self) -> Path:
        """Home folder of the ordinary test user, as seen from outside."""
        return Path(self.root, "home", self.username)


@dataclass(frozen=True)
class Fleet:
    """A running fleet.

    Attributes:
        namespace: Name of its network namespace; its processes are those in there.
        link: Name of the network link that leads to it.
        directory: Where its files are.
        hosts: The hosts.
    """

    namespace: str
    link: str
    directory: str
    hosts: tuple[FleetHost, ...] = field(default=())

    def write(self, path: Path) -> None:
        """Write the fleet to a file that only root can read."""
        text = json.dumps(asdict(self), indent=1)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text + "\n")

    @classmethod
    def read(cls, path: Path) -> "Fleet":
        """Read a fleet from the file that `write` wrote."""
        data = json.loads(path.read_text())
        hosts = tuple(FleetHost(**host) for host in data.pop("hosts"))
        return cls(**data, hosts=hosts)


def _run(*argv: str, text: str | None = None) -> str:
    done = subprocess.run(argv, input=text, capture_output=True, text=True)
    if done.returncode:
        raise FleetError(f"`{' '.join(argv)[:200]}` failed: {done.stderr.strip() or done.returncode}")
    return done.stdout


def require_machine() -> str:
    """Check what the fleet needs; returns the path of sshd."""
    if os.geteuid() != 0:
        raise FleetError("the fleet of test hosts needs root: it makes network and process namespaces")
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    missing = [name for name in ("ip", "unshare", "ssh-keygen", "perl") if not shutil.which(name)]
    if not sshd or missing:
        raise FleetError(f"not installed: {', '.join(missing + ([] if sshd else ['sshd (openssh-server)']))}")
    return sshd


def hash_password(password: str) -> str:
    """The password as /etc/shadow keeps it. Few rounds: it guards nothing, and logins are measured."""
    script = 'print crypt(<STDIN>, "\\$6\\$rounds=1000\\$" . $ARGV[0] . "\\$")'
    return _run("perl", "-e", script, secrets.token_hex(8), text=password)


# ── network ──────────────────────────────────────────────────────────────────────────────────────────────────────


def free_block() -> IPv4Network:
    """A private network of 2048 addresses that nothing on this machine routes to."""
    words = _run("ip", "-4", "route", "show", "table", "all").split()
    taken = [network for word in words if (network := _network(word))]
    blocks = list(IPv4Network("10.128.0.0/9").subnets(new_prefix=21))
    random.shuffle(blocks)
    for block in blocks:
        if not any(block.overlaps(network) for network in taken):
            return block
    raise FleetError("no private network is free on this machine")


def _network(word: str) -> IPv4Network | None:
    try:
        network = IPv4Network(word, strict=False)
    except ValueError:
        return None
    return network if network.prefixlen else None


def make_network(namespace: str, link: str) -> Iterator[IPv4Address]:
    """Make the namespace and the link to it; returns the addresses for hosts.

    All host addresses are local to the namespace by one route, and lie behind one next hop: no list of addresses
    and no neighbour table grows with the fleet.
    """
    near, far = free_block().subnets(new_prefix=22)
    _run("ip", "netns", "add", namespace)
    _run("ip", "link", "add", link, "type", "veth", "peer", "name", "fleet0", "netns", namespace)
    _run("ip", "address", "add", f"{near[1]}/30", "dev", link)
    _run("ip", "link", "set", link, "up")
    inside = [
        f"address add {near[2]}/30 dev fleet0",
        "link set fleet0 up",
        "link set lo up",
        f"route add local {far} dev lo",
    ]
    _run("ip", "-netns", namespace, "-batch", "-", text="\n".join(inside) + "\n")
    _run("ip", "route", "add", str(far), "via", str(near[2]))
    return far.hosts()


def _drop_network(namespace: str, link: str) -> None:
    for argv in (["ip", "link", "delete", link], ["ip", "netns", "delete", namespace]):
        subprocess.run(argv, capture_output=True)


# ── hosts ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Blueprint:
    """What all hosts of a fleet share."""

    namespace: str
    sshd: str
    password: str
    password_hash: str
    private_key_path: Path
    options: tuple[str, ...]
    systemctl: Path | None
    shared_host_key: Path | None


def write_accounts(etc: Path, name: str, password_hash: str) -> None:
    """Account files of one host: its users, and the machine's accounts that sshd itself needs."""
    etc.mkdir()
    system = [line for line in Path("/etc/passwd").read_text().splitlines() if line.split(":")[0] in PASSWORD_ACCOUNTS]
    users = [
        f"{user}:x:{uid}:{uid}::{'/root' if user == 'root' else f'/home/{user}'}:"
        f"{'/bin/bash' if user == 'bash' else '/bin/sh'}"
        for user, uid in USERS.items()
    ]
    groups = [line for line in Path("/etc/group").read_text().splitlines() if not line.startswith("root:")]
    (etc / "passwd").write_text("\n".join([*users, *system]) + "\n")
    (etc / "group").write_text("\n".join([*groups, *(f"{user}:x:{uid}:" for user, uid in USERS.items())]) + "\n")
    (etc / "shadow").write_text("".join(f"{user}:{password_hash}:19000:0:99999:7:::\n" for user in USERS))
    (etc / "shadow").chmod(0o600)
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n")
    (etc / "sudoers").write_text(SUDOERS)
    (etc / "sudoers").chmod(0o440)


def _write_homes(root: Path) -> None:
    for folder in (root / "home", root / "srv", root / "bin"):
        folder.mkdir()
    (root / "root").mkdir(mode=0o700)
    (root / "srv").chmod(0o1777)
    for user, uid in USERS.items():
        if uid:
            home = root / "home" / user
            home.mkdir(mode=0o750)
            os.chown(home, uid, uid)


def write_host(root: Path, name: str, address: str, blueprint: Blueprint) -> None:
    """Write all files of one host."""
    root.mkdir()
    write_accounts(root / "etc", name, blueprint.password_hash)
    _write_homes(root)
    key = root / "host_key"
    if blueprint.shared_host_key:
        shutil.copyfile(blueprint.shared_host_key, key)
        shutil.copyfile(f"{blueprint.shared_host_key}.pub", f"{key}.pub")
        key.chmod(0o600)
    else:
        _make_key(key, name)
    shutil.copyfile(f"{blueprint.private_key_path}.pub", root / "authorized_keys")
    settings = SSHD_CONFIG.format(address=address, port=PORT, path=PATH)
    (root / "sshd_config").write_text("\n".join((*blueprint.options, settings)))
    if blueprint.systemctl:
        shutil.copyfile(blueprint.systemctl, root / "bin" / "systemctl")
        (root / "bin" / "systemctl").chmod(0o755)


def _make_key(path: Path, comment: str) -> None:
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))


def boot(root: Path, name: str, blueprint: Blueprint) -> None:
    """Start a host; it goes on when this process ends."""
    with (root / "sshd.log").open("ab") as log:
        subprocess.run(
            ["setsid", "--fork", "nsenter", f"--net=/run/netns/{blueprint.namespace}"]
            + ["unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc"]
            + ["/bin/sh", "-c", BOOT, "boot", str(root), name, blueprint.sshd],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
            env={"PATH": PATH},
        )


def make_host(number: int, address: IPv4Address, directory: Path, blueprint: Blueprint) -> FleetHost:
    """Write and start one host."""
    name = f"web{number:03}"
    root = directory / name
    write_host(root, name, str(address), blueprint)
    boot(root, name, blueprint)
    return FleetHost(
        name=name,
        address=str(address),
        port=PORT,
        username="ops",
        password=blueprint.password,
        private_key=blueprint.private_key_path.read_text(),
        private_key_path=str(blueprint.private_key_path),
        host_key=" ".join((root / "host_key.pub").read_text().split()[:2]),
        root=str(root),
    )


def wait_for_host(host: FleetHost, deadline: float) -> None:
    """Wait until sshd greets."""
    while True:
        try:
            with socket.create_connection((host.address, host.port), timeout=5) as connection:
                if connection.recv(4) == b"SSH-":
                    return
        except OSError:
            pass
        if time.monotonic() > deadline:
            log = Path(host.root, "sshd.log").read_text(errors="replace")[-500:]
            raise FleetError(f"{host.name} ({host.address}) does not answer: {log or 'its log is empty'}")
        time.sleep(0.02)


# ── the fleet ────────────────────────────────────────────────────────────────────────────────────────────────────


def up(
    hosts: int,
    directory: Path,
    *,
    password: str | None = None,
    options: Sequence[str] = DEFAULT_OPTIONS,
    systemctl: Path | None = None,
    shared_key: bool = False,
    bound: bool = False,
) -> Fleet:
    """Make and start a fleet.

    Args:
        hosts: How many, up to 1,000.
        directory: Its files; made, must not hold another fleet.
        password: Password of all users; a random one when absent.
        options: Lines for sshd_config that come before ours; sshd takes the first of a kind.
        systemctl: Program that answers as `systemctl` on the hosts: there is no systemd on them.
        shared_key: One host key for all, for measurements of many hosts.
        bound: It belongs to this process: should that be killed, the next `up` on the machine removes the fleet.

    Raises:
        FleetError: Not root, something is not installed, or a host does not start.
    """
    sshd = require_machine()
    if not 1 <= hosts <= 1000:
        raise FleetError("a fleet has 1 to 1,000 hosts")
    sweep()
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise FleetError(f"{directory} is not empty; `down` removes a fleet and its folder")
    mark = secrets.token_hex(3)
    owner = os.getpid() if bound else 0
    fleet = Fleet(f"{PREFIX}-{owner}-{mark}", f"{PREFIX}{mark}", str(directory.resolve()))
    try:
        addresses = make_network(fleet.namespace, fleet.link)
        password = password or secrets.token_urlsafe(12)
        key = directory / "client_key"
        _make_key(key, "fleet")
        host_key = directory / "shared_host_key" if shared_key else None
        if host_key:
            _make_key(host_key, "fleet")
        blueprint = Blueprint(
            fleet.namespace, sshd, password, hash_password(password), key, tuple(options), systemctl, host_key
        )
        made = [make_host(number, next(addresses), directory, blueprint) for number in range(1, hosts + 1)]
        deadline = time.monotonic() + START_SECONDS
        for host in made:
            wait_for_host(host, deadline)
    except BaseException:
        down(fleet)
        raise
    return Fleet(fleet.namespace, fleet.link, fleet.directory, tuple(made))


def down(fleet: Fleet) -> None:
    """End a fleet: its processes, its network and its files. May be repeated."""
    end_processes(fleet.namespace)
    _drop_network(fleet.namespace, fleet.link)
    shutil.rmtree(fleet.directory, ignore_errors=True)


def end_processes(namespace: str) -> None:
    """Kill what runs inside the fleet's own network namespace, and nothing else."""
    if not Path("/run/netns", namespace).exists():
        return
    while True:
        pids = [int(word) for word in _run("ip", "netns", "pids", namespace).split()]
        if not pids:
            return
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)


def sweep() -> None:
    """Remove fleets that belonged to a process that is gone."""
    for namespace in Path("/run/netns").glob(f"{PREFIX}-[1-9]*-*"):
        _, owner, mark = namespace.name.split("-")
        if not Path("/proc", owner).exists():
            end_processes(namespace.name)
            _drop_network(namespace.name, f"{PREFIX}{mark}")


def _read_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A fleet of real OpenSSH hosts on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="start a fleet; one that the state file already holds is ended first")
    start.add_argument("--hosts", type=int, default=20)
    start.add_argument("--state", type=Path, required=True, help="file to write: addresses, logins, keys")
    start.add_argument("--dir", type=Path, help="folder for its files; default: STATE.d")
    start.add_argument("--password", help="password of all users; default: a random one")
    start.add_argument("--systemctl", type=Path, help="program that answers as systemctl on the hosts")
    start.add_argument("--option", action="append", default=[], help="further line for sshd_config")
    start.add_argument("--shared-key", action="store_true", help="one host key for all hosts")
    stop = commands.add_parser("down", help="end the fleet of a state file")
    stop.add_argument("--state", type=Path, required=True)
    return parser.parse_args(words)


def end_recorded(state: Path) -> None:
    """End the fleet of a state file, if there is one."""
    if state.exists():
        down(Fleet.read(state))
        state.unlink()


def main(words: Sequence[str] | None = None) -> int:
    """Entry point of the script."""
    arguments = _read_arguments(words)
    try:
        require_machine()
        end_recorded(arguments.state)
        if arguments.command == "up":
            fleet = up(
                arguments.hosts,
                arguments.dir or Path(f"{arguments.state}.d"),
                password=arguments.password,
                options=(*DEFAULT_OPTIONS, *arguments.option),
                systemctl=arguments.systemctl,
                shared_key=arguments.shared_key,
            )
            fleet.write(arguments.state)
            sys.stdout.write(
                f"{len(fleet.hosts)} hosts: {fleet.hosts[0].address} to {fleet.hosts[-1].address}, port {PORT}\n"
            )
    except FleetError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
