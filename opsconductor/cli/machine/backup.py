"""`backup` and `restore`: both databases and all keys in one encrypted file."""

import asyncio
import getpass
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from opsconductor.cli.output import Done, changing
from opsconductor.errors import ConflictError, InvalidInputError, Problem, UnavailableError

from .cluster import Cluster, server_binaries
from .databases import PREFECT_ROLE, SERVICE_ROLE, ensure_databases
from .home import Home, default_root
from .lock import UpLock
from .machine import Machine
from .parts import database_part
from .sealed_file import seal, unseal
from .settings import MachineSettings

HomeOption = Annotated[Path | None, Parameter(help="Folder that holds everything of this machine.")]
PassphraseOption = Annotated[
    Path | None, Parameter(help="File whose first line is the passphrase; asked for when absent.")
]
_KEYS = ("keyring.json", "portal-keys.json", "prefect/auth", "prefect/encryption.key")
_DATABASES = {"opsconductor": SERVICE_ROLE, "prefect": PREFECT_ROLE}
_MINIMUM_PASSPHRASE = 12


class OutsideDatabaseError(ConflictError):
    """The database is somebody else's to back up."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(
            "the database is an outside PostgreSQL (OPSCONDUCTOR_DATABASE_URL): back it up with its own tools, "
            f"and keep copies of {', '.join(_KEYS)} in {machine.home.root} in a safe place"
        )


@changing
def backup(file: Path, *, passphrase_file: PassphraseOption = None, home: HomeOption = None) -> Done:
    """Write everything, keys included, into one encrypted file. Runs go on meanwhile.

    Args:
        file: Where to write it; must not exist.
    """
    place = Home((home or default_root()).absolute())
    if file.exists():
        raise ConflictError(f"{file} exists already; a backup never overwrites one")
    running = UpLock(place.lock).holder()
    if running is None:
        raise ConflictError(f"nothing is running from {place.root}: start it with `opsconductor up` first")
    machine = Machine.plan(place, MachineSettings())
    cluster = _private(machine)
    if running.database_url != machine.addresses.database:
        raise OutsideDatabaseError(machine)
    passphrase = _passphrase(passphrase_file, twice=True)
    with tempfile.TemporaryDirectory(dir=place.root) as folder:
        plain = Path(folder) / "backup.tar"
        _pack(place, cluster, plain)
        new = file.with_name(file.name + ".new")
        try:
            with plain.open("rb") as source, _private_file(new) as target:
                seal(source, target, passphrase)
            machine.run_module("portal.admin", "note-backup", str(file.absolute()), str(new.stat().st_size))
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
    size = file.stat().st_size
    said = f"Wrote {file} ({size:,} bytes). Without its passphrase nobody can open it."
    return Done({"file": str(file.absolute()), "bytes": size}, said)


@changing
def restore(file: Path, *, passphrase_file: PassphraseOption = None, home: HomeOption = None) -> Done:
    """Bring a backup back into a home that is empty. Runs that were under way then end as `unknown`.

    Args:
        file: What `opsconductor backup` wrote.
    """
    place = Home((home or default_root()).absolute())
    if place.cluster.exists() or place.keyring.exists():
        raise ConflictError(
            f"{place.root} holds an installation already. Move it away first (mv {place.root} {place.root}.old), "
            "or give another folder with --home"
        )
    passphrase = _passphrase(passphrase_file, twice=False)
    building = Home(place.root.with_name(place.root.name + ".restoring"))
    shutil.rmtree(building.root, ignore_errors=True)
    machine = Machine.plan(building, MachineSettings())
    machine.make_lock_folder()
    machine.make_folders()
    try:
        _unpack(file, building, machine, passphrase)
        if place.root.exists():
            shutil.rmtree(place.root)
        building.root.rename(place.root)
    except BaseException:
        shutil.rmtree(building.root, ignore_errors=True)
        raise
    return Done({"home": str(place.root)}, f"Restored into {place.root}. Start it with `opsconductor up`.")


def _pack(place: Home, cluster: Cluster, plain: Path) -> None:
    manifest = json.dumps({"made_at": datetime.now(UTC).isoformat(), "databases": sorted(_DATABASES)})
    with tarfile.open(plain, "w") as tar, tempfile.TemporaryDirectory(dir=place.root) as folder:
        for name in _DATABASES:
            dump = Path(folder) / f"{name}.dump"
            _tool("pg_dump", cluster, name, "--format=custom", f"--file={dump}")
            tar.add(dump, f"{name}.dump")
        for key in _KEYS:
            if (place.root / key).exists():
                tar.add(place.root / key, key)
        note = Path(folder) / "manifest.json"
        note.write_text(manifest)
        tar.add(note, "manifest.json")


def _unpack(file: Path, building: Home, machine: Machine, passphrase: str) -> None:
    service = machine.accounts.service
    with tempfile.TemporaryDirectory(dir=building.root) as folder:
        plain = Path(folder) / "backup.tar"
        with file.open("rb") as source, _private_file(plain) as target:
            unseal(source, target, passphrase)
        _extract(plain, Path(folder))
        service.own(building.prefect, 0o700)
        for key in _KEYS:
            source_file = Path(folder) / key
            if source_file.exists():
                shutil.copyfile(source_file, building.root / key)
                (building.root / key).chmod(0o600)
                shutil.chown(building.root / key, service.uid, service.gid)
        asyncio.run(_fill(machine, Path(folder)))


def _extract(plain: Path, folder: Path) -> None:
    """Only what a backup holds, by name: nothing in the file decides where it goes."""
    with tarfile.open(plain) as tar:
        for name in ("manifest.json", *_KEYS, *(f"{database}.dump" for database in _DATABASES)):
            try:
                member = tar.extractfile(name)
            except KeyError:
                continue
            if member is not None:
                (folder / name).parent.mkdir(exist_ok=True)
                with _private_file(folder / name) as target:
                    shutil.copyfileobj(member, target)


async def _fill(machine: Machine, folder: Path) -> None:
    cluster = _private(machine)
    await asyncio.to_thread(cluster.create)
    part = database_part(machine.home, cluster)
    keeper = asyncio.create_task(part.keep(lambda _part, _state: None))
    try:
        await asyncio.wait_for(part.is_ready.wait(), 60)
        await asyncio.to_thread(_restore_databases, cluster, folder)
        made_at = json.loads((folder / "manifest.json").read_text())["made_at"]
        await asyncio.to_thread(machine.run_module, "portal.admin", "settle-restored", made_at)
    finally:
        keeper.cancel()
        await part.stop()


def _restore_databases(cluster: Cluster, folder: Path) -> None:
    ensure_databases(cluster)
    for name, owner in _DATABASES.items():
        _tool("pg_restore", cluster, name, "--exit-on-error", f"--role={owner}", str(folder / f"{name}.dump"))


def _tool(name: str, cluster: Cluster, database: str, *arguments: str) -> None:
    dsn = f"--dbname={cluster.dsn('postgres', database)}"
    done = subprocess.run([str(server_binaries() / name), dsn, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UnavailableError(f"{name} of {database} failed: {done.stderr.strip()[-2000:]}")


def _private(machine: Machine) -> Cluster:
    if machine.cluster is None:
        raise OutsideDatabaseError(machine)
    return machine.cluster


def _private_file(path: Path) -> Any:
    path.touch(mode=0o600, exist_ok=True)
    return path.open("wb")


def _passphrase(file: Path | None, *, twice: bool) -> str:
    ask: Callable[[str], str] = getpass.getpass
    if file is not None:
        text = file.read_text().split("\n", 1)[0]
    elif sys.stdin.isatty():
        text = ask("Passphrase of the backup: ")
        if twice and ask("The same again: ") != text:
            raise InvalidInputError([Problem("passphrase", "the two do not agree")])
    else:
        raise InvalidInputError([Problem("passphrase", "is needed", "give it with --passphrase-file FILE")])
    if twice and len(text) < _MINIMUM_PASSPHRASE:
        raise InvalidInputError([Problem("passphrase", f"must have at least {_MINIMUM_PASSPHRASE} characters")])
    return text
