"""The places of an installation where a secret could leave a trace, each as bytes to look through."""

import base64
import io
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import zstandard

from opsconductor.cli.machine.cluster import server_binaries
from opsconductor.cli.machine.sealed_file import unseal
from opsconductor.client import PortalClient, PortalProblemError
from tests.fixtures.machine import Installation

DATABASES = ("opsconductor", "prefect")
PASSPHRASE = "correct horse battery staple"
KEYS = ("keyring.json", "portal-keys.json", "prefect/auth", "prefect/encryption.key")
PREFECT_PAGE = 200
PAGE_BYTES = 8192
_FRAME = re.compile(rb"28b52ffd[0-9a-f]{8,}")

Place = tuple[str, bytes]


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value, as it is before anything is escaped."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)


def as_bytes(value: Any) -> bytes:
    """A JSON value as it travels and, after it, its texts in the clear."""
    return "\n".join([json.dumps(value), *texts_of(value)]).encode("utf-8", "replace")


def opened(dump: bytes) -> bytes:
    """A dump with the compressed outputs in it opened, and without the escapes of COPY and JSON."""
    frames = [bytes.fromhex(found.decode()) for found in _FRAME.findall(dump)]
    outputs = [zstandard.ZstdDecompressor().decompress(frame) for frame in frames]
    return b"\n".join([dump, re.sub(rb"\\+n", b"\n", dump).replace(b"\\", b""), *outputs])


