"""The API's description as one page of plain HTML: no script, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from .schema import Entry, bounds_of, entries_of, words_of

Json = Mapping[str, Any]
_STYLE: Final = Path(__file__).with_name("page.css").read_text()
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_SIGN_IN: Final = """curl -s {address}/api/v1/auth/login -H 'Content-Type: application/json' \\
     -d '{{"username": "admin", "password": "…"}}'            # answers access_token
curl -s {address}/api/v1/runs -H "Authorization: Bearer $TOKEN\""""


class Operation(NamedTuple):
    """A method of a path."""

    method: str
    path: str
    described: Json

    @property
    def group(self) -> str:
        return str((self.described.get("tags") or ["other"])[0])


def operations_of(description: Json) -> list[Operation]:
    """Every operation, group by group."""
    found = [
        Operation(method.upper(), path, described)
        for path, methods in description["paths"].items()
        for method, described in methods.items()
    ]
    return sorted(found, key=lambda operation: operation.group)


def render(description: Json, address: str) -> str:
    """The page.

    Args:
        description: An OpenAPI document.
        address: Where people reach the portal.
    """
    schemas = description.get("components", {}).get("schemas", {})
    groups = [(name, list(each)) for name, each in groupby(operations_of(description), key=lambda one: one.group)]
    links = "".join(f'<li><a href="#{escape(name)}">{escape(name)}</a></li>' for name, _ in groups)
    sections = "".join(_section(name, each, schemas) for name, each in groups)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>OpsConductor API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><nav><strong>OpsConductor API</strong><ul>{links}</ul></nav><main>"
        f"<h1>API</h1>{_introduction(address)}{sections}</main></body></html>"
    )


def _introduction(address: str) -> str:
    return (
        "<p>Sign in, then send the access token with every request. A refusal is a "
        "<code>application/problem+json</code> document that says what was wrong and where. For programs the same "
        'description is <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
        f"<pre>{escape(_SIGN_IN.format(address=address))}</pre>"
    )


def _section(name: str, operations: Iterable[Operation], schemas: Mapping[str, Json]) -> str:
    blocks = "".join(_operation(operation, schemas) for operation in operations)
    return f'<section id="{escape(name)}"><h2>{escape(name)}</h2>{blocks}</section>'


def _operation(operation: Operation, schemas: Mapping[str, Json]) -> str:
    described = operation.described
    text = str(described.get("description") or described.get("summary") or "")
    first, _, rest = text.partition("\n")
    parts = [f"<p>{escape(rest.strip())}</p>" if rest.strip() else ""]
    parts.append(_table("Parameters", _parameters(described)))
    body = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body is not None:
        parts.append(_table(f"Body: {words_of(body)}", entries_of(body, schemas)))
    parts.append(_answers(described))
    return (
        f'<details><summary><b class="{operation.method.lower()}">{operation.method}</b> '
        f"<code>{escape(operation.path)}</code> <span>{escape(first)}</span></summary>{''.join(parts)}</details>"
    )


def _parameters(described: Json) -> Iterator[Entry]:
    for each in described.get("parameters", ()):
        schema = each["schema"]
        yield Entry(
            each["name"], each["in"], words_of(schema), each.get("required", False), each.get("description", ""),
            bounds_of(schema),
        )  # fmt: skip


def _table(title: str, entries: Iterable[Entry]) -> str:
    rows = "".join(_row(entry) for entry in entries)
    return f"<h3>{escape(title)}</h3><table>{rows}</table>" if rows else ""


def _row(entry: Entry) -> str:
    place = f" <small>{escape(entry.place)}</small>" if entry.place else ""
    must = " <em>required</em>" if entry.required else ""
    said = " ".join(part for part in (entry.description, f"({entry.bounds})" if entry.bounds else "") if part)
    return (
        f"<tr><th><code>{escape(entry.name)}</code>{place}</th><td>{escape(entry.type)}{must}</td>"
        f"<td>{escape(said)}</td></tr>"
    )


def _answers(described: Json) -> str:
    rows: list[str] = []
    for status, answer in sorted(described.get("responses", {}).items()):
        kinds = [words_of(content["schema"]) for content in answer.get("content", {}).values() if content.get("schema")]
        if "$ref" in answer:
            kinds = [answer["$ref"].rpartition("/")[2]]
        rows.append(f"<tr><th>{escape(status)}</th><td>{escape(', '.join(kinds) or 'nothing')}</td></tr>")
    return f"<h3>Answers</h3><table>{''.join(rows)}</table>"
