"""`opsconductor audit`: who did what."""

import json
import re
import sys
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any

import cyclopts
from cyclopts import Parameter

from opsconductor.errors import InvalidInputError, Problem

from .dash import FileOrDash
from .lookup import moment
from .output import JsonOption, console, print_json, print_list
from .run_view import short
from .session import portal

app = cyclopts.App(name="audit", help="Who did what: the log that cannot be changed.")

_COLUMNS = ("at", "event", "who", "what", "source", "facts")
_LONGEST = 60
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BROKEN = 3
"""Exit code when the log is not as it was written."""


@Parameter(name="*")
@dataclass(frozen=True)
class Wanted:
    """Which entries."""

    event: Annotated[str | None, Parameter(help="Such as target.created; target.* for all of that noun.")] = None
    actor: Annotated[str | None, Parameter(help="Only what this user did.")] = None
    kind: Annotated[str | None, Parameter(help="Only what was done to things of this kind, such as job.")] = None
    subject: Annotated[str | None, Parameter(help="Only what was done to the thing with this id.")] = None
    source: Annotated[str | None, Parameter(help="Only what came from this address.")] = None
    request: Annotated[str | None, Parameter(help="Only what this request did.")] = None
    since: Annotated[str | None, Parameter(help="A time, or how long ago: 2026-11-26T08:00, 45m, 12h, 7d.")] = None
    until: Annotated[str | None, Parameter(help="A time, or how long ago; what came later is left out.")] = None

    def query(self, search: str | None) -> dict[str, Any]:
        """As the API takes it."""
        return {
            "q": search,
            "event": self.event,
            "actor_name": self.actor,
            "subject_kind": self.kind,
            "subject_id": self.subject,
            "source": self.source,
            "request_id": self.request,
            "since": moment(self.since, "--since"),
            "until": moment(self.until, "--until"),
        }


_ALL = Wanted()


@app.command(name="list")
def list_(
    search: str | None = None,
    *,
    wanted: Wanted = _ALL,
    last: Annotated[int, Parameter(help="How many entries at most, the newest first.")] = 50,
    json_: JsonOption = False,
) -> None:
    """List entries, the newest first. With --json they are whole: ids, request and hash included.

    Args:
        search: Part of an id, a user's name or the facts.
    """
    query = wanted.query(search)
    with portal() as client:
        found = list(islice(client.pages("/audit", **query, size=max(1, min(last, 500))), max(1, last)))
    empty = "No entry matches." if any(query.values()) else "No entries."
    print_list(found if json_ else map(_row, found), _COLUMNS, as_json=json_, empty=empty)


@app.command
def verify(
    *,
    expect: Annotated[str | None, Parameter(help="ENTRIES:HEAD as an earlier verify printed it.")] = None,
    json_: JsonOption = False,
) -> int:
    """Check that no entry was changed, added or removed by hand; exit code 3 when one was.

    The hash chain shows changes inside the log. To see also whether its end was cut off, keep what this prints and
    give it with --expect the next time.
    """
    count, _, head = (expect or "").partition(":")
    if expect is not None and not (count.isdigit() and head):
        raise InvalidInputError([Problem("--expect", "is not ENTRIES:HEAD", "copy it from an earlier verify")])
    with portal() as client:
        chain = client.get("/audit/chain", **({"entries": int(count), "head": head} if expect else {}))
    if json_:
        print_json(chain)
    elif chain["intact"]:
        console.print(f"Intact: {chain['entries']} entries.", style="green")
        console.print(f"To check the next time: --expect {chain['entries']}:{chain['head']}", soft_wrap=True)
    else:
        broken = f"NOT INTACT: entry {chain['first_break']} is not as it was written, or gone."
        console.print(broken, style="bold red", soft_wrap=True)
    return 0 if chain["intact"] else _BROKEN


@app.command
def export(
    file: FileOrDash,
    *,
    search: str | None = None,
    wanted: Wanted = _ALL,
    csv: Annotated[bool, Parameter(help="CSV instead of JSON lines.")] = False,
) -> None:
    """Write entries to a file, the oldest first.

    Args:
        file: Where to; `-` is standard output.
        search: Part of an id, a user's name or the facts.
    """
    with portal() as client:
        text = client.download("/audit/export", format="csv" if csv else "jsonl", **wanted.query(search))
        if str(file) == "-":
            for piece in text:
                sys.stdout.buffer.write(piece)
            return
        size = 0
        with file.open("wb") as output:
            for piece in text:
                size += output.write(piece)
    console.print(f"Wrote {file}, {size:,} bytes.", soft_wrap=True)


@app.command
def events(*, json_: JsonOption = False) -> None:
    """List the events that the log may hold."""
    with portal() as client:
        print_list(client.get("/audit/events"), ("event", "meaning"), as_json=json_, empty="No events.")


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as people read it: things by their names where the facts tell them, or by the end of their ids."""
    facts = {key: value for key, value in entry["facts"].items() if value not in (None, "", [], {})}
    named = next((key for key in ("name", "username") if facts.get(key)), None)
    thing = facts.pop(named) if named else _cut(entry["subject_id"] or "")
    return {
        **entry,
        "who": entry["actor_name"] or "opsconductor",
        "what": f"{entry['subject_kind']} {thing}".strip(),
        "facts": {key: _cut(value) for key, value in facts.items()},
    }


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if _ID.fullmatch(text):
        return short(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