@dataclass(frozen=True)
class Places:
    """The places of one installation."""

    machine: Installation
    client: PortalClient

    def databases(self) -> Iterator[Place]:
        """Both databases as SQL text."""
        for name in DATABASES:
            yield f"database {name}", opened(_output("pg_dump", f"--dbname={self._dsn(name)}"))

    def backup(self) -> Iterator[Place]:
        """A backup as it lies there, and what is in it once opened, but for the keys."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "backup")
            self.machine.run("backup", str(file), "--passphrase-file", self.machine.secret_file(PASSPHRASE))
            yield "backup", file.read_bytes()
            plain = io.BytesIO()
            with file.open("rb") as sealed:
                unseal(sealed, plain, PASSPHRASE)
            plain.seek(0)
            with tarfile.open(fileobj=plain) as tar:
                assert {*KEYS} < {*tar.getnames()}
                for name in DATABASES:
                    dump = Path(folder, f"{name}.dump")
                    dump.write_bytes(_member(tar, dump.name))
                    yield f"backup of {name}", opened(_output("pg_restore", "--file=-", str(dump)))
                yield "backup manifest", _member(tar, "manifest.json")

    def files(self, folder: str = ".") -> Iterator[Place]:
        """Every file of the home but the keys: logs, working folders, PostgreSQL's own files."""
        home = self.machine.home
        pages: set[bytes] = set()
        for path in sorted((home / folder).rglob("*")):
            name = str(path.relative_to(home))
            if name in KEYS or not path.is_file() or path.is_symlink():
                continue
            with suppress(FileNotFoundError):  # PostgreSQL comes and goes with some
                data = path.read_bytes()
                if path.is_relative_to(home / "postgres"):
                    data = _new_pages(data, pages)
                yield f"file {name}", data

    def portal(self, run_id: str) -> Iterator[Place]:
        """What the portal's API tells of a run, of credentials, and of what was done."""
        client = self.client
        for path in ("/credentials", "/targets", "/jobs", "/runs", "/audit"):
            yield f"API {path}", as_bytes(list(client.pages(path, size=500)))
        for part in ("", "/matrix", "/events"):
            yield f"API /runs{part}", as_bytes(client.get(f"/runs/{run_id}{part}"))
        yield "API /runs/events, live", as_bytes(list(client.events(run_id)))
        for target in [-1, *(row["ord"] for row in client.pages(f"/runs/{run_id}/targets"))]:
            attempts = client.get(f"/runs/{run_id}/targets/{target}/steps")
            yield "API steps", as_bytes(attempts)
            yield from self._outputs(run_id, target, attempts)

    def _outputs(self, run_id: str, target: int, attempts: list[dict[str, Any]]) -> Iterator[Place]:
        for row in attempts:
            path = f"/runs/{run_id}/targets/{target}/steps/{row['step_ord']}/attempts/{row['attempt']}/output"
            with suppress(PortalProblemError):  # 404: it printed nothing
                yield f"API output of {row['step']}", as_bytes(self.client.get(path))

    def prefect(self) -> Iterator[Place]:
        """What Prefect's API tells, block documents with their secrets included."""
        flow_runs = self.prefect_all("flow_runs", {"sort": "START_TIME_DESC"})
        task_runs = self.prefect_all("task_runs", {})
        yield "Prefect flow runs", as_bytes(flow_runs)
        yield "Prefect task runs", as_bytes(task_runs)
        for run in flow_runs:
            yield "Prefect states", as_bytes(self.ask_prefect(f"/flow_run_states/?flow_run_id={run['id']}"))
        for kind in ("flows", "deployments", "logs", "artifacts", "variables"):
            yield f"Prefect {kind}", as_bytes(self.prefect_all(kind, {}))
        yield "Prefect block documents", as_bytes(self.block_documents())
        page = self.ask_prefect("/events/filter", {"limit": 50})
        while page["events"]:
            yield "Prefect events", as_bytes(page["events"])
            if not page["next_page"]:
                break
            page = self.ask_prefect(page["next_page"].split("/api", 1)[1])

    def block_documents(self) -> list[dict[str, Any]]:
        return self.prefect_all("block_documents", {"include_secrets": True})

    def prefect_all(self, kind: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All objects of a kind."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask_prefect(f"/{kind}/filter", {**query, "limit": PREFECT_PAGE, "offset": len(found)})
            found += page
            if len(page) < PREFECT_PAGE:
                return found

    def connect(self, database: str) -> psycopg.Connection:
        """A database, as its superuser."""
        return psycopg.connect(self._dsn(database))

    def _dsn(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.machine.home / 'run'}"

    def ask_prefect(
        self, path: str, body: Mapping[str, Any] | None = None, *, method: str | None = None, signed_in: bool = True
    ) -> Any:
        """Prefect's own API, past the portal."""
        request = Request(f"http://127.0.0.1:{self.machine.prefect_port}/api{path}", method=method)
        request.add_header("Content-Type", "application/json")
        if signed_in:
            auth = (self.machine.home / "prefect" / "auth").read_bytes().strip()
            request.add_header("Authorization", f"Basic {base64.b64encode(auth).decode()}")
        request.data = None if body is None else json.dumps(body).encode()
        with urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def prefect_status(self, path: str, body: Mapping[str, Any]) -> int:
        """How Prefect answers somebody who does not know its auth string."""
        try:
            self.ask_prefect(path, body, signed_in=False)
        except HTTPError as error:
            with error:
                return error.code
        return 200


def _new_pages(data: bytes, known: set[bytes]) -> bytes:
    """The pages that no earlier file has: those of the catalogues are the same in every database."""
    pages = dict.fromkeys(data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES))
    new = [page for page in pages if page not in known]
    known.update(new)
    return b"".join(new)


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    assert file is not None
    return file.read()


def _output(program: str, *arguments: str) -> bytes:
    return subprocess.run([server_binaries() / program, *arguments], capture_output=True, check=True).stdout


@dataclass
class ProcessWatch:
    """Reads command line and environment of every process of the machine, again and again, in a thread.

    Attributes:
        seen: What was read, each once.
        pids: Whose.
    """

    seen: set[bytes] = field(default_factory=set)
    pids: set[int] = field(default_factory=set)
    _over: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def __enter__(self) -> "ProcessWatch":
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        assert self._thread is not None
        self._thread.join()

    def read(self) -> None:
        """Read every process once."""
        for entry in Path("/proc").glob("[0-9]*"):
            for name in ("cmdline", "environ"):
                with suppress(OSError):
                    self.seen.add((entry / name).read_bytes())
                    self.pids.add(int(entry.name))

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self.read()

    def places(self) -> Iterator[Place]:
        yield "/proc", b"\n".join(self.seen)
