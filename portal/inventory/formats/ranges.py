"""Host ranges of Ansible: `web[01:20].example.org`, `db[a:f]`, `n[1:9:2]`."""

import re
import string
from collections.abc import Iterator
from typing import Final

from .rows import MAX_ROWS, refusal

_RANGE: Final = re.compile(r"\[([^\[\]]*)\]")
_PORT: Final = re.compile(r"^(?P<host>\[[^\]]+\]|(?:[^:\[\]]|\[[^\[\]]*\])+):(?P<port>[0-9]{1,5})$")
_MAX_RANGES: Final = 8
_DIGITS: Final = 9


def split_port(pattern: str) -> tuple[str, int | None]:
    """`web01:2222` → the host and the port; an IPv6 address stands in brackets when it has one."""
    found = _PORT.match(pattern)
    if found is None:
        return pattern, None
    host = found["host"]
    if host.startswith("[") and ":" in host and host.count(":") > 2:  # an address, not a range
        host = host[1:-1]
    return host, int(found["port"])


def expand(pattern: str, line: int | None = None) -> list[str]:
    """Every host that a pattern names, in order.

    Raises:
        InvalidInputError: A range is none, or they name too many hosts.
    """
    if "[" not in pattern:
        return [pattern]
    pieces = _RANGE.split(pattern)  # text, range, text, range, text …
    if len(pieces) == 1 or len(pieces) > 2 * _MAX_RANGES or any("[" in text or "]" in text for text in pieces[::2]):
        raise refusal(f"`{pattern[:100]}` is no host range", "write it as web[01:20].example.org", line=line)
    names = [pieces[0]]
    for bounds, text in zip(pieces[1::2], pieces[2::2], strict=True):
        values = list(_values(bounds, line))
        if len(names) * len(values) > MAX_ROWS:
            raise refusal(f"`{pattern[:100]}` names more than {MAX_ROWS:,} hosts", "narrow its ranges", line=line)
        names = [f"{name}{value}{text}" for name in names for value in values]
    return names


def _values(bounds: str, line: int | None) -> Iterator[str]:
    parts = bounds.split(":")
    if len(parts) not in (2, 3) or not parts[1]:
        raise refusal(f"the range [{bounds[:100]}] has no begin and end", "write it as [01:20] or [a:f]", line=line)
    first, last, step = parts[0] or "0", parts[1], parts[2] if len(parts) == 3 else "1"
    if not _is_number(step) or int(step) < 1:
        raise refusal(f"the step of the range [{bounds[:100]}] is no number above 0", line=line)
    letters = string.ascii_letters
    if len(first) == len(last) == 1 and first in letters and last in letters:
        begin, end = letters.index(first), letters.index(last)
        _check_order(begin, end, bounds, line)
        return iter(letters[begin : end + 1 : int(step)])
    if not (_is_number(first) and _is_number(last)):
        raise refusal(f"the range [{bounds[:100]}] goes neither over numbers nor over letters", line=line)
    width = len(first) if first.startswith("0") and len(first) > 1 else 0
    if width and width != len(last):
        raise refusal(f"begin and end of the range [{bounds[:100]}] are of different length", line=line)
    _check_order(int(first), int(last), bounds, line)
    return (str(number).zfill(width) for number in _numbers(int(first), int(last), int(step), line))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _check_order(begin: int, end: int, bounds: str, line: int | None) -> None:
    if begin > end:
        raise refusal(f"the range [{bounds[:100]}] ends before it begins", line=line)


def _numbers(first: int, last: int, step: int, line: int | None) -> range:
    numbers = range(first, last + 1, step)
    if len(numbers) > MAX_ROWS:
        raise refusal(f"a range names more than {MAX_ROWS:,} hosts", "narrow it", line=line)
    return numbers
