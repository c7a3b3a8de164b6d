"""Advisory locks of PostgreSQL are numbers that all rooms share: each must be used for one purpose only."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = re.compile(r"^_?[A-Z_]*LOCK\b.*?= ([0-9_]+)$", re.MULTILINE)


def test_no_two_rooms_share_an_advisory_lock() -> None:
    found = [
        (int(number.replace("_", "")), path.name)
        for room in ("flows", "portal")
        for path in sorted((ROOT / room).rglob("*.py"))
        for number in LOCK.findall(path.read_text())
    ]
    assert len(found) >= 3
    assert len({number for number, _ in found}) == len(found), sorted(found)
