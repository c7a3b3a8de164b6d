"""What a measurement came to: one row, for people and for bench.json."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure beside its peer, measured in the same run.

    Attributes:
        name: What was measured, with its unit.
        ours: Our figure.
        peer: The peer's figure; None where the goal is an absolute one.
        peer_name: Who the peer is.
        ratio: What the goal is about: ours by peer or peer by ours, as `goal` says; ours where there is no peer.
        goal: The goal in words.
        met: Whether it was reached.
        note: What else was seen.
    """

    name: str
    ours: float
    peer: float | None
    peer_name: str
    ratio: float
    goal: str
    met: bool
    note: str = ""

    @classmethod
    def at_most(cls, name: str, ours: float, goal: float, note: str = "") -> "Row":
        """An absolute goal."""
        return cls(name, ours, None, "", ours, f"≤ {goal:g}", ours <= goal, note)

    @classmethod
    def slower_at_most(cls, name: str, ours: float, peer: float, peer_name: str, goal: float, note: str = "") -> "Row":
        """Ours may take at most `goal` times as long as the peer."""
        return cls(name, ours, peer, peer_name, ours / peer, f"ours/peer ≤ {goal:g}", ours / peer <= goal, note)

    @classmethod
    def faster_at_least(cls, name: str, ours: float, peer: float, peer_name: str, goal: float, note: str = "") -> "Row":
        """The peer must take at least `goal` times as long as ours."""
        return cls(name, ours, peer, peer_name, peer / ours, f"peer/ours ≥ {goal:g}", peer / ours >= goal, note)


def print_rows(rows: Iterable[Row]) -> None:
    """The table for people."""
    table = Table("measured", "ours", "peer", "", "ratio", "goal", "met", "note")
    for row in rows:
        peer = "" if row.peer is None else f"{row.peer:.3g}"
        met = "[green]yes[/green]" if row.met else "[red]no[/red]"
        table.add_row(row.name, f"{row.ours:.3g}", peer, row.peer_name, f"{row.ratio:.3g}", row.goal, met, row.note)
    Console(width=160).print(table)


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows for programs."""
    return [asdict(row) for row in rows]
