"""Inventories as CSV (RFC 4180), as spreadsheets write and read it.

One line a target. Tags and groups are separated by spaces, host keys by `;`. A column `var.NAME` is a variable: its
cell is JSON where it reads as JSON, and text otherwise. A cell that a spreadsheet would take for a formula has an
apostrophe before it, which reading takes away again.
"""

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

import orjson

from .rows import Export, Inventory, Row, check_size, refusal
from .withheld import is_secret_name, without_secrets

_VARIABLE: Final = "var."
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")
_DELIMITERS: Final = (",", ";", "\t")
_TEXTS: Final = ("name", "address", "platform", "os_version", "zone", "description", "credential", "encoding")


def _words(cell: str) -> list[str]:
    return cell.split()


def _keys(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _number(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < len("1000000") else cell


_READ: Final[dict[str, Callable[[str], Any]]] = {
    **dict.fromkeys(_TEXTS, str), "port": _number, "tags": _words, "groups": _words, "host_keys": _keys,
    "services": lambda cell: _value(cell),
}  # fmt: skip
_ORDER: Final = (
    "name", "address", "port", "platform", "os_version", "zone", "description", "tags", "groups", "credential",
    "host_keys", "encoding", "services",
)  # fmt: skip


def read(text: str) -> Inventory:
    """The targets of a table whose first line names its columns.

    Raises:
        InvalidInputError: It is no such table.
    """
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [_unescaped(cell.strip()) for cell in next(reader, list[str]())]
        _check_columns(columns)
        return Inventory(list(_rows(reader, columns)))
    except csv.Error as error:
        raise refusal(f"is not CSV: {error}", line=reader.line_num) from None


def _check_columns(columns: Sequence[str]) -> None:
    if "name" not in columns:
        raise refusal("has no column `name`", "its first line names the columns, such as name,address,port", line=1)
    for place, column in enumerate(columns):
        if column in columns[:place]:
            raise refusal(f"has the column `{column[:100]}` twice", line=1)
        if column not in _READ and not (column.startswith(_VARIABLE) and column != _VARIABLE):
            near = difflib.get_close_matches(column, _READ, 1)
            hint = f"did you mean {near[0]}?" if near else f"variables are columns named {_VARIABLE}NAME"
            raise refusal(f"has a column `{column[:100]}`, which no target has", hint, line=1)


def _rows(reader: Any, columns: Sequence[str]) -> Iterator[Row]:
    count = 0
    for cells in cast("Iterator[list[str]]", reader):
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        check_size(count)
        if len(cells) > len(columns):
            raise refusal(f"has {len(cells)} cells for {len(columns)} columns", line=reader.line_num)
        yield _row(dict(zip(columns, cells, strict=False)), reader.line_num)


def _row(cells: dict[str, str], line: int) -> Row:
    filled = {column: _unescaped(cell.strip()) for column, cell in cells.items() if cell.strip()}
    fields: dict[str, Any] = {
        column: _READ[column](cell) for column, cell in filled.items() if not column.startswith(_VARIABLE)
    }
    variables = {
        column.removeprefix(_VARIABLE): _value(cell) for column, cell in filled.items() if column.startswith(_VARIABLE)
    }
    kept, withheld = without_secrets(variables)
    if any(column.startswith(_VARIABLE) and not is_secret_name(column.removeprefix(_VARIABLE)) for column in cells):
        fields["variables"] = kept
    return Row(fields.get("name", ""), line, fields, "", withheld)


def _value(cell: str) -> Any:
    try:
        return orjson.loads(cell)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def write(export: Export) -> str:
    """Targets as a table; a column is there when some target has something in it."""
    rows = [_cells(target.fields) for target in export.targets]
    used = {column for row in rows for column in row}
    variables = sorted(column for column in used if column.startswith(_VARIABLE))
    columns = [column for column in _ORDER if column in used or column in ("name", "address")] + variables
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow([_escaped(column) for column in columns])
    writer.writerows([_escaped(row.get(column, "")) for column in columns] for row in rows)
    return output.getvalue()


def _cells(fields: Any) -> dict[str, str]:
    cells = {name: _cell(name, value) for name, value in fields.items() if name != "variables"}
    variables = cast("dict[str, Any]", fields.get("variables", {}))
    return cells | {f"{_VARIABLE}{name}": _variable(value) for name, value in variables.items()}


def _cell(name: str, value: Any) -> str:
    if name in ("tags", "groups"):
        return " ".join(value)
    if name == "host_keys":
        return ";".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _variable(value: Any) -> str:
    if isinstance(value, str) and value == value.strip() and value and _value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _escaped(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
